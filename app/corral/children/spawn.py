"""A child process that can be asked, killed and replaced.

It starts with the first call, takes one call at a time and is replaced after it has died.
"""

import asyncio

from corral.children.errors import ChildDied, ChildTimeout
from corral.children.limits import Limits
from corral.children.process import ChildProcess
from corral.children.protocol import Json


class Child:
    """The child of one role.

    Thread: the event loop's.
    """

    def __init__(self, role: str, limits: Limits) -> None:
        self._role = role
        self._limits = limits
        self._process: ChildProcess | None = None
        self._lock = asyncio.Lock()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_end: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running child, None when there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Have the child running before the first call needs it.

        Raises:
            ChildNotStarted: If it cannot be.
        """
        async with self._lock:
            self._stop_idle_timer()
            await self._running()
            self._set_idle_timer()

    async def call(self, method: str, **params: Json) -> Json:
        """Ask the child.

        A child that was running already and ends without an answer is replaced and asked once
        more: it may have ended before the question. The time limit holds for both together.

        Raises:
            ChildNotStarted: If there is no starting it.
            ChildTimeout: If it took too long; it was killed.
            ChildDied: If it ended without an answer.
            CorralError: The error that the child sent.
        """
        async with self._lock:
            self._stop_idle_timer()
            known = self._process
            process = await self._running()
            try:
                async with asyncio.timeout(self._limits.call_s):
                    try:
                        return await process.ask({"method": method, "params": params})
                    except ChildDied:
                        if process is not known:
                            raise
                    process = await self._running()
                    return await process.ask({"method": method, "params": params})
            except TimeoutError:
                raise ChildTimeout(self._role, self._limits.call_s) from None
            finally:
                await self._drop_unusable()
                self._set_idle_timer()

    async def close(self) -> None:
        """End the child; a later call starts a new one."""
        async with self._lock:
            self._stop_idle_timer()
            if self._process:
                await self._process.kill()
                self._process = None

    async def _running(self) -> ChildProcess:
        await self._drop_unusable()
        if self._process is None:
            self._process = await ChildProcess.start(self._role, self._limits)
        return self._process

    async def _drop_unusable(self) -> None:
        """Forget a child that has ended or still works at a call that was given up."""
        process = self._process
        if process and (process.is_busy or not process.is_running):
            self._process = None
            await process.kill()

    def _set_idle_timer(self) -> None:
        if self._process and self._limits.idle_s is not None:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._limits.idle_s, self._end_idle)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _end_idle(self) -> None:
        self._idle_end = asyncio.create_task(self.close())
