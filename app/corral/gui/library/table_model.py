"""The models as a table that is sorted by its columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from corral.gui.library import wording
from corral.gui.library.columns import NUMBERS, Column, Line, column_specs
from corral.gui.library.shelf import Shelf
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.library.model import StoredModel

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
N_COLUMNS = len(Column)
_FLAGS = (  # asked for every row there is, so it is made once
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemNeverHasChildren
    | Qt.ItemFlag.ItemIsDragEnabled
)
_AT_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is drawn of a cell.

    Attributes:
        text: Its words.
        font: Their font.
        colour: Their colour; None for that of all text.
    """

    text: str
    font: QFont
    colour: QColor | None = None


class ModelTable(QAbstractTableModel):
    """One row a model; words are made when a cell is drawn.

    Args:
        shelf: Tells the fit of each model.
        theme: Gives the colours of the fit.
        parent: Owner.
    """

    def __init__(self, shelf: Shelf, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._theme = theme
        self._columns = column_specs()
        self._makers: dict[int, Callable[[StoredModel, Column], object]] = {
            Qt.ItemDataRole.DisplayRole: self._words,
            Qt.ItemDataRole.AccessibleTextRole: self._spoken,
            Qt.ItemDataRole.TextAlignmentRole: lambda _, column: alignment(column),
            Qt.ItemDataRole.ForegroundRole: self._colour,
            Qt.ItemDataRole.FontRole: self._font,
            Qt.ItemDataRole.ToolTipRole: self._tip,
        }
        self._models: list[StoredModel] = []
        self._column = Column.NAME
        self._is_descending = False

    @property
    def sort_column(self) -> Column:
        """The column that the rows are sorted by."""
        return self._column

    def show(self, models: Sequence[StoredModel]) -> None:
        """Show other models; where only what is told of them changed, the view keeps its state."""
        is_same = {model.name for model in models} == {model.name for model in self._models}
        if is_same and len(models) == len(self._models):
            self._arrange(models)
            self.tell_changed()
            return
        self.beginResetModel()
        self._models = self._sorted(models)
        self.endResetModel()

    def tell_changed(self) -> None:
        """Have the view draw all rows again."""
        if self._models:
            last = self.index(len(self._models) - 1, N_COLUMNS - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def model(self, index: Index) -> StoredModel | None:
        """Return the model at an index."""
        return self._models[index.row()] if index.isValid() else None

    def index_of(self, name: str) -> QModelIndex:
        """Return the first cell of a model; an invalid index when it is not there."""
        rows = (row for row, model in enumerate(self._models) if model.name == name)
        row = next(rows, None)
        return QModelIndex() if row is None else self.index(row, 0)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of models."""
        return 0 if parent.isValid() else len(self._models)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else N_COLUMNS

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows; what is chosen stays chosen."""
        if column not in set(Column):
            return
        self._column, self._is_descending = Column(column), order is Qt.SortOrder.DescendingOrder
        if self._column is Column.FIT:
            self._shelf.plan_all()
        self._arrange(self._models)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All rows can be chosen and dragged out."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def mimeData(self, _indexes: object) -> QMimeData:
        """Carry nothing: a drag begins in the view, which makes the files first."""
        return QMimeData()

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return what stands above a column."""
        if orientation is not Qt.Orientation.Horizontal or section not in set(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[Column(section)].title
        return alignment(Column(section)) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def cell(self, row: int, column: Column) -> Cell:
        """Return what is drawn of a cell: the same as its roles tell."""
        model = self._models[row]
        text, font = self._words(model, column), self._font(model, column)
        return Cell(text=text, font=font, colour=self._colour(model, column))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words, colour, or what a screen reader says of it."""
        model = self.model(index)
        if model is None:
            return None
        column = Column(index.column())
        maker = self._makers.get(role)
        return maker(model, column) if maker else None

    def _words(self, model: StoredModel, column: Column) -> str:
        return self._columns[column].text(self._line(model, column))

    def _spoken(self, model: StoredModel, column: Column) -> str:
        return f"{self._columns[column].title}: {self._words(model, column)}"

    def _colour(self, model: StoredModel, column: Column) -> QColor | None:
        if column is not Column.FIT:
            return None
        line = self._line(model, column)
        _, role = wording.fit_badge(model, line.fit, is_loaded=line.is_loaded)
        return self._theme.palette.colour(role)

    def _font(self, _model: StoredModel, column: Column) -> QFont:
        fonts = self._theme.fonts
        return fonts.strong if column is Column.NAME else fonts.figures

    def _tip(self, model: StoredModel, column: Column) -> str:
        if column is Column.FIT or model.problem:
            return plain_tool_tip(wording.fit_tip(model, self._shelf.fit(model)))
        return plain_tool_tip(self._words(model, column))

    def _line(self, model: StoredModel, column: Column) -> Line:
        """Return what a cell is about; only the column of the fit asks for a plan."""
        if column is not Column.FIT:
            return Line(model=model)
        return Line(model=model, fit=self._shelf.fit(model), is_loaded=self._shelf.is_loaded(model))

    def _arrange(self, models: Sequence[StoredModel]) -> None:
        """Put the rows in order and take along whatever points to them."""
        self.layoutAboutToBeChanged.emit()
        pointers = self.persistentIndexList()
        places = [(self._models[each.row()].name, each.column()) for each in pointers]
        self._models = self._sorted(models)
        rows = {model.name: row for row, model in enumerate(self._models)}
        self.changePersistentIndexList(
            pointers, [self.index(rows[name], column) for name, column in places]
        )
        self.layoutChanged.emit()

    def _sorted(self, models: Sequence[StoredModel]) -> list[StoredModel]:
        by_name = sorted(models, key=lambda model: model.name.casefold())
        key = self._columns[self._column].key
        lines = (self._known_line(model) for model in by_name)
        if self._column is not Column.FIT:
            lines = (Line(model=model) for model in by_name)
        lines_sorted = sorted(lines, key=key, reverse=self._is_descending)
        return [line.model for line in lines_sorted]

    def _known_line(self, model: StoredModel) -> Line:
        fit, is_loaded = self._shelf.known_fit(model), self._shelf.is_loaded(model)
        return Line(model=model, fit=fit, is_loaded=is_loaded)


def alignment(column: Column) -> Qt.AlignmentFlag:
    """Return where the words of a column stand."""
    return _AT_RIGHT if column in NUMBERS else _AT_LEFT
