"""The rows of the library for a view."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from corral.gui.library.rows import Row, RowKind

ROW_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class LibraryModel(QAbstractListModel):
    """A flat list: headings, models, chats."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show other rows; where only their words changed, the view keeps what is selected."""
        old_keys = [(row.kind, row.key) for row in self._rows]
        if old_keys == [(row.kind, row.key) for row in rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: Index) -> Row | None:
        """Return the row at an index."""
        return self._rows[index.row()] if index.isValid() else None

    def index_of(self, kind: RowKind, key: str) -> QModelIndex:
        """Return the index of a model or a chat; an invalid one when it is not there."""
        for number, row in enumerate(self._rows):
            if row.kind is kind and row.key == key:
                return self.index(number)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row, or the words that a screen reader says."""
        row = self.row(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (row.title, row.detail, row.badge) if part)
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings can be neither chosen nor reached."""
        row = self.row(index)
        if row is None or row.kind is RowKind.SECTION:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
