"""The facts of a model and its files."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from corral.gui.library.details_presenter import ModelFile
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline


class Overview(QScrollArea):
    """Names and values in two columns, then the files.

    Args:
        theme: Colours and fonts.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Overview"))
        self._values: dict[str, PlainLabel] = {}
        self._files: list[QWidget] = []
        content = QWidget()
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(3 * GRID)
        self._facts.setVerticalSpacing(GRID)
        self._facts.setColumnStretch(1, 1)
        self._file_rows = QVBoxLayout()
        self._file_rows.setSpacing(GRID // 2)
        column = QVBoxLayout(content)
        column.setContentsMargins(2 * GRID + 4, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(self._facts)
        column.addWidget(hairline())
        column.addWidget(PlainLabel(self.tr("Files and disk use"), look="heading"))
        column.addLayout(self._file_rows)
        column.addStretch(1)
        self.setWidget(content)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show names and values; where only values changed, what is selected stays."""
        if list(self._values) != [name for name, _ in facts]:
            self._rebuild([name for name, _ in facts])
        for name, value in facts:
            if self._values[name].text() != value:
                self._values[name].setText(value)

    def show_files(self, files: Sequence[ModelFile]) -> None:
        """Show the files."""
        for widget in self._files:
            widget.deleteLater()
        self._files = []
        for file in files:
            words = " · ".join(x for x in (file.role, file.size_text, file.sharing) if x)
            label = PlainLabel(words)
            label.setWordWrap(True)
            self._add_file(label)
            self._add_file(ElidedLabel(str(file.path), look="small"))
            copy = TextButton(self.tr("Copy path"), look=Look.FLAT)
            copy.clicked.connect(lambda _=False, path=file.path: _copy(str(path)))
            self._files.append(copy)
            self._file_rows.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_file(self, label: PlainLabel) -> None:
        self._files.append(label)
        self._file_rows.addWidget(label)

    def _rebuild(self, names: Sequence[str]) -> None:
        while item := self._facts.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        self._values = {}
        for row, name in enumerate(names):
            value = PlainLabel()
            value.setAccessibleName(name)
            value.setWordWrap(True)
            _make_selectable(value)
            self._values[name] = value
            top = Qt.AlignmentFlag.AlignTop
            self._facts.addWidget(PlainLabel(name, look="quiet"), row, 0, top)
            self._facts.addWidget(value, row, 1)


def _make_selectable(label: PlainLabel) -> None:
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
