"""What the dialog of RPC workers shows and can do; knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from corral.errors import CorralError, UserError
from corral.plan.machine import Device
from corral.settings import worker_addresses
from corral.units import memory_size
from corral.workbench.workers import Workers, WorkerState


class WorkersPresenter(QObject):
    """The saved workers; nothing connects to them but `ask` and `add`.

    Signals:
        changed: `rows` are others now, or `is_asking` is.
        removed: A worker is off the list; carries its address and what brings it back.
        failed: The settings could not be written; carries the `CorralError`.
    """

    changed = Signal()
    removed = Signal(str, object)
    failed = Signal(object)

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._asked: tuple[str, ...] = ()
        self._unsubscribe = workers.changed.subscribe(self.changed.emit)

    def close(self) -> None:
        """Follow the workers no more."""
        self._unsubscribe()

    @property
    def is_asking(self) -> bool:
        """Whether workers are being asked."""
        return bool(self._asked)

    @property
    def warning(self) -> str:
        """What somebody who names a worker must know, in English."""
        return self._workers.warning

    @property
    def rows(self) -> list[tuple[str, str, bool]]:
        """Address, state in words, and whether that state is bad, of each worker."""
        return [
            (state.address, self._in_words(state), bool(state.problem))
            for state in self._workers.states
        ]

    def problem_with(self, text: str) -> str:
        """Return why something typed cannot be added, "" where it can."""
        try:
            (address,) = worker_addresses([text])
            worker_addresses([*self._workers.saved, address])
        except UserError as error:
            return " ".join(filter(None, [error.summary, error.hint]))
        if address in self._workers.saved:
            return self.tr("%1 is on the list already.").replace("%1", address)
        return ""

    async def add(self, text: str) -> None:
        """Save one more worker, and ask it what it lends.

        Raises:
            CorralError: If it cannot be saved.
        """
        address = text.strip()
        self._workers.save((*self._workers.saved, address))
        await self.ask((address,))

    async def ask(self, addresses: Sequence[str] = ()) -> None:
        """Ask workers what they lend; all where none are named."""
        self._asked = tuple(addresses) or self._workers.saved
        self.changed.emit()
        try:
            await self._workers.ask(self._asked)
        finally:
            self._asked = ()
            self.changed.emit()

    def remove(self, address: str) -> None:
        """Take a worker off the list; it can be had back."""
        before = self._workers.saved
        if self._save([each for each in before if each != address]):
            self.removed.emit(address, self._bringing_back(address, before.index(address)))

    def _bringing_back(self, address: str, index: int) -> Callable[[], None]:
        def bring_back() -> None:
            now = [each for each in self._workers.saved if each != address]
            self._save([*now[:index], address, *now[index:]])

        return bring_back

    def _save(self, addresses: Sequence[str]) -> bool:
        try:
            self._workers.save(addresses)
        except CorralError as error:
            self.failed.emit(error)
            return False
        return True

    def _in_words(self, state: WorkerState) -> str:
        if state.address in self._asked:
            return self.tr("Asking…")
        if self._workers.busy((state.address,)):
            return self.tr("Serves a loaded model")
        if state.problem:
            return state.problem.summary
        if not state.devices:
            return self.tr("Not asked yet")
        lent = ", ".join(self._device_words(device) for device in state.devices)
        return self.tr("Answers: %1").replace("%1", lent)

    def _device_words(self, device: Device) -> str:
        text = self.tr("%1 of %2 free when asked")
        text = text.replace("%1", memory_size(device.free_bytes))
        return text.replace("%2", memory_size(device.total_bytes))
