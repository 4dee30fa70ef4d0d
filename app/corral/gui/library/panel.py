"""The library as widgets: search, list, drop area."""

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from corral.gui.library.delegate import LibraryDelegate
from corral.gui.library.item_model import LibraryModel
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.rows import Row, RowKind
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel


class LibraryPanel(QWidget):
    """Models, then chats.

    Signals:
        model_selected: A model has the cursor; carries its name.
        chat_requested: A new chat with a model; carries its name.
        chat_opened: A chat is to be shown; carries its id.
        modelfile_opened: A model's Modelfile is to be shown; carries its name.
        rename_requested: A row is to get another name; carries the `Row`.
        import_requested: The user wants to choose a file.
    """

    model_selected = Signal(str)
    chat_requested = Signal(str)
    chat_opened = Signal(str)
    modelfile_opened = Signal(str)
    rename_requested = Signal(object)
    import_requested = Signal()

    def __init__(self, presenter: LibraryPresenter, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("library")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._presenter = presenter
        self._theme = theme
        self._wanted: tuple[RowKind, str] | None = None
        self._model = LibraryModel(self)
        self._search = self._make_search()
        self._view = self._make_view()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID + 4, GRID + 4, GRID, GRID + 4)
        layout.setSpacing(GRID)
        layout.addLayout(self._make_head())
        layout.addWidget(self._search)
        layout.addWidget(self._view, 1)
        layout.addWidget(self._make_drop_area())
        presenter.rows_changed.connect(self._on_rows_changed)
        theme.changed.connect(self._on_theme_changed)

    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self._search.setFocus()
        self._search.selectAll()

    def select(self, kind: RowKind, key: str) -> None:
        """Put the cursor on a row without opening it, now or when the row is there."""
        index = self._model.index_of(kind, key)
        self._wanted = None if index.isValid() else (kind, key)
        if index.isValid():
            self._view.blockSignals(True)  # noqa: FBT003 (Qt's signature)
            self._view.setCurrentIndex(index)
            self._view.blockSignals(False)  # noqa: FBT003

    def _make_head(self) -> QHBoxLayout:
        heading = PlainLabel(self.tr("Library"), look="heading")
        add = QToolButton()
        add.setObjectName("importFile")
        add.setIcon(self._theme.icon("plus"))
        add.setToolTip(self.tr("Open a GGUF file"))
        add.setAccessibleName(self.tr("Open a GGUF file"))
        add.clicked.connect(self.import_requested)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(add)
        self._add = add
        return head

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("search")
        search.setPlaceholderText(self.tr("Search models and chats   Ctrl+K"))
        search.setAccessibleName(self.tr("Search models and chats"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._presenter.set_search)
        return search

    def _make_view(self) -> QListView:
        view = _ListView(self.tr("Models and chats"))
        view.setModel(self._model)
        view.setItemDelegate(LibraryDelegate(self._theme, view))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        view.clicked.connect(self._on_clicked)
        view.activated.connect(self._on_activated)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.focused.connect(self._on_current_changed)
        view.rename_pressed.connect(self._on_rename_pressed)
        view.delete_pressed.connect(self._on_delete_pressed)
        return view

    def _make_drop_area(self) -> QLabel:
        area = QLabel(self.tr("Drop a .gguf file here"))
        area.setObjectName("dropArea")
        area.setProperty("look", "drop")
        area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area.setMinimumHeight(6 * GRID)
        return area

    def _current(self) -> Row | None:
        return self._model.row(self._view.currentIndex())

    @Slot()
    def _on_rows_changed(self) -> None:
        current = self._current()
        wanted = self._wanted or (current and (current.kind, current.key))
        self._model.show(self._presenter.rows)
        if wanted:
            self.select(*wanted)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._add.setIcon(self._theme.icon("plus"))
        self._view.doItemsLayout()

    @Slot()
    def _on_clicked(self) -> None:
        row = self._current()
        if row and row.kind is RowKind.CHAT:
            self.chat_opened.emit(row.key)

    @Slot()
    def _on_activated(self) -> None:
        row = self._current()
        if row and row.kind is RowKind.CHAT:
            self.chat_opened.emit(row.key)
        elif row and row.kind is RowKind.MODEL:
            self.chat_requested.emit(row.key)

    @Slot()
    def _on_current_changed(self) -> None:
        row = self._current()
        if row:
            self._wanted = None  # a hand has put the cursor elsewhere
        if row and row.kind is RowKind.MODEL:
            self.model_selected.emit(row.key)

    @Slot()
    def _on_rename_pressed(self) -> None:
        row = self._current()
        if row and row.kind is not RowKind.SECTION:
            self.rename_requested.emit(row)

    @Slot()
    def _on_delete_pressed(self) -> None:
        row = self._current()
        if row and row.kind is RowKind.CHAT:
            self._presenter.delete_chat(row.key)
        elif row and row.kind is RowKind.MODEL:
            self._presenter.remove_model(row.key)

    @Slot(QPoint)
    def _on_menu_requested(self, position: QPoint) -> None:
        row = self._model.row(self._view.indexAt(position))
        if row is None or row.kind is RowKind.SECTION:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._actions(row, menu):
            menu.addAction(action)
        menu.popup(self._view.viewport().mapToGlobal(position))

    def _actions(self, row: Row, menu: QMenu) -> list[QAction]:
        key = row.key
        if row.kind is RowKind.CHAT:
            wanted = [
                (self.tr("Open"), lambda: self.chat_opened.emit(key)),
                (self.tr("Rename…"), lambda: self.rename_requested.emit(row)),
                (self.tr("Delete"), lambda: self._presenter.delete_chat(key)),
            ]
        else:
            wanted = [
                (self.tr("New chat"), lambda: self.chat_requested.emit(key)),
                (self.tr("Modelfile"), lambda: self.modelfile_opened.emit(key)),
                (self.tr("Rename…"), lambda: self.rename_requested.emit(row)),
                (self.tr("Remove"), lambda: self._presenter.remove_model(key)),
            ]
        actions = []
        for text, handler in wanted:
            action = QAction(text, menu)
            action.triggered.connect(handler)
            actions.append(action)
        return actions


class _ListView(QListView):
    """A list that tells when it gets the focus, and the keys that change a row."""

    focused = Signal()
    rename_pressed = Signal()
    delete_pressed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("libraryList")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_F2:
                self.rename_pressed.emit()
            case Qt.Key.Key_Delete:
                self.delete_pressed.emit()
            case _:
                super().keyPressEvent(event)
