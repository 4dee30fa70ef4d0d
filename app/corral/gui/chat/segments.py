"""The widgets that a message is stacked from: prose, code, thinking.

Each tells its height for a width and is placed by hand; layouts would measure all of them again
with every piece of a stream.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from corral.foreign import safe_line, safe_text
from corral.gui.chat.markdown_segments import Code, Prose, Thinking
from corral.gui.chat.prose_format import MARKDOWN, format_document
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton
from corral.gui.widgets.plain_label import PlainLabel

if TYPE_CHECKING:
    from corral.gui.chat.highlighting import CodeHighlighter

_READING = (
    Qt.TextInteractionFlag.TextSelectableByMouse
    | Qt.TextInteractionFlag.TextSelectableByKeyboard
    | Qt.TextInteractionFlag.LinksAccessibleByMouse
    | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
)


class ProseSegment(QTextBrowser):
    """Markdown without code blocks. Fetches nothing, opens nothing.

    Signals:
        link_requested: A link was chosen; its address (str).
    """

    link_requested = Signal(str)

    def __init__(self, theme: Theme, *, is_quiet: bool = False, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._height_by_width: dict[int, int] = {}
        self.setProperty("look", "plain-quiet" if is_quiet else "plain")
        self.setAccessibleName(self.tr("Text of the message"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(_READING)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_segment(self, segment: Prose) -> None:
        """Show a text; nothing happens if it is shown already."""
        if segment.text != self._text:
            self._text = segment.text
            self.draw()

    def draw(self) -> None:
        """Build the document from the text, for example in new colours."""
        cursor = self.textCursor()
        anchor, position = cursor.anchor(), cursor.position()
        self.document().setMarkdown(safe_text(self._text), MARKDOWN)
        format_document(self.document(), self._theme)
        if anchor != position:
            self._select_again(anchor, position)
        self._height_by_width.clear()

    def focus_stops(self) -> list[QWidget]:
        """Return itself if there may be links to choose."""
        has_link = "](" in self._text or "://" in self._text
        return [self] if has_link else []

    def heightForWidth(self, width: int) -> int:
        """Return how high the text is at a width."""
        if width not in self._height_by_width:
            # Fixed, or a hidden browser lays the text out for a width of its own.
            self.setLineWrapColumnOrWidth(width)
            self._height_by_width = {width: ceil(self.document().size().height())}
        return self._height_by_width[width]

    def loadResource(self, _kind: int, _address: QUrl | str) -> None:
        """Refuse: an answer must not read files or reach into the network."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the column of messages."""
        event.ignore()

    @Slot(QUrl)
    def _on_anchor_clicked(self, address: QUrl) -> None:
        self.link_requested.emit(address.toString())

    def _select_again(self, anchor: int, position: int) -> None:
        """Keep what the reader has selected while the text grows."""
        last = self.document().characterCount() - 1
        cursor = self.textCursor()
        cursor.setPosition(min(anchor, last))
        cursor.setPosition(min(position, last), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)


class CodeSegment(QFrame):
    """A block of code: its language, a Copy button, and the lines as they are."""

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._segment = Code(language="", text="", is_closed=False)
        self.setProperty("look", "code")
        self._language = PlainLabel(look="small")
        self._copy = IconButton(theme, "copy", self.tr("Copy this code"))
        self._copy.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._header = QWidget(self)
        row = QHBoxLayout(self._header)
        row.setContentsMargins(GRID + 4, GRID // 2, GRID // 2, 0)
        row.addWidget(self._language, 1)
        row.addWidget(self._copy)
        self._body = _CodeText(theme, self)
        self._highlighter: CodeHighlighter | None = None

    def show_segment(self, segment: Code) -> None:
        """Show more of the code, or its end."""
        if segment == self._segment:
            return
        is_closing = segment.is_closed and not self._segment.is_closed
        self._segment = segment
        self._language.setText(safe_line(segment.language, 40) or self.tr("text"))
        self._body.show_text(safe_text(segment.text))
        if is_closing:
            self._highlight()

    def draw(self) -> None:
        """Take fonts and colours again."""
        self._body.setFont(self._theme.fonts.code)
        self._highlight()

    def focus_stops(self) -> list[QWidget]:
        """Return the Copy button and the lines."""
        return [self._copy, self._body]

    def heightForWidth(self, width: int) -> int:
        """Return the height of header and lines; long lines scroll."""
        return self._header.sizeHint().height() + self._body.wanted_height(width - 2) + GRID // 2

    def resizeEvent(self, _event: object) -> None:
        """Place header and lines."""
        top = self._header.sizeHint().height()
        self._header.setGeometry(1, 1, self.width() - 2, top)
        self._body.setGeometry(1, top, self.width() - 2, self.height() - top - GRID // 2)

    def _highlight(self) -> None:
        # lazy: many chats hold no code
        from corral.gui.chat.highlighting import CodeHighlighter, code_spans

        if self._segment.is_closed:
            if self._highlighter is None:
                self._highlighter = CodeHighlighter(self._body.document(), self._theme)
            text = safe_text(self._segment.text)
            self._highlighter.show_spans(code_spans(text, self._segment.language))

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._segment.text)
        self._copy.set_icon_name("check")
        self._copy.set_name(self.tr("Copied"))


class _CodeText(QPlainTextEdit):
    """The lines of a block of code, as high as they are."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setProperty("look", "plain")
        self.setAccessibleName(self.tr("Code"))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setTabChangesFocus(True)
        self.setFont(theme.fonts.code)
        self.document().setDocumentMargin(GRID // 2)
        self.setViewportMargins(GRID, 0, GRID, 0)

    def show_text(self, text: str) -> None:
        """Show a text; what is only added is only appended."""
        if text.startswith(self._shown):
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :])
        else:
            self.setPlainText(text)
        self._shown = text

    def wanted_height(self, width: int) -> int:
        """Return the height of all lines, with room for a scroll bar if one is too long."""
        widest, height = 0.0, 2 * self.document().documentMargin()
        block = self.document().begin()
        while block.isValid():
            room = self.blockBoundingRect(block)
            height += room.height()
            widest = max(widest, room.width())
            block = block.next()
        is_too_wide = widest > width - 2 * GRID
        # Set by hand: on its own the bar comes for a moment of every layout and takes a line away.
        policies = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(
            policies.ScrollBarAlwaysOn if is_too_wide else policies.ScrollBarAlwaysOff
        )
        bar = self.horizontalScrollBar().sizeHint().height() if is_too_wide else 0
        return ceil(height) + bar

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll long lines sideways; leave up and down to the column of messages."""
        is_sideways = (
            event.angleDelta().x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        )
        if is_sideways:
            super().wheelEvent(event)
        else:
            event.ignore()


class ThinkingSegment(QWidget):
    """What the model thought, folded away until somebody asks.

    Signals:
        height_changed: It was opened or closed.
        link_requested: A link was chosen; its address (str).
    """

    height_changed = Signal()
    link_requested = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._segment = Thinking(text="", is_closed=False)
        self._toggle = QToolButton(self)
        self._toggle.setProperty("look", "flat")
        self._toggle.setCheckable(True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._toggle.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._toggle.toggled.connect(self._on_toggled)
        self._body = ProseSegment(theme, is_quiet=True, parent=self)
        self._body.setAccessibleName(self.tr("What the model thought"))
        self._body.link_requested.connect(self.link_requested)
        self._body.hide()
        self._show_header()

    def show_segment(self, segment: Thinking) -> None:
        """Show more thoughts, or their end."""
        if segment == self._segment:
            return
        self._segment = segment
        self._show_header()
        if self._toggle.isChecked():
            self._body.show_segment(Prose(text=segment.text))

    def draw(self) -> None:
        """Take fonts and colours again."""
        self._show_header()
        self._body.draw()

    def focus_stops(self) -> list[QWidget]:
        """Return the header, and the thoughts if they are open and hold links."""
        return [self._toggle, *(self._body.focus_stops() if self._toggle.isChecked() else [])]

    def heightForWidth(self, width: int) -> int:
        """Return the height of the header, and of the thoughts when they are open."""
        header = self._toggle.sizeHint().height()
        if not self._toggle.isChecked():
            return header
        return header + self._body.heightForWidth(width - 2 * GRID) + GRID

    def resizeEvent(self, _event: object) -> None:
        """Place header and text."""
        header = self._toggle.sizeHint()
        self._toggle.setGeometry(0, 0, min(header.width(), self.width()), header.height())
        top = header.height() + GRID // 2
        self._body.setGeometry(2 * GRID, top, self.width() - 2 * GRID, self.height() - top)

    def _show_header(self) -> None:
        self._toggle.setText(
            self.tr("Thoughts") if self._segment.is_closed else self.tr("Thinking…")
        )
        side = round(self._theme.fonts.small.pointSizeF() * 1.6)
        self._toggle.setIconSize(QSize(side, side))
        name = "chevron-down" if self._toggle.isChecked() else "chevron-right"
        self._toggle.setIcon(self._theme.icon(name))

    @Slot(bool)
    def _on_toggled(self, is_open: bool) -> None:  # noqa: FBT001 - Qt's signal
        if is_open:
            self._body.show_segment(Prose(text=self._segment.text))
        self._body.setVisible(is_open)
        self._show_header()
        self.height_changed.emit()


SegmentWidget = ProseSegment | CodeSegment | ThinkingSegment
