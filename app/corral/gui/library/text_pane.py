"""A long text to read, search by eye and copy: templates, licences, values."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from corral.foreign import safe_text
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel

# Qt lays out a text as a whole: a value of many megabytes is cut here, but copied whole.
LONGEST_SHOWN = 100_000


class TextPane(QWidget):
    """A line that says what it is, the text, and a button that copies it.

    Args:
        name: What the text is, for screen readers.
        theme: Gives the font.
        parent: Parent widget.
    """

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._whole = ""
        self._note = ElidedLabel(look="small")
        self._copy = TextButton(self.tr("Copy"), look=Look.FLAT)
        self._copy.setAccessibleName(self.tr("Copy: %1").replace("%1", name))
        self._copy.clicked.connect(self._on_copy_clicked)
        self._text = QPlainTextEdit()
        self._text.setAccessibleName(name)
        self._text.setReadOnly(True)
        self._text.setProperty("look", "plain")
        self._text.setTabChangesFocus(True)
        head = QHBoxLayout()
        head.addWidget(self._note, 1)
        head.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        column.addWidget(self._text, 1)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.show_text("", "")

    def show_text(self, note: str, text: str) -> None:
        """Show another text.

        Args:
            note: What it is, or why there is none.
            text: The text.
        """
        self._whole = text
        shown = safe_text(text[:LONGEST_SHOWN])
        if len(text) > LONGEST_SHOWN:
            shown += "\n…"
        self._note.setText(note)
        if self._text.toPlainText() != shown:
            self._text.setPlainText(shown)
        self._text.setVisible(bool(text))
        self._copy.setVisible(bool(text))

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._whole)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._text.setFont(self._theme.fonts.code)
