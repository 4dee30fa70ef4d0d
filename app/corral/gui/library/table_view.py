"""A flat table with rows to choose, columns to sort, move and hide."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView

from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme


class TableView(QTableView):
    """A table that tells of keys and drags instead of handling them.

    Signals:
        drag_started: The chosen rows are being dragged out; told within a mouse handler.
        columns_changed: Columns were hidden, shown, moved, resized or sorted by.

    Attributes:
        on_key: Asked first for every key; tells whether it did something.
    """

    drag_started = Signal()
    columns_changed = Signal()

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.on_key: Callable[[QKeyEvent], bool] = lambda _event: False
        self.setProperty("look", "table")
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self._prepare_header()

    def widen(self, samples: tuple[str, ...]) -> None:
        """Make each column as wide as a typical text in it, or as its heading."""
        metrics, model = self.header.fontMetrics(), self.model()
        for column, sample in enumerate(samples):
            title = str(model.headerData(column, Qt.Orientation.Horizontal))
            widest = max(metrics.horizontalAdvance(text) for text in (title + "  ▾", sample))
            self.setColumnWidth(column, widest + 4 * metrics.averageCharWidth())

    def columns_state(self) -> str:
        """Return how the columns are set."""
        return b64encode(bytes(self.header.saveState().data())).decode()

    def restore_columns(self, state: str) -> bool:
        """Set the columns as they were; nothing is done with what is no such state."""
        try:
            return self.header.restoreState(QByteArray(b64decode(state, validate=True)))
        except ValueError:
            return False

    def choose_rows(self, indexes: Iterable[QModelIndex]) -> None:
        """Choose more rows; those that are no more are left out."""
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for index in indexes:
            if index.isValid():
                self.selectionModel().select(index, flags)

    def fill_columns_menu(self, menu: QMenu) -> None:
        """Put an entry for each column into a menu; the first one always stays."""
        menu.clear()
        header, model = self.header, self.model()
        for column in range(1, model.columnCount()):
            text = str(model.headerData(column, Qt.Orientation.Horizontal))
            action = QAction(text, menu)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(column))
            action.toggled.connect(
                lambda is_shown, column=column: self._show_column(column, is_shown=is_shown)
            )
            menu.addAction(action)

    @property
    def header(self) -> QHeaderView:
        """What stands above the columns."""
        return self.horizontalHeader()

    def set_row_height(self, height: int) -> None:
        """Make all rows this high: none is measured, so thousands of them cost nothing."""
        self.verticalHeader().setDefaultSectionSize(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask first what the key means here."""
        if not self.on_key(event):
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:  # noqa: N802 (Qt's name)
        """Leave the drag to whoever can make files of the rows."""
        self.drag_started.emit()

    def _prepare_header(self) -> None:
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.hide()
        header = self.header
        header.setHighlightSections(False)
        header.setAccessibleName(self.tr("Columns"))
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setStretchLastSection(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_columns_requested)
        for signal in (header.sectionResized, header.sectionMoved, header.sortIndicatorChanged):
            signal.connect(self._on_columns_changed)

    def _show_column(self, column: int, *, is_shown: bool) -> None:
        self.header.setSectionHidden(column, not is_shown)
        self.columns_changed.emit()

    @Slot()
    def _on_columns_changed(self) -> None:
        self.columns_changed.emit()

    @Slot(QPoint)
    def _on_columns_requested(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill_columns_menu(menu)
        menu.popup(self.header.viewport().mapToGlobal(position))


def row_height(theme: Theme) -> int:
    """Return the height of a row from the fonts."""
    return QFontMetrics(theme.fonts.strong).height() + GRID + GRID // 2
