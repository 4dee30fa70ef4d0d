"""Widths of columns from what stands in them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from corral.gui.library.table_view import TableView
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme


def fit_columns(table: TableView, theme: Theme, samples: Sequence[str]) -> None:
    """Make each column as wide as its heading or a typical text; the first one in code."""
    heading, model = table.header.fontMetrics(), table.model()
    for column, sample in enumerate(samples):
        metrics = QFontMetrics(theme.fonts.figures if column else theme.fonts.code)
        title = str(model.headerData(column, Qt.Orientation.Horizontal))
        widest = max(heading.horizontalAdvance(title), metrics.horizontalAdvance(sample))
        table.setColumnWidth(column, widest + 2 * GRID + GRID // 2)
