"""The transfers as the window knows them; knows no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from corral.workbench.transfer import Transfer
    from corral.workbench.transferring import Transferring

# Progress comes far more often than anybody reads it.
ANNOUNCE_MS = 200


class TransfersPresenter(QObject):
    """Follows the queue and passes commands on.

    Signals:
        changed: `transfers` are others now.
    """

    changed = Signal()

    def __init__(self, transferring: Transferring, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transferring = transferring
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ANNOUNCE_MS)
        self._timer.timeout.connect(self.changed)
        self._unsubscribe = transferring.changed.subscribe(self._on_changed)

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers, the newest first."""
        return self._transferring.transfers[::-1]

    def pause(self, transfer_id: int) -> None:
        """Stop one for now."""
        self._transferring.pause(transfer_id)

    def resume(self, transfer_id: int) -> None:
        """Go on with one that is paused, failed or was cancelled."""
        self._transferring.resume(transfer_id)

    def cancel(self, transfer_id: int) -> None:
        """Give one up."""
        self._transferring.cancel(transfer_id)

    def clear_history(self) -> None:
        """Forget those that have ended."""
        self._transferring.clear_history()

    def close(self) -> None:
        """Listen no longer."""
        self._unsubscribe()
        self._timer.stop()

    def _on_changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
