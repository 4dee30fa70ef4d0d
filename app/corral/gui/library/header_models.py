"""The metadata and the tensors of a GGUF file as tables; words are made when a cell is drawn."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from corral.foreign import safe_line, safe_text
from corral.gguf.header import ArrayValue, Scalar, TensorInfo
from corral.gui.theme.theme import Theme
from corral.units import count, file_size

Index = QModelIndex | QPersistentModelIndex
RowT = TypeVar("RowT")
Entry = tuple[str, Scalar | ArrayValue]
_NO_PARENT = QModelIndex()
# So much of a value stands in its cell; all of it is shown below the table and copied.
CELL_LENGTH = 160
LONGEST_TEXT = 200_000
_FLAGS = (  # asked for every row there is, so it is made once
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
)


class RowTable(QAbstractTableModel, Generic[RowT]):
    """Rows of one kind that can be filtered and sorted.

    Args:
        titles: What stands above the columns.
        numbers: Columns that stand at the right.
        theme: Gives the fonts.
        parent: Owner.
    """

    def __init__(
        self,
        titles: Sequence[str],
        numbers: Sequence[int],
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._titles = titles
        self._numbers = numbers
        self._theme = theme
        self._all: tuple[RowT, ...] = ()
        self._shown: list[RowT] = []
        self._words: list[str] = []
        self._order: tuple[int, bool] | None = None

    def text(self, row: RowT, column: int) -> str:
        """Return the words of a cell."""
        raise NotImplementedError

    def key(self, row: RowT, column: int) -> tuple[float, str]:
        """Return what a column is sorted by."""
        raise NotImplementedError

    def haystack(self, row: RowT) -> str:
        """Return what a row is found by."""
        raise NotImplementedError

    def set_rows(self, rows: Sequence[RowT]) -> None:
        """Show other rows."""
        self._all = tuple(rows)
        self._show()

    def change_rows(self, rows: Sequence[RowT]) -> None:
        """Show other figures in as many rows, none of them filtered; the view keeps its place."""
        self._all = tuple(rows)
        self._shown = list(rows)
        if rows:
            last = self.index(len(rows) - 1, len(self._titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def filter(self, text: str) -> None:
        """Show only the rows that have all these words."""
        self._words = text.casefold().split()
        self._show()

    def row(self, index: Index) -> RowT | None:
        """Return the row at an index."""
        return self._shown[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All rows can be chosen."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is the order of the file."""
        is_column = 0 <= column < len(self._titles)
        self._order = (column, order is Qt.SortOrder.DescendingOrder) if is_column else None
        self._show()

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return what stands above a column."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the words and looks of a cell."""
        row = self.row(index)
        if row is None:
            return None
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._titles[column]}: {self.text(row, column)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
            case Qt.ItemDataRole.FontRole:
                fonts = self._theme.fonts
                return fonts.code if column == 0 else fonts.figures
        return None

    def _show(self) -> None:
        rows: list[RowT] = [row for row in self._all if self._is_wanted(row)]
        if self._order:
            column, is_descending = self._order
            rows.sort(key=lambda row: self.key(row, column), reverse=is_descending)
        self.beginResetModel()
        self._shown = rows
        self.endResetModel()

    def _is_wanted(self, row: RowT) -> bool:
        if not self._words:
            return True
        text = self.haystack(row).casefold()
        return all(word in text for word in self._words)

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        is_number = column in self._numbers
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class MetadataTable(RowTable[Entry]):
    """Keys and values; long values are cut."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__((), (), theme, parent)
        self._titles = (self.tr("Key"), self.tr("Value"))

    def text(self, row: Entry, column: int) -> str:
        """Return a key, or the beginning of its value."""
        return safe_line(row[0] if column == 0 else self.value(row)[: 2 * CELL_LENGTH], CELL_LENGTH)

    def key(self, row: Entry, column: int) -> tuple[float, str]:
        """Sort by key, or by value: numbers first."""
        value = row[1]
        if column == 0:
            return 0.0, row[0]
        if isinstance(value, int | float):
            return float(value), ""
        return float("inf"), self.value(row).casefold()

    def haystack(self, row: Entry) -> str:
        """Return key and value."""
        return f"{row[0]} {self.value(row)}"

    def value(self, row: Entry) -> str:
        """Return a whole value as text; of an array that was not read, what it is."""
        value = row[1]
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, ArrayValue):
            return safe_text(str(value)[:LONGEST_TEXT])
        if value.values is not None:
            return ", ".join(map(str, value.values))
        text = self.tr("%1 values of type %2").replace("%1", count(value.length))
        return text.replace("%2", value.element_type.name.lower())


class TensorTable(RowTable[TensorInfo]):
    """Names, shapes, types and sizes of tensors."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__((), (3,), theme, parent)
        self._titles = (self.tr("Tensor"), self.tr("Shape"), self.tr("Type"), self.tr("Size"))

    def text(self, row: TensorInfo, column: int) -> str:
        """Return a cell."""
        match column:
            case 0:
                return safe_line(row.name)
            case 1:
                return " × ".join(map(count, row.shape))
            case 2:
                return row.type.label
        return file_size(row.size_bytes)

    def key(self, row: TensorInfo, column: int) -> tuple[float, str]:
        """Sort shapes by the number of values."""
        match column:
            case 0:
                return 0.0, row.name
            case 1:
                return float(row.element_count), ""
            case 2:
                return 0.0, row.type.label
        return float(row.size_bytes), row.name

    def haystack(self, row: TensorInfo) -> str:
        """Return name, shape and type."""
        return f"{row.name} {self.text(row, 1)} {row.type.label}"
