"""The table of figures: planned beside measured."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from corral.gui.hardware.view import FigureRow
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel

_COLUMNS = 3


class FiguresTable(QWidget):
    """Rows of a label and two figures; its labels stay and say other words, 60 times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[PlainLabel, ...]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setColumnStretch(0, 1)
        self._head = self._add_row("small")
        self._say(self._head, ("", self.tr("planned"), self.tr("measured")))
        self._rows.clear()

    def show_rows(self, rows: Sequence[FigureRow]) -> None:
        """Show other figures."""
        while len(self._rows) < len(rows):
            self._add_row("figures")
        for number, labels in enumerate(self._rows):
            row = rows[number] if number < len(rows) else None
            for label in labels:
                label.setVisible(row is not None)
            if row:
                self._say(labels, (row.label, row.planned, row.measured))

    def _add_row(self, look: str) -> tuple[PlainLabel, ...]:
        labels = tuple(
            PlainLabel(look="small" if column == 0 else look) for column in range(_COLUMNS)
        )
        at = self._grid.rowCount()
        for column, label in enumerate(labels):
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            self._grid.addWidget(label, at, column, side)
        self._rows.append(labels)
        return labels

    def _say(self, labels: Sequence[PlainLabel], texts: Sequence[str]) -> None:
        for label, text in zip(labels, texts, strict=True):
            if label.text() != text:
                label.setText(text)
