"""RPC workers of the user: their addresses, and what devices they lend."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corral.errors import ExternalError
from corral.settings import worker_addresses
from corral.workbench.announcer import Announcer

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.engine.protocol import AnyEngine
    from corral.plan.machine import Device
    from corral.settings import SettingsFile

ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """What is known of a worker.

    Attributes:
        address: Which one, "host:port".
        devices: What it lends, with what was free when it was asked; () where it was not asked.
        problem: Why it lends nothing; None where it does, or was not asked.
    """

    address: str
    devices: tuple[Device, ...] = ()
    problem: ExternalError | None = None


class Workers:
    """The workers that the user named; nothing connects to one before somebody asks for it.

    Attributes:
        changed: Told when others are saved, or more or less is known of one.

    Thread: the event loop's.
    """

    def __init__(self, settings: SettingsFile, inspector: Inspector, engine: AnyEngine) -> None:
        self._settings = settings
        self._inspector = inspector
        self._engine = engine
        self._seen: dict[str, tuple[Device, ...]] = {}
        self._claimed: tuple[str, ...] = ()
        self._lent: set[str] = set()
        self._problems: dict[str, ExternalError] = {}
        self.changed = Announcer()

    @property
    def in_use(self) -> tuple[str, ...]:
        """Those of the settings that whatever is planned and loaded may use: `ask` found them."""
        return tuple(address for address in self.saved if address in self._lent)

    @property
    def states(self) -> tuple[WorkerState, ...]:
        """What is known of those in the settings."""
        return tuple(
            WorkerState(
                address=address,
                devices=self._seen.get(address, ()) if address in self._lent else (),
                problem=self._problems.get(address),
            )
            for address in self.saved
        )

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
        self.changed.announce()

    async def ask(self, addresses: Sequence[str]) -> None:
        """Ask workers what they lend; those that answer are in use until one fails.

        What goes wrong stands in `states`.
        """
        asked = [address for address in addresses if not self.busy((address,))]
        await asyncio.gather(*(self._ask_one(address) for address in asked))
        self.changed.announce()

    async def _ask_one(self, address: str) -> None:
        from corral.hardware.workers import reach  # lazy: few have workers

        try:
            self._refuse_lost((address,))
            await reach(address)
            self._seen[address] = tuple(await self._ask((address,)))
        except ExternalError as error:
            self._problems[address] = error
            self._lent.discard(address)
        else:
            self._problems.pop(address, None)
            self._lent.add(address)

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
        self._refuse_lost(addresses)
        if asked := set(addresses) - set(self.busy(addresses)):
            from corral.hardware.workers import WorkerError, reach_all  # lazy: few have workers

            try:
                await reach_all(sorted(asked))
            except WorkerError as error:
                self._note(error.address, error)
                raise

    def _refuse_lost(self, addresses: Sequence[str]) -> None:
        if self._engine.lost_workers:
            from corral.hardware.workers import WorkerError, refuse_lost  # lazy: as above

            try:
                refuse_lost(addresses, self._engine.lost_workers)
            except WorkerError as error:
                self._note(error.address, error)
                raise

    def _note(self, address: str, error: ExternalError) -> None:
        """Use a worker no more that has failed."""
        if address in self._lent:
            self._lent.remove(address)
            self._problems[address] = error
            self.changed.announce()

    async def watch(self, addresses: Sequence[str]) -> None:
        """Have the system notice when the line to a worker that serves a model is dead."""
        if addresses:
            from corral.hardware.workers import watch_connections  # lazy: few have workers

            with suppress(OSError):  # a name that is not found any more costs no load
                await asyncio.to_thread(watch_connections, addresses)

    async def devices(self, addresses: Sequence[str]) -> list[Device]:
        """Return the devices of workers, in the order of their addresses.

        Of a worker in use, or that a model of ours is loaded on, what it said last is returned,
        less what that model took; others are asked.

        Raises:
            WorkerError: If one does not answer.
            ExternalError: If this build of llama.cpp cannot reach workers.
        """
        self._refuse_lost(addresses)
        busy = self.busy(addresses)
        asked = [a for a in addresses if a not in busy and a not in self._lent]
        if asked:
            await self.reach(asked)
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
