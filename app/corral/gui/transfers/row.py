"""One transfer as a row: what, how far, and what can be done about it."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from corral.gui.theme.palette import GRID
from corral.gui.transfers import wording
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline
from corral.workbench.transfer import Transfer, TransferState

_CAN_PAUSE = frozenset({TransferState.QUEUED, TransferState.RUNNING})
_CAN_RESUME = frozenset({TransferState.PAUSED, TransferState.FAILED, TransferState.CANCELLED})
_CAN_CANCEL = frozenset({TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED})


class TransferRow(QWidget):
    """Shows one transfer.

    Signals:
        pause_requested, resume_requested, cancel_requested: A button was pressed; carries the id.
    """

    pause_requested = Signal(int)
    resume_requested = Signal(int)
    cancel_requested = Signal(int)

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        self._id = transfer.id
        self._title = ElidedLabel(look="strong")
        self._state = PlainLabel(look="small")
        self._state.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(GRID // 2)
        self._pause = TextButton(self.tr("Pause"), look=Look.FLAT)
        self._resume = TextButton(self.tr("Resume"), look=Look.FLAT)
        self._cancel = TextButton(self.tr("Cancel"), look=Look.FLAT)
        self._pause.clicked.connect(self._on_pause_clicked)
        self._resume.clicked.connect(self._on_resume_clicked)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._arrange()
        self.show_transfer(transfer)

    def show_transfer(self, transfer: Transfer) -> None:
        """Show how it stands now."""
        title, state = wording.title(transfer), wording.state(transfer)
        self._title.setText(title)
        self._state.setText(state)
        for button in (self._pause, self._resume, self._cancel):
            button.setAccessibleName(f"{button.text()}: {title}")
        self._bar.setAccessibleName(title)
        self._bar.setAccessibleDescription(state)
        self._pause.setVisible(transfer.state in _CAN_PAUSE)
        self._resume.setVisible(transfer.state in _CAN_RESUME)
        is_failed = transfer.state is TransferState.FAILED
        self._resume.setText(self.tr("Try again") if is_failed else self.tr("Resume"))
        self._cancel.setVisible(transfer.state in _CAN_CANCEL)
        self._show_bar(transfer)

    def _show_bar(self, transfer: Transfer) -> None:
        percent = wording.percent(transfer)
        self._bar.setVisible(transfer.state in _CAN_CANCEL)
        is_unknown = percent is None and transfer.state is TransferState.RUNNING
        self._bar.setRange(0, 0 if is_unknown else 100)
        self._bar.setValue(percent or 0)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        for widget in (self._title, self._bar, self._state):
            words.addWidget(widget)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        line.setSpacing(GRID)
        line.addLayout(words, 1)
        for button in (self._pause, self._resume, self._cancel):
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(hairline())

    @Slot()
    def _on_pause_clicked(self) -> None:
        self.pause_requested.emit(self._id)

    @Slot()
    def _on_resume_clicked(self) -> None:
        self.resume_requested.emit(self._id)

    @Slot()
    def _on_cancel_clicked(self) -> None:
        self.cancel_requested.emit(self._id)
