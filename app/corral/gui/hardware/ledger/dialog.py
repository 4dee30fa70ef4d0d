"""The ledger of this machine: planned beside measured, and what was learned from it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.gui.async_bridge import show
from corral.gui.dialogs import resize_for_text
from corral.gui.hardware.ledger.tables import (
    learned,
    load_rows,
    load_titles,
    notes,
    run_rows,
    run_titles,
)
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel
from corral.hardware.ledger import LoadEntry
from corral.plan.learning import SpeedRun
from corral.workbench.workbench import Workbench

_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_FIRST_FIGURE = 3
_MOST_NOTES = 3


async def show_ledger(parent: QWidget, workbench: Workbench) -> None:
    """Show what loads were planned to take and took, and how fast runs were.

    Raises:
        ExternalError: If the ledger cannot be read.
    """
    ledger = workbench.planning.ledger()
    dialog = LedgerDialog(await ledger.loads(), await ledger.runs(), parent)
    try:
        await show(dialog)
    finally:
        dialog.deleteLater()


class LedgerDialog(QDialog):
    """Two tables in two tabs, and below them what was learned."""

    def __init__(
        self,
        loads: Sequence[LoadEntry],
        runs: Sequence[SpeedRun],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Planned and measured"))
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.setAccessibleName(self.tr("Planned and measured"))
        empty = self.tr(
            "Each load writes down what was planned and what it took on each device. "
            "Load a model to begin."
        )
        tabs.addTab(self._part(load_titles(), load_rows(loads), empty), self.tr("Memory"))
        empty = self.tr(
            "Each longer answer writes down how fast it was, and narrows the speeds that are "
            "expected of other models here. Ask a model something to begin."
        )
        tabs.addTab(self._part(run_titles(), run_rows(runs), empty), self.tr("Speed"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(tabs, 1)
        if lines := [*learned(loads, runs), *notes(loads)[:_MOST_NOTES]]:
            layout.addWidget(PlainLabel(self.tr("Learned on this machine"), look="heading"))
            label = PlainLabel("\n".join(lines))
            label.setObjectName("learned")
            label.setWordWrap(True)
            layout.addWidget(label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        resize_for_text(self, letters=115, lines=32)

    def _part(self, titles: tuple[str, ...], rows: list[tuple[str, ...]], empty: str) -> QWidget:
        if rows:
            return self._table(titles, rows)
        label = PlainLabel(empty, look="quiet")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _table(self, titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> QTreeWidget:
        view = QTreeWidget()
        view.setAccessibleName(titles[0])
        view.setHeaderLabels(list(titles))
        view.setRootIsDecorated(False)
        view.setAllColumnsShowFocus(True)
        view.setUniformRowHeights(True)
        for row in rows:
            item = QTreeWidgetItem(list(row))
            for column in range(_FIRST_FIGURE, len(titles)):
                item.setTextAlignment(column, _AT_RIGHT)
            view.addTopLevelItem(item)
        for column in range(_FIRST_FIGURE, len(titles)):
            view.headerItem().setTextAlignment(column, _AT_RIGHT)
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return view
