"""The results of a search, and the models of a repository, as tables."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from corral.foreign import safe_line
from corral.gui.hub import wording
from corral.gui.library.wording import ago
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.units import count, file_size

if TYPE_CHECKING:
    from corral.hub.huggingface.records import QuantFile, RepoSummary
    from corral.plan.fit import Fit

Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")
_NO_PARENT = QModelIndex()
_AT_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
translate = QCoreApplication.translate


class RowTable(QAbstractTableModel, Generic[T]):
    """Rows of records; what a cell says is the subclass's.

    Attributes:
        figures: Columns of numbers, which stand at the right.
    """

    figures: frozenset[int] = frozenset({1})

    def __init__(self, titles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = titles
        self._rows: Sequence[T] = ()

    def show(self, rows: Sequence[T]) -> None:
        """Show other rows; where only their words changed, the view keeps what is chosen."""
        if list(rows) == list(self._rows):
            if rows:
                last = self.index(len(rows) - 1, len(self._titles) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: Index) -> T | None:
        """Return the record at an index."""
        return self._rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of records."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return what stands above a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words, and what a screen reader says of it."""
        row = self.row(index)
        if row is None or role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column()) if row else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.words(row, index.column())
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._titles[index.column()]}: {self.words(row, index.column())}"
            case Qt.ItemDataRole.ForegroundRole:
                return self.colour(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tool_tip(self.tip(row, index.column()))
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        return _AT_RIGHT if column in self.figures else _AT_LEFT

    def words(self, row: T, column: int) -> str:
        """Return what a cell says."""
        raise NotImplementedError

    def colour(self, _row: T, _column: int) -> QColor | None:
        """Return the colour of a cell's words, None for the usual one."""
        return None

    def tip(self, row: T, column: int) -> str:
        """Return what a cell says when it is pointed at."""
        return self.words(row, column)


class ResultTable(RowTable["RepoSummary"]):
    """Repositories: name, downloads, age."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = (
            translate("Hub", "Repository"),
            translate("Hub", "Downloads"),
            translate("Hub", "Changed"),
        )
        super().__init__(titles, parent)

    def words(self, row: RepoSummary, column: int) -> str:
        """Return what a cell says."""
        match column:
            case 0:
                return safe_line(row.repo_id, 150)
            case 1:
                return count(row.downloads)
        return ago(time.time() - row.updated_at) if row.updated_at else ""

    def tip(self, row: RepoSummary, _column: int) -> str:
        """Return the whole name, and how many like it."""
        likes = translate("Hub", "Likes: %1").replace("%1", count(row.likes))
        return f"{safe_line(row.repo_id, 150)}\n{likes}"


class QuantTable(RowTable["QuantFile"]):
    """The models of one repository: quantization, size, fit, whether it is here."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        titles = (
            translate("Hub", "Model"),
            translate("Hub", "Size"),
            translate("Hub", "Fit"),
            translate("Hub", "Here"),
        )
        super().__init__(titles, parent)
        self._theme = theme
        self._fits: Mapping[str, Fit] = {}
        self._here: frozenset[str] = frozenset()

    def show_fits(
        self, quants: Sequence[QuantFile], fits: Mapping[str, Fit], here: frozenset[str]
    ) -> None:
        """Show the models of a repository.

        Args:
            quants: The models.
            fits: What is known of their fit, by tag.
            here: Tags of those that the library has.
        """
        self._fits, self._here = fits, here
        self.show(quants)

    def words(self, row: QuantFile, column: int) -> str:
        """Return what a cell says."""
        match column:
            case 0:
                return safe_line(row.tag, 80)
            case 1:
                return file_size(row.download_bytes)
            case 2:
                fit = self._fits.get(row.tag)
                return wording.fit(fit) if fit else ""
        return translate("Hub", "in the library") if row.tag in self._here else ""

    def colour(self, row: QuantFile, column: int) -> QColor | None:
        """Return green, amber or red for a fit."""
        fit = self._fits.get(row.tag)
        if column != 2 or fit is None:
            return None
        return QColor(self._theme.palette.colours[wording.fit_role(fit)])

    def tip(self, row: QuantFile, column: int) -> str:
        """Return the figures behind a fit, or the names of the files."""
        fit = self._fits.get(row.tag)
        if column == 2 and fit:
            return wording.fit_tip(fit)
        return "\n".join(file.path for file in row.files)
