"""All models with their figures, as a page in the middle."""

import asyncio

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from corral.gui.async_bridge import Scope
from corral.gui.library import wording
from corral.gui.library.cells import CellDelegate
from corral.gui.library.columns import Column
from corral.gui.library.filtering import Filter
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowAction, RowActions
from corral.gui.library.rows import Selection
from corral.gui.library.table_model import ModelTable
from corral.gui.library.table_view import TableView, row_height
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline
from corral.units import file_size

VIEW = "models_table"
FILL_AFTER_MS = 20
MEASURE_AFTER_S = 0.5  # thousands of files are looked at; the rows are drawn first
# What is about as wide as a column is to be.
SAMPLES = (
    "qwen3-coder-30b:q4_k_m", "31 of 64 on GPU", "188.8 GB", "IQ2_XXS", "120.4B, 5.1B active",
    "128k", "11 minutes ago", "chat, tools, thinking", "llama", "Hugging Face",
)  # fmt: skip


class ModelsPage(Page):
    """A table to filter and sort, and a line on the model with the cursor.

    Args:
        presenter: The library.
        actions: What can be done with rows.
        theme: Colours and fonts.
        views: Remembers how the columns were set.

    Signals:
        model_selected: A model has the cursor; carries its name.
        import_requested: The user wants to choose a file.
        check_requested: The user wants the models on disk checked.
        duplicates_requested: The user wants to see what lies in several places.
        drag_requested: Models are dragged out; carries the view and a tuple of names.
    """

    model_selected = Signal(str)
    import_requested = Signal()
    duplicates_requested = Signal()
    check_requested = Signal()
    drag_requested = Signal(object, object)

    def __init__(
        self,
        presenter: LibraryPresenter,
        actions: RowActions,
        theme: Theme,
        views: dict[str, str],
    ) -> None:
        super().__init__("models", "", "")
        self.setObjectName("modelsPage")
        self.title = self.tr("Models")
        self._presenter = presenter
        self._actions = actions
        self._theme = theme
        self._views = views
        self._filter = Filter()
        self._scope = Scope(on_error=presenter.failed.emit)
        self._n_found = 0
        self._disk_use = ""
        self._table = ModelTable(presenter.shelf, theme, self)
        self._count = PlainLabel(look="small")
        self._search = self._make_search()
        self._nothing = QWidget()
        self._empty = PlainLabel(look="quiet")
        self._mend = TextButton("", look=Look.PRIMARY)
        self._mend.clicked.connect(self._on_mend_clicked)
        self._view = self._make_view()
        self._note = ElidedLabel(look="small")
        self._note.setObjectName("modelNote")
        self._arrange()
        self.setFocusProxy(self._view)
        shelf = presenter.shelf
        shelf.changed.connect(self._on_models_changed)
        shelf.fits_changed.connect(self._on_fits_changed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        # Filled when the page stands: drawing it and thousands of models at once is a stall.
        QTimer.singleShot(FILL_AFTER_MS, self, self._on_models_changed)

    async def close_panel(self) -> None:
        """End what runs."""
        shelf = self._presenter.shelf
        shelf.changed.disconnect(self._on_models_changed)
        shelf.fits_changed.disconnect(self._on_fits_changed)
        await self._scope.close()

    # -- parts ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.addWidget(self._search, 1)
        head.addSpacing(GRID)
        head.addWidget(self._make_columns_button())
        head.addWidget(self._make_duplicates_button())
        head.addWidget(self._make_check_button())
        head.addWidget(self._make_trash_button())
        empty = QVBoxLayout(self._nothing)
        empty.setSpacing(2 * GRID)
        empty.addStretch(1)
        for widget in (self._empty, self._mend):
            empty.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        empty.addStretch(2)
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        foot.addWidget(self._note, 1)
        foot.addSpacing(GRID)
        foot.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self._nothing, 1)
        column.addWidget(self._view, 1)
        column.addWidget(hairline())
        column.addLayout(foot)

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("modelsFilter")
        search.setPlaceholderText(self.tr("Filter by name, family, quantization, capability"))
        search.setAccessibleName(self.tr("Filter the models"))
        search.setClearButtonEnabled(True)
        search.setMinimumWidth(search.fontMetrics().averageCharWidth() * 14)
        search.textChanged.connect(self._on_search_changed)
        return search

    def _make_columns_button(self) -> TextButton:
        button = TextButton(self.tr("Columns"), look=Look.FLAT)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._view.fill_columns_menu(menu))
        button.setMenu(menu)
        return button

    def _make_duplicates_button(self) -> TextButton:
        button = TextButton(self.tr("Duplicates"), look=Look.FLAT)
        button.setToolTip(self.tr("What lies in several places, and what that takes"))
        button.clicked.connect(self.duplicates_requested)
        return button

    def _make_check_button(self) -> TextButton:
        button = TextButton(self.tr("Check"), look=Look.FLAT)
        button.setToolTip(self.tr("What is damaged, missing or left over on disk"))
        button.clicked.connect(self.check_requested)
        return button

    def _make_trash_button(self) -> TextButton:
        button = TextButton(self.tr("Trash…"), look=Look.FLAT)
        button.setAccessibleName(self.tr("Restore from the trash…"))
        button.clicked.connect(self._actions.restore_requested)
        return button

    def _make_view(self) -> TableView:
        view = TableView(self._table)
        view.setItemDelegate(CellDelegate(self._table, view))
        view.setAccessibleName(self.tr("All models"))
        view.setObjectName("modelsTable")
        view.setDragEnabled(True)
        view.widen(SAMPLES)
        view.header.setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
        view.restore_columns(self._views.get(VIEW, ""))
        view.setSortingEnabled(True)
        view.columns_changed.connect(self._on_columns_changed)
        view.customContextMenuRequested.connect(self._on_menu_requested)
        view.activated.connect(self._on_activated)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.drag_started.connect(self._on_drag_started)
        view.on_key = lambda event: self._actions.press(event, self._selection())
        return view

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def _on_theme_changed(self) -> None:
        self._view.set_row_height(row_height(self._theme))

    @Slot()
    def _on_models_changed(self) -> None:
        shelf = self._presenter.shelf
        self._filter = self._filter.over(shelf.models, shelf.haystacks)
        self._show()
        self._scope.start(self._read_disk_use())

    async def _read_disk_use(self) -> None:
        await asyncio.sleep(MEASURE_AFTER_S)
        use = await self._presenter.disk_use()
        self._disk_use = self.tr("%1 on disk").replace("%1", file_size(use.models_bytes))
        self._show_count()

    @Slot()
    def _on_fits_changed(self) -> None:
        if self._table.sort_column is Column.FIT:
            self._table.show(self._filter.found())
        else:
            self._table.tell_changed()
        self._tell_note()

    @Slot(str)
    def _on_search_changed(self, text: str) -> None:
        self._filter = self._filter.searching(text)
        self._show()

    def _show(self) -> None:
        chosen, current = self._selection(), self._table.model(self._view.currentIndex())
        found = self._filter.found()
        self._table.show(found)
        if current:
            self._view.setCurrentIndex(self._table.index_of(current.name))
        self._view.choose_rows(self._table.index_of(name) for name in chosen.models)
        self._n_found = len(found)
        self._show_count()
        self._show_empty_state(is_empty=not found)
        self._tell_note()

    def _show_count(self) -> None:
        n_all = len(self._filter.models)
        text = self.tr("%n model(s)", "", n_all)
        if self._n_found != n_all:
            text = self.tr("%1 of %n model(s)", "", n_all).replace("%1", str(self._n_found))
        self._count.setText(" · ".join(part for part in (text, self._disk_use) if part))

    def _show_empty_state(self, *, is_empty: bool) -> None:
        search = self._filter.text
        text = self.tr("No models yet. Open a GGUF file to begin.")
        self._empty.setText(self.tr("No model has “%1”.").replace("%1", search) if search else text)
        self._mend.setText(self.tr("Clear the filter") if search else self.tr("Open GGUF…"))
        is_told = is_empty and self._presenter.shelf.is_read
        self._nothing.setVisible(is_told)
        self._view.setVisible(not is_told)

    def _tell_note(self) -> None:
        """Say the figures behind the badge of the model with the cursor, or what is wrong."""
        model = self._table.model(self._view.currentIndex())
        if model is None:
            self._note.setText(self.tr("Enter opens the details of a model."))
            return
        note = wording.fit_tip(model, self._presenter.shelf.fit(model))
        self._note.setText(f"{wording.title(model)}: {note}")

    # -- what is chosen -------------------------------------------------------------------------

    def _selection(self) -> Selection:
        current = self._view.currentIndex()
        rows = self._view.selectionModel().selectedRows() or [current]
        models = [self._table.model(index) for index in sorted(rows, key=lambda i: i.row())]
        return Selection(models=tuple(model.name for model in models if model))

    @Slot()
    def _on_mend_clicked(self) -> None:
        if self._filter.text:
            self._search.clear()
            self._search.setFocus()
        else:
            self.import_requested.emit()

    @Slot()
    def _on_columns_changed(self) -> None:
        self._views[VIEW] = self._view.columns_state()

    @Slot()
    def _on_current_changed(self) -> None:
        self._tell_note()
        if model := self._table.model(self._view.currentIndex()):
            self.model_selected.emit(model.name)

    @Slot()
    def _on_activated(self) -> None:
        selection = self._selection()
        if selection.only_model:
            self._actions.do(RowAction.DETAILS, selection)

    @Slot(QPoint)
    def _on_menu_requested(self, position: QPoint) -> None:
        if self._view.indexAt(position).isValid():
            at = self._view.viewport().mapToGlobal(position)
            self._actions.popup(self._selection(), self._view, at)

    @Slot()
    def _on_drag_started(self) -> None:
        if models := self._selection().models:
            self.drag_requested.emit(self._view, models)
