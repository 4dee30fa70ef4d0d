"""RPC workers of the user: their addresses, and what devices they lend."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from corral.settings import worker_addresses

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.engine.protocol import AnyEngine
    from corral.plan.machine import Device
    from corral.settings import SettingsFile

ANSWER_S = 10.0


class Workers:
    """The workers that the user named; nothing connects to one before somebody asks for it.

    Thread: the event loop's.
    """

    def __init__(self, settings: SettingsFile, inspector: Inspector, engine: AnyEngine) -> None:
        self._settings = settings
        self._inspector = inspector
        self._engine = engine
        self._seen: dict[str, tuple[Device, ...]] = {}
        self._claimed: tuple[str, ...] = ()

    @property
    def saved(self) -> tuple[str, ...]:
        """Addresses in the settings."""
        return self._settings.current.rpc_workers

    @property
    def warning(self) -> str:
        """What somebody who names a worker must know."""
        from corral.hardware.workers import WARNING  # lazy: few have workers

        return WARNING

    def save(self, addresses: Sequence[str]) -> None:
        """Keep these addresses in the settings, and no others.

        Raises:
            UserError: If one is no address.
            ExternalError: If the settings cannot be written.
        """
        self._settings.change(rpc_workers=worker_addresses(addresses))

    def busy(self, addresses: Sequence[str]) -> tuple[str, ...]:
        """Return those that a loaded model uses: a worker serves one program at a time."""
        used = {w for runner in self._engine.loaded for w in runner.info.requested.workers}
        used.update(self._claimed)
        return tuple(address for address in addresses if address in used)

    @contextmanager
    def claimed(self, addresses: Sequence[str]) -> Iterator[None]:
        """Count workers as busy while a model is loaded on them; one load goes on at a time."""
        self._claimed = tuple(addresses)
        try:
            yield
        finally:
            self._claimed = ()

    async def reach(self, addresses: Sequence[str]) -> None:
        """Make sure that workers take connections; those that serve a model of ours do.

        Raises:
            WorkerError: If one does not, or was lost while a model used it.
        """
        if self._engine.lost_workers:
            from corral.hardware.workers import refuse_lost  # lazy: few have workers

            refuse_lost(addresses, self._engine.lost_workers)
        if asked := set(addresses) - set(self.busy(addresses)):
            from corral.hardware.workers import reach_all  # lazy: few have workers

            await reach_all(sorted(asked))

    async def watch(self, addresses: Sequence[str]) -> None:
        """Have the system notice when the line to a worker that serves a model is dead."""
        if addresses:
            from corral.hardware.workers import watch_connections  # lazy: few have workers

            with suppress(OSError):  # a name that is not found any more costs no load
                await asyncio.to_thread(watch_connections, addresses)

    async def devices(self, addresses: Sequence[str]) -> list[Device]:
        """Return the devices of workers, in the order of their addresses.

        Of a worker that a model of ours is loaded on, what it said before that load is returned,
        less what the model took.

        Raises:
            WorkerError: If one does not answer.
            ExternalError: If this build of llama.cpp cannot reach workers.
        """
        await self.reach(addresses)
        busy = self.busy(addresses)
        asked = [address for address in addresses if address not in busy]
        if asked:
            found = await self._ask(asked)
            for address in asked:
                self._seen[address] = tuple(d for d in found if d.worker == address)
        taken = self._taken()
        return [
            replace(device, free_bytes=max(0, device.free_bytes - taken.get(device.name, 0)))
            if address in busy
            else device
            for address in addresses
            for device in self._seen.get(address, ())
        ]

    async def _ask(self, addresses: Sequence[str]) -> list[Device]:
        from corral.hardware.workers import WorkerError  # lazy: few have workers

        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._inspector.worker_devices(addresses)
        except TimeoutError:
            await self._inspector.stop()  # llama.cpp waits for the worker without end
            raise WorkerError(
                ", ".join(addresses),
                ANSWER_S,
                f"took the connection and said nothing for {ANSWER_S:g} s",
                "A worker serves one program at a time: another one may use it now.",
            ) from None

    def _taken(self) -> dict[str, int]:
        taken: dict[str, int] = {}
        for runner in self._engine.loaded:
            for line in runner.info.measured:
                taken[line.device] = taken.get(line.device, 0) + line.size_bytes
        return taken
