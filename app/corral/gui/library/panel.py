"""The library as widgets: search, list, drop area."""

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from corral.gui.library.delegate import LibraryDelegate
from corral.gui.library.item_model import LibraryModel
from corral.gui.library.list_view import LibraryView
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowAction, RowActions
from corral.gui.library.rows import Order, RowKind, Selection
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton
from corral.gui.widgets.plain_label import PlainLabel


class LibraryPanel(QWidget):
    """Models, then chats.

    Signals:
        model_selected: A model has the cursor; carries its name.
        import_requested: The user wants to choose a file.
        page_requested: The user wants all models with their figures.
        drag_requested: Models are dragged out; carries the view and a tuple of names.
    """

    model_selected = Signal(str)
    import_requested = Signal()
    page_requested = Signal()
    drag_requested = Signal(object, object)

    def __init__(self, presenter: LibraryPresenter, actions: RowActions, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("library")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._presenter = presenter
        self._actions = actions
        self._theme = theme
        self._wanted: tuple[RowKind, str] | None = None
        self._model = LibraryModel(presenter.row, self)
        self._search = self._make_search()
        self._empty = PlainLabel(look="quiet")
        self._view = self._make_view()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID + 4, GRID + 4, GRID, GRID + 4)
        layout.setSpacing(GRID)
        layout.addLayout(self._make_head())
        layout.addWidget(self._search)
        layout.addLayout(self._make_empty_state())
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

    # -- parts ----------------------------------------------------------------------------------

    def _make_head(self) -> QHBoxLayout:
        page = IconButton(self._theme, "list", self.tr("All models with their figures"))
        page.setObjectName("showModels")
        page.clicked.connect(self.page_requested)
        add = QToolButton()
        add.setObjectName("importFile")
        add.setIcon(self._theme.icon("plus"))
        add.setToolTip(self.tr("Open a GGUF file"))
        add.setAccessibleName(self.tr("Open a GGUF file"))
        add.clicked.connect(self.import_requested)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(PlainLabel(self.tr("Library"), look="heading"))
        head.addStretch(1)
        head.addWidget(page)
        head.addWidget(self._make_order_button())
        head.addWidget(add)
        self._add = add
        return head

    def _make_order_button(self) -> QToolButton:
        button = IconButton(self._theme, "arrow-down-up", self.tr("Order of the models"))
        button.setObjectName("order")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu, group = QMenu(self.tr("Order of the models"), button), QActionGroup(button)
        for order, text in {
            Order.NEWEST: self.tr("Newest first"),
            Order.NAME: self.tr("By name"),
            Order.SIZE: self.tr("Largest first"),
            Order.LAST_USED: self.tr("Last used first"),
        }.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setData(order)
            action.setChecked(order is self._presenter.order)
            menu.addAction(action)
        group.triggered.connect(self._on_order_chosen)
        menu.aboutToShow.connect(lambda: _check(group, self._presenter.order))
        button.setMenu(menu)
        return button

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("search")
        search.setPlaceholderText(self.tr("Search models and chats   Ctrl+K"))
        search.setAccessibleName(self.tr("Search models and chats"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._presenter.set_search)
        search.returnPressed.connect(self._on_search_entered)
        return search

    def _make_empty_state(self) -> QVBoxLayout:
        """Say what belongs here while nothing is, with the one thing to do about it."""
        self._empty.setObjectName("emptyLibrary")
        self._empty.setWordWrap(True)
        self._mend = QToolButton()
        self._mend.setObjectName("mendEmptyLibrary")
        self._mend.clicked.connect(self._on_mend_clicked)
        column = QVBoxLayout()
        column.setContentsMargins(4, 0, 4, 0)
        column.addWidget(self._empty)
        column.addWidget(self._mend)
        self._empty.hide()
        self._mend.hide()
        return column

    def _make_view(self) -> LibraryView:
        view = LibraryView(self.tr("Models and chats"))
        delegate = LibraryDelegate(self._theme, view)
        self._model.set_sizes(*delegate.sizes())
        view.setModel(self._model)
        view.setItemDelegate(delegate)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        view.clicked.connect(self._on_clicked)
        view.activated.connect(self._on_activated)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.focused.connect(self._on_current_changed)
        view.drag_started.connect(self._on_drag_started)
        view.on_key = lambda event: self._actions.press(event, self._selection())
        self._delegate = delegate
        return view

    def _make_drop_area(self) -> QLabel:
        area = QLabel(self.tr("Drop a .gguf file here"))
        area.setObjectName("dropArea")
        area.setProperty("look", "drop")
        area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area.setMinimumHeight(6 * GRID)
        return area

    # -- what is chosen -------------------------------------------------------------------------

    def _selection(self) -> Selection:
        """Return what is chosen; where nothing is, what has the cursor."""
        chosen = self._view.selectionModel().selectedIndexes()
        current = self._view.currentIndex()
        return self._model.selection(chosen or [current] if current.isValid() else chosen)

    @Slot()
    def _on_rows_changed(self) -> None:
        current = self._model.key(self._view.currentIndex())
        # A cursor that goes elsewhere leaves behind what was chosen.
        chosen = Selection() if self._wanted else self._selection()
        wanted = self._wanted or current
        is_same = self._presenter.keys == self._model.keys
        self._model.show(self._presenter.keys)
        if wanted and not is_same:
            self.select(*wanted)
            self._view.choose_also(
                self._model.index_of(kind, key)
                for kind, keys in ((RowKind.MODEL, chosen.models), (RowKind.CHAT, chosen.chats))
                for key in keys
            )
        elif self._wanted:
            self.select(*self._wanted)
        self._show_empty_state()

    def _show_empty_state(self) -> None:
        is_empty = self._presenter.shelf.is_read and not self._presenter.keys
        search = self._presenter.search
        text = self.tr("Models and chats stand here.")
        self._empty.setText(self.tr("Nothing has “%1”.").replace("%1", search) if search else text)
        self._mend.setText(self.tr("Clear the search") if search else self.tr("Open GGUF…"))
        self._empty.setVisible(is_empty)
        self._mend.setVisible(is_empty)

    @Slot()
    def _on_mend_clicked(self) -> None:
        if self._presenter.search:
            self._search.clear()
            self._search.setFocus()
        else:
            self.import_requested.emit()

    @Slot()
    def _on_search_entered(self) -> None:
        """Go on to the first thing found."""
        for kind, key in self._presenter.keys:
            if kind is not RowKind.SECTION:
                self._view.setFocus()
                self.select(kind, key)
                return

    @Slot()
    def _on_theme_changed(self) -> None:
        self._add.setIcon(self._theme.icon("plus"))
        self._model.set_sizes(*self._delegate.sizes())
        self._view.doItemsLayout()

    @Slot(QAction)
    def _on_order_chosen(self, action: QAction) -> None:
        self._presenter.set_order(Order(action.data()))

    @Slot()
    def _on_clicked(self) -> None:
        if chat := self._selection().only_chat:
            self._actions.chat_opened.emit(chat)

    @Slot()
    def _on_activated(self) -> None:
        selection = self._selection()
        if selection.only_chat:
            self._actions.do(RowAction.OPEN_CHAT, selection)
        elif model := self._presenter.model(selection.only_model):
            self._actions.do(RowAction.DETAILS if model.problem else RowAction.CHAT, selection)

    @Slot()
    def _on_current_changed(self) -> None:
        key = self._model.key(self._view.currentIndex())
        if key:
            self._wanted = None  # a hand has put the cursor elsewhere
        if key and key[0] is RowKind.MODEL:
            self.model_selected.emit(key[1])

    @Slot(QPoint)
    def _on_menu_requested(self, position: QPoint) -> None:
        key = self._model.key(self._view.indexAt(position))
        if key and key[0] is not RowKind.SECTION:
            at = self._view.viewport().mapToGlobal(position)
            self._actions.popup(self._selection(), self._view, at)

    @Slot()
    def _on_drag_started(self) -> None:
        if models := self._selection().models:
            self.drag_requested.emit(self._view, models)


def _check(group: QActionGroup, order: Order) -> None:
    for action in group.actions():
        action.setChecked(action.data() == order)
