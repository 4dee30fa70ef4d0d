"""The removed models, to bring them back."""

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.library import wording
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel, plain_tool_tip
from corral.library.names import without_latest
from corral.library.trash import TrashEntry
from corral.units import file_size


class TrashDialog(QDialog):
    """A list of which several can be chosen; accepted means that they are to come back.

    Args:
        entries: What is in the trash.
        kept_days: How long it stays there.
        parent: The window.
    """

    def __init__(
        self, entries: tuple[TrashEntry, ...], kept_days: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Restore from the trash"))
        self._entries = entries
        days = self.tr("Removed models stay here for %n day(s).", "", kept_days)
        label = PlainLabel(days if entries else self.tr("The trash is empty."), look="quiet")
        self._list = self._make_list()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._restore = buttons.addButton(
            self.tr("Restore"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._restore.setProperty("look", "primary")
        self._restore.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(label)
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        self._list.setVisible(bool(entries))
        if latest := self._list.topLevelItem(0):
            self._list.setCurrentItem(latest)
        self.resize(64 * GRID, 48 * GRID if entries else 0)

    @property
    def chosen(self) -> tuple[TrashEntry, ...]:
        """What is to come back."""
        rows = {index.row() for index in self._list.selectedIndexes()}
        return tuple(self._entries[row] for row in sorted(rows))

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("trashList")
        view.setAccessibleName(self.tr("Removed models"))
        view.setHeaderLabels([self.tr("Name"), self.tr("Size"), self.tr("Removed")])
        view.setRootIsDecorated(False)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        now = time.time()
        for entry in self._entries:
            name, age = safe_line(without_latest(entry.name)), wording.ago(now - entry.removed_at)
            item = QTreeWidgetItem([name, file_size(entry.size_bytes), age])
            for column in range(3):
                item.setToolTip(column, plain_tool_tip(entry.reason or entry.name))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            view.addTopLevelItem(item)
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        at_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        view.headerItem().setTextAlignment(1, at_right)
        view.itemSelectionChanged.connect(self._on_selection_changed)
        view.itemActivated.connect(self.accept)
        return view

    @Slot()
    def _on_selection_changed(self) -> None:
        self._restore.setEnabled(bool(self.chosen))
