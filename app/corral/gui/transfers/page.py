"""All downloads and uploads, running and past."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.transfers.presenter import TransfersPresenter
from corral.gui.transfers.row import TransferRow
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import PlainLabel, hairline


class TransfersPage(Page):
    """The queue as rows, the newest on top.

    Signals:
        search_requested: The user wants to find models to download.
    """

    search_requested = Signal()

    def __init__(self, presenter: TransfersPresenter) -> None:
        super().__init__("transfers", "", "")
        self.setObjectName("transfersPage")
        self.title = self.tr("Downloads")
        self._presenter = presenter
        presenter.setParent(self)
        self._rows: dict[int, TransferRow] = {}
        self._clear = TextButton(self.tr("Clear the history"), look=Look.FLAT)
        self._clear.clicked.connect(presenter.clear_history)
        self._empty = self._make_empty_state()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._arrange()
        presenter.changed.connect(self._show)
        self._show()

    async def close_panel(self) -> None:
        """Listen no longer."""
        self._presenter.close()

    @Slot()
    def _show(self) -> None:
        transfers = self._presenter.transfers
        for gone in self._rows.keys() - {transfer.id for transfer in transfers}:
            self._rows.pop(gone).deleteLater()
        for place, transfer in enumerate(transfers):
            row = self._rows.get(transfer.id)
            if row is None:
                self._list.insertWidget(place, self._make_row(TransferRow(transfer), transfer.id))
            else:
                row.show_transfer(transfer)
        self._clear.setEnabled(any(transfer.state.has_ended for transfer in transfers))
        self._empty.setVisible(not transfers)

    def _make_row(self, row: TransferRow, transfer_id: int) -> TransferRow:
        self._rows[transfer_id] = row
        row.pause_requested.connect(self._presenter.pause)
        row.resume_requested.connect(self._presenter.resume)
        row.cancel_requested.connect(self._presenter.cancel)
        return row

    def _make_empty_state(self) -> QWidget:
        empty = QWidget()
        find = TextButton(self.tr("Find models…"), look=Look.PRIMARY)
        find.clicked.connect(self.search_requested)
        column = QVBoxLayout(empty)
        column.setContentsMargins(2 * GRID, 8 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        text = PlainLabel(self.tr("Nothing was downloaded or uploaded yet."), look="quiet")
        for widget in (text, find):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        return empty

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.addWidget(PlainLabel(self.tr("Downloads and uploads"), look="heading"), 1)
        head.addWidget(self._clear)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._empty)
        inside.addLayout(self._list)
        inside.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(self.tr("Downloads and uploads"))
        area.setWidget(content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(area, 1)
