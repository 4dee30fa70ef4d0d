"""Labels for text that strangers wrote: names, licences, errors of templates.

A QLabel takes text for HTML when it looks like it, and then fetches files; this one never does.
"""

import html

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QStyleOption, QWidget

from corral.foreign import safe_text


def plain_tool_tip(text: str) -> str:
    """Return a tool tip that shows `text` letter by letter; Qt would read it as HTML."""
    return f"<p style='white-space: pre-wrap'>{html.escape(safe_text(text))}</p>" if text else ""


class PlainLabel(QLabel):
    """Shows text as it is, control and bidi characters written out.

    Args:
        text: What to show.
        look: Look of the style sheet: "", "strong", "quiet", "small", "heading", "good", ...
        parent: Parent widget.
    """

    def __init__(self, text: str = "", *, look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if look:
            self.setProperty("look", look)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show another text; a heading stands in capitals, which style sheets cannot say."""
        shown = safe_text(text)
        super().setText(shown.upper() if self.property("look") == "heading" else shown)

    def set_look(self, look: str) -> None:
        """Change the look, for example from "good" to "bad"."""
        if self.property("look") != look:
            self.setProperty("look", look)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(PlainLabel):
    """One line that ends in "…" where space ends; the tool tip then has the whole."""

    def minimumSizeHint(self) -> QSize:
        """Say that the text may be cut down to a few letters."""
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        self.style().drawItemText(
            painter, room, int(self.alignment()), option.palette, self.isEnabled(), shown,
            self.foregroundRole(),
        )  # fmt: skip

    def event(self, event: QEvent) -> bool:
        """Give the whole text as a tool tip while a part is hidden."""
        if event.type() is QEvent.Type.ToolTip:
            needed = self.fontMetrics().horizontalAdvance(self.text())
            is_cut = needed > self.contentsRect().width()
            self.setToolTip(plain_tool_tip(self.text()) if is_cut else "")
        return super().event(event)


def hairline(parent: QWidget | None = None) -> QWidget:
    """Return a thin horizontal line between two parts of a panel."""
    line = QFrame(parent)
    line.setProperty("look", "hairline")
    line.setFixedHeight(1)
    return line
