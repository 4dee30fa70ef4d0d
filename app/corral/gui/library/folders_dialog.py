"""The folders in which models of others are looked for; the user adds some and takes them off."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel
from corral.library.model import Home

_FOLDER = Qt.ItemDataRole.UserRole


class FoldersDialog(QDialog):
    """A list that stays open while folders come and go.

    Args:
        parent: The window.

    Signals:
        add_requested: A folder is to be chosen.
        removal_requested: A folder of the user's is to be taken off; carries its path.
    """

    add_requested = Signal()
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Folders with models"))
        note = PlainLabel(
            self.tr("Models in these folders are used where they are; nothing is changed there."),
            look="quiet",
        )
        note.setWordWrap(True)
        self._list = self._make_list()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        buttons.addButton(self.tr("Add a folder…"), role).clicked.connect(self.add_requested)
        self._remove = buttons.addButton(self.tr("Take off the list"), role)
        self._remove.setEnabled(False)
        self._remove.clicked.connect(self._on_remove_clicked)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(note)
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        self.resize(80 * GRID, 44 * GRID)

    def show_folders(self, homes: tuple[Home, ...], added: tuple[str, ...]) -> None:
        """Show the folders of other programs, then the user's."""
        self._list.clear()
        theirs = [home for home in homes if str(home.folder) not in added]
        for home in theirs:
            self._add(safe_line(home.label), str(home.folder), "")
        for folder in added:
            state = "" if Path(folder).is_dir() else " · " + self.tr("not there")
            self._add(self.tr("Added by you") + state, folder, folder)
        self._list.resizeColumnToContents(0)

    def _add(self, whose: str, folder: str, removable: str) -> None:
        item = QTreeWidgetItem([whose, safe_line(folder, 500)])
        item.setData(0, _FOLDER, removable)
        item.setToolTip(1, safe_line(folder, 500))
        self._list.addTopLevelItem(item)

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("foldersList")
        view.setAccessibleName(self.tr("Folders with models"))
        view.setHeaderLabels([self.tr("Whose"), self.tr("Folder")])
        view.setRootIsDecorated(False)
        view.setAllColumnsShowFocus(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.itemSelectionChanged.connect(self._on_selection_changed)
        return view

    def _chosen(self) -> str:
        items = self._list.selectedItems()
        return str(items[0].data(0, _FOLDER)) if items else ""

    @Slot()
    def _on_selection_changed(self) -> None:
        self._remove.setEnabled(bool(self._chosen()))

    @Slot()
    def _on_remove_clicked(self) -> None:
        if folder := self._chosen():
            self.removal_requested.emit(folder)
