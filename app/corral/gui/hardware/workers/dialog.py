"""The dialog in which RPC workers are named, asked and forgotten."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.gui.async_bridge import Scope, show
from corral.gui.dialogs import resize_for_text
from corral.gui.hardware.workers.presenter import WorkersPresenter
from corral.gui.notices import NoticeBoard
from corral.gui.service_phrases import in_own_words
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import TextButton
from corral.gui.widgets.plain_label import PlainLabel, plain_tool_tip
from corral.workbench.workers import Workers

_LONGEST = 300  # letters of an address


async def show_workers(parent: QWidget, workers: Workers, theme: Theme) -> None:
    """Let the user name the workers that compute for this machine, until the dialog is closed."""
    presenter = WorkersPresenter(workers)
    dialog = WorkersDialog(presenter, theme, parent)
    try:
        await show(dialog)
    finally:
        await dialog.scope.close()
        presenter.close()
        dialog.deleteLater()
        presenter.deleteLater()


class WorkersDialog(QDialog):
    """The warning, the workers with their state, and a field for one more.

    Attributes:
        scope: What runs in it.
    """

    def __init__(
        self, presenter: WorkersPresenter, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("RPC workers"))
        self._presenter = presenter
        self._notices = NoticeBoard(theme)
        self.scope = Scope(on_error=self._notices.tell_error)
        self._list = self._make_list()
        self._address = QLineEdit()
        self._address.setObjectName("workerAddress")
        self._address.setAccessibleName(self.tr("Address of a worker"))
        self._address.setPlaceholderText("192.168.1.7:50052")
        self._address.setMaxLength(_LONGEST)
        self._add = TextButton(self.tr("Add and ask"))
        self._add.setObjectName("addWorker")
        self._fault = PlainLabel(look="bad")
        self._fault.setObjectName("workerFault")
        self._fault.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._ask = self._button(self.tr("Ask all"), "askWorkers")
        self._remove = self._button(self.tr("Take off the list"), "removeWorker")
        self._arrange()
        self._connect()
        self._show_rows()
        self._on_text_changed("")
        resize_for_text(self, letters=100, lines=28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter for the part that it is pressed in, and let Delete take a worker off."""
        focused = self.focusWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if isinstance(focused, QPushButton):
                focused.click()
        elif event.key() == Qt.Key.Key_Delete and focused is self._list:
            self._on_remove_clicked()
        else:
            super().keyPressEvent(event)

    # -- placing --------------------------------------------------------------------------------

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("workersList")
        view.setAccessibleName(self.tr("RPC workers"))
        view.setHeaderLabels([self.tr("Worker"), self.tr("State")])
        view.setRootIsDecorated(False)
        view.setAllColumnsShowFocus(True)
        view.setWordWrap(True)
        return view

    def _button(self, text: str, name: str) -> QPushButton:
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._address, 1)
        row.addWidget(self._add)
        adding = QVBoxLayout()
        adding.setSpacing(GRID // 2)
        adding.addLayout(row)
        adding.addWidget(self._fault)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._notices)
        layout.addWidget(self._warning())
        layout.addWidget(self._note())
        layout.addWidget(self._list, 1)
        layout.addLayout(adding)
        layout.addWidget(self._buttons)

    def _warning(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("look", "notice")
        label = PlainLabel(in_own_words(self._presenter.warning), look="tight")
        label.setObjectName("rpcWarning")
        label.setWordWrap(True)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        column.addWidget(label)
        return frame

    def _note(self) -> QWidget:
        label = PlainLabel(
            self.tr(
                "Workers are machines that compute with llama.cpp's rpc-server. Those that answer "
                "count as graphics cards of this machine in plans and loads until Corral ends. "
                "None is connected to before you add it or ask it."
            ),
            look="quiet",
        )
        label.setWordWrap(True)
        return label

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.changed.connect(self._show_rows)
        presenter.removed.connect(self._on_removed)
        presenter.failed.connect(self._notices.tell_error)
        self._address.textChanged.connect(self._on_text_changed)
        self._address.returnPressed.connect(self._on_add_clicked)
        self._add.clicked.connect(self._on_add_clicked)
        self._list.currentItemChanged.connect(self._show_buttons)
        self._ask.clicked.connect(self._on_ask_clicked)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._buttons.rejected.connect(self.reject)

    # -- showing --------------------------------------------------------------------------------

    @Slot()
    def _show_rows(self) -> None:
        chosen = self._chosen()
        self._list.clear()
        for address, state, is_bad in self._presenter.rows:
            item = QTreeWidgetItem([address, state])
            item.setToolTip(1, plain_tool_tip(state))
            if is_bad:
                item.setForeground(1, self._fault.palette().windowText())
            self._list.addTopLevelItem(item)
            if address == chosen:
                self._list.setCurrentItem(item)
        self._list.resizeColumnToContents(0)
        self._show_buttons()

    @Slot()
    def _show_buttons(self) -> None:
        is_free = not self._presenter.is_asking
        typed = self._address.text()
        can_add = bool(typed.strip()) and not self._presenter.problem_with(typed)
        self._add.setEnabled(is_free and can_add)
        self._ask.setEnabled(is_free and self._list.topLevelItemCount() > 0)
        self._remove.setEnabled(is_free and bool(self._chosen()))

    def _chosen(self) -> str:
        item = self._list.currentItem()
        return item.text(0) if item else ""

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        fault = self._presenter.problem_with(text) if text.strip() else ""
        self._fault.setText(fault)
        self._address.setAccessibleDescription(fault)
        self._show_buttons()

    # -- doing ----------------------------------------------------------------------------------

    @Slot()
    def _on_add_clicked(self) -> None:
        if self._add.isEnabled():
            address = self._address.text()
            self._address.clear()
            self.scope.start(self._presenter.add(address))

    @Slot()
    def _on_ask_clicked(self) -> None:
        self.scope.start(self._presenter.ask())

    @Slot()
    def _on_remove_clicked(self) -> None:
        if self._remove.isEnabled():
            self._presenter.remove(self._chosen())

    @Slot(str, object)
    def _on_removed(self, address: str, undo: Callable[[], None]) -> None:
        text = self.tr("%1 is off the list.").replace("%1", address)
        self._notices.tell(text, (self.tr("Undo"), undo))
