"""The rows of the library for a view."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)

from corral.gui.library.rows import Row, RowKey, RowKind, Selection
from corral.gui.widgets.plain_label import plain_tool_tip

ROW_ROLE = Qt.ItemDataRole.UserRole
_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ToolTipRole,
        ROW_ROLE,
    }
)
Index = QModelIndex | QPersistentModelIndex


class LibraryModel(QAbstractListModel):
    """A flat list: headings, models, chats.

    It holds keys only. What a row says is asked for when it is drawn, so thousands of rows cost
    nothing until they are seen.

    Args:
        describe: Returns what a row says.
        parent: Owner.
    """

    def __init__(self, describe: Callable[[RowKey], Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._keys: tuple[RowKey, ...] = ()
        self._heading_size = QSize()
        self._row_size = QSize()

    @property
    def keys(self) -> tuple[RowKey, ...]:
        """The rows in order."""
        return self._keys

    def set_sizes(self, heading: QSize, row: QSize) -> None:
        """Say how large the two kinds of rows are drawn."""
        self._heading_size, self._row_size = heading, row

    def show(self, keys: tuple[RowKey, ...]) -> None:
        """Show other rows; where only their words changed, the view keeps what is selected."""
        if keys == self._keys:
            if keys:
                self.dataChanged.emit(self.index(0), self.index(len(keys) - 1))
            return
        self.beginResetModel()
        self._keys = keys
        self.endResetModel()

    def key(self, index: Index) -> RowKey | None:
        """Return what stands at an index."""
        return self._keys[index.row()] if index.isValid() else None

    def row(self, index: Index) -> Row | None:
        """Return the row at an index."""
        key = self.key(index)
        return self._describe(key) if key else None

    def index_of(self, kind: RowKind, key: str) -> QModelIndex:
        """Return the index of a model or a chat; an invalid one when it is not there."""
        try:
            return self.index(self._keys.index((kind, key)))
        except ValueError:
            return QModelIndex()

    def selection(self, indexes: Iterable[Index]) -> Selection:
        """Return what stands at some indexes."""
        keys = [self._keys[row] for row in sorted({index.row() for index in indexes})]
        return Selection(
            models=tuple(key for kind, key in keys if kind is RowKind.MODEL),
            chats=tuple(key for kind, key in keys if kind is RowKind.CHAT),
        )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row, or the words that a screen reader says."""
        key = self.key(index)
        if key is None:
            return None
        if role == Qt.ItemDataRole.SizeHintRole:  # asked for every row there is, so it comes first
            return self._heading_size if key[0] is RowKind.SECTION else self._row_size
        return _told(self._describe(key), role) if role in _ROLES else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings can be neither chosen nor reached; models can be dragged out."""
        key = self.key(index)
        if key is None or key[0] is RowKind.SECTION:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if key[0] is RowKind.MODEL else flags

    def mimeData(self, _indexes: object) -> QMimeData:
        """Carry nothing: a drag begins in the view, which makes the files first."""
        return QMimeData()


def _told(row: Row, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return row.title
        case Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.detail, row.badge) if part)
        case Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(row.tip)
    return row
