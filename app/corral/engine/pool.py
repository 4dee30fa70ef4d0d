"""Which loaded models are in use, and which of them go when nobody uses them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import isinf
from typing import TYPE_CHECKING

from corral.engine.limits import Limits

if TYPE_CHECKING:
    from corral.engine.protocol import AnyEngine, AnyRunner

# What Ollama allows at once for each GPU, or on a machine without one.
MODELS_PER_DEVICE = 3


class Pool:
    """Counts users, unloads what was idle for its time, and picks what gives way to another model.

    Thread: the event loop's.
    """

    def __init__(self, engine: AnyEngine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._users: Counter[AnyRunner] = Counter()
        self._order: list[AnyRunner] = []  # used longest ago first
        self._timers: dict[AnyRunner, asyncio.TimerHandle] = {}
        self._unloading: set[asyncio.Task[None]] = set()
        self._released = asyncio.Event()

    def is_used(self, runner: AnyRunner) -> bool:
        """Whether somebody works with it."""
        return self._users[runner] > 0

    def most_loaded(self, n_gpus: int) -> int:
        """Return how many models may be loaded at once on a machine with so many GPUs."""
        return self._limits.max_loaded_models or MODELS_PER_DEVICE * max(1, n_gpus)

    @asynccontextmanager
    async def using(
        self, runner: AnyRunner, keep_alive_s: float | None = None
    ) -> AsyncIterator[None]:
        """Keep a runner until the end of the block, and then for its time.

        Args:
            runner: It.
            keep_alive_s: Seconds until it is unloaded; infinity for never, None as the environment
                says.
        """
        self._users[runner] += 1
        self._stop_timer(runner)
        self._order = [other for other in self._order if other is not runner] + [runner]
        try:
            yield
        finally:
            self._users -= Counter([runner])
            self._released.set()
            if not self.is_used(runner):
                wanted = self._limits.keep_alive_s if keep_alive_s is None else keep_alive_s
                self._start_timer(runner, wanted)

    def givable(self, others: tuple[AnyRunner, ...]) -> AnyRunner:
        """Return who of some runners is to go first: unused ones, then the one used longest ago."""
        return min(others, key=lambda runner: (self.is_used(runner), self._age(runner)))

    async def wait_until_unused(self, runner: AnyRunner, tell: Callable[[], None]) -> None:
        """Wait for the users of a runner; `tell` is called whenever that takes longer."""
        while self.is_used(runner):
            tell()
            self._released.clear()
            await self._released.wait()

    async def close(self) -> None:
        """Unload nothing more by itself, and finish what is being unloaded."""
        for runner in list(self._timers):
            self._stop_timer(runner)
        await asyncio.gather(*self._unloading, return_exceptions=True)

    def _age(self, runner: AnyRunner) -> int:
        return self._order.index(runner) if runner in self._order else -1

    def _start_timer(self, runner: AnyRunner, keep_alive_s: float) -> None:
        self._order = [other for other in self._order if other in self._engine.loaded]
        if not isinf(keep_alive_s) and runner in self._engine.loaded:
            loop = asyncio.get_running_loop()
            self._timers[runner] = loop.call_later(max(0, keep_alive_s), self._expire, runner)

    def _stop_timer(self, runner: AnyRunner) -> None:
        if timer := self._timers.pop(runner, None):
            timer.cancel()

    def _expire(self, runner: AnyRunner) -> None:
        self._timers.pop(runner, None)
        if self.is_used(runner) or runner.is_busy:
            return
        task = asyncio.get_running_loop().create_task(self._engine.unload(runner))
        self._unloading.add(task)
        task.add_done_callback(self._unloading.discard)
