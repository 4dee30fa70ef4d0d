"""One message: a header, its segments stacked by hand, and a line of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from corral.events import TextKind
from corral.foreign import safe_line
from corral.gui.chat.markdown_segments import Code, Prose, Segment, SegmentSplitter, Thinking
from corral.gui.chat.message_header import MessageHeader
from corral.gui.chat.segments import CodeSegment, ProseSegment, SegmentWidget, ThinkingSegment
from corral.gui.chat.view_data import MediaView, MessageViewData, ReplyState, ToolCallView
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel
from corral.prompt.message import Role as Speaker

if TYPE_CHECKING:
    from corral.gui.chat.media_segment import MediaSegment

_GAP = GRID


class MessageView(QWidget):
    """Draws one message and grows with its stream.

    Signals:
        edit_requested, branch_requested, regenerate_requested, tokens_requested: A command for
            the message (its id).
        variant_requested: Another variant is wanted: id, and -1 or 1.
        link_requested: A link was chosen; its address.
        height_changed: The message is higher or lower now, not by the stream; its id.
    """

    edit_requested = Signal(str)
    branch_requested = Signal(str)
    regenerate_requested = Signal(str)
    tokens_requested = Signal(str)
    variant_requested = Signal(str, int)
    link_requested = Signal(str)
    height_changed = Signal(str)

    def __init__(self, theme: Theme, data: MessageViewData, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data = data
        self._splitter = SegmentSplitter()
        self._n_drawn = 0  # segments whose widgets will not change any more
        self._widgets: list[SegmentWidget] = []
        self._media: list[MediaSegment] = []
        self._received: dict[TextKind, str] = dict.fromkeys(TextKind, "")
        self._header = MessageHeader(theme, parent=self)
        self._footer = PlainLabel(look="small", parent=self)
        self._footer.setWordWrap(True)
        self._footer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._connect_header()
        self._show_media()
        self._read_all()
        self._show_frame()

    @property
    def message_id(self) -> str:
        """Id of the message."""
        return self._data.id

    @property
    def text(self) -> str:
        """The answer or question as written, without the thinking."""
        return self._received[TextKind.ANSWER]

    def show_message(self, data: MessageViewData) -> None:
        """Show another state of the message; text that is only longer is only added."""
        if data == self._data:
            return
        self._data = data
        self._show_media()
        if not self._can_grow_to(data):
            self._restart()
        self._read_all()
        self._show_frame()
        self._place()

    def feed(self, text: str, kind: TextKind) -> None:
        """Take the next piece of the stream; `draw` shows it."""
        self._received[kind] += text
        self._splitter.feed(text, kind)

    def draw(self) -> None:
        """Draw what has come: only the segments that are not final."""
        segments = [*self._splitter.segments(), *map(self._call_segment, self._data.tool_calls)]
        for index in range(self._n_drawn, len(segments)):
            self._widget_for(index, segments[index])
        for widget in self._widgets[len(segments) :]:
            widget.hide()
            widget.deleteLater()
        del self._widgets[len(segments) :]
        self._n_drawn = len(self._splitter.closed)
        if segments and self._data.note:
            self._show_footer()

    def redraw(self) -> None:
        """Draw everything again in the theme's new colours and fonts."""
        for segment in self._media:
            segment.update()
        for widget in self._widgets:
            widget.draw()
        self._place()

    def focus_stops(self) -> list[QWidget]:
        """Return what the keyboard can reach here, in reading order, the message itself first."""
        stops: list[QWidget] = [self, *self._header.focus_stops(), *self._media]
        for widget in self._widgets:
            stops += widget.focus_stops()
        return stops

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        height = self._header.sizeHint().height()
        for widget in (*self._media, *self._widgets):
            height += _GAP + widget.heightForWidth(width)
        if not self._footer.isHidden():
            height += _GAP + self._footer.heightForWidth(width)
        return height

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(self.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Place the parts."""
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the whole message with the key that copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Show the keyboard's focus by a bar at the side."""
        if self.hasFocus():
            bar = QRect(0, 0, 2, self.height())
            QPainter(self).fillRect(bar, self._theme.palette.colour(Role.ACCENT))

    @Slot()
    def copy(self) -> None:
        """Put the text of the message on the clipboard, as it was written."""
        QGuiApplication.clipboard().setText(self.text)

    def _can_grow_to(self, data: MessageViewData) -> bool:
        """Tell whether what has come is the beginning of a message's text.

        While a message is open the stream may be ahead of what its presenter last said.
        """
        pairs = (
            (data.text, self._received[TextKind.ANSWER]),
            (data.thinking, self._received[TextKind.THINKING]),
        )
        return all(
            wanted.startswith(got) or (data.is_open and got.startswith(wanted))
            for wanted, got in pairs
        )

    def _show_media(self) -> None:
        """Show the pictures and sounds; they come before the text, as the model reads them."""
        wanted = self._data.media
        if [each.media.digest for each in self._media] != [each.digest for each in wanted]:
            for segment in self._media:
                segment.hide()
                segment.deleteLater()
            self._media = [self._new_media(each) for each in wanted]
        for segment, each in zip(self._media, wanted, strict=True):
            segment.show_media(each)

    def _new_media(self, media: MediaView) -> MediaSegment:
        from corral.gui.chat.media_segment import MediaSegment  # lazy: comes with the first one

        segment = MediaSegment(self._theme, media, parent=self)
        segment.show()
        return segment

    def _restart(self) -> None:
        for widget in self._widgets:
            widget.hide()
            widget.deleteLater()
        self._widgets = []
        self._n_drawn = 0
        self._splitter = SegmentSplitter()
        self._received = dict.fromkeys(TextKind, "")

    def _read_all(self) -> None:
        """Take what the data has more than the stream brought."""
        wanted = {
            TextKind.THINKING: self._data.thinking,
            TextKind.ANSWER: self._data.text,
        }
        for kind, text in wanted.items():
            self.feed(text[len(self._received[kind]) :], kind)
        if not self._data.is_open:
            self._splitter.finish()
        self.draw()

    def _widget_for(self, index: int, segment: Segment) -> None:
        """Show a segment in its widget; another kind of segment gets another widget."""
        if index == len(self._widgets):
            self._widgets.append(self._new_widget(segment))
        widget = self._widgets[index]
        match segment, widget:
            case Prose(), ProseSegment():
                widget.show_segment(segment)
            case Code(), CodeSegment():
                widget.show_segment(segment)
            case Thinking(), ThinkingSegment():
                widget.show_segment(segment)
            case _:
                widget.hide()
                widget.deleteLater()
                self._widgets[index] = self._new_widget(segment)
                self._widget_for(index, segment)

    def _call_segment(self, call: ToolCallView) -> Segment:
        """Return a tool call as it is shown: its arguments as they came, under its name."""
        title = self.tr("Tool call: %1").replace("%1", safe_line(call.name))
        if not call.name:
            title = self.tr("A tool call that cannot be read")
        return Code(language=title, text=call.text, is_closed=True)

    def _new_widget(self, segment: Segment) -> SegmentWidget:
        widget: SegmentWidget
        match segment:
            case Prose():
                widget = ProseSegment(self._theme, parent=self)
                widget.link_requested.connect(self.link_requested)
            case Code():
                widget = CodeSegment(self._theme, parent=self)
            case Thinking():
                widget = ThinkingSegment(self._theme, parent=self)
                widget.link_requested.connect(self.link_requested)
                widget.height_changed.connect(self._on_part_changed)
            case _ as never:
                assert_never(never)
        widget.show()
        return widget

    def _place(self) -> None:
        """Set the geometry of all parts below each other."""
        width, top = self.width(), self._header.sizeHint().height()
        self._header.setGeometry(0, 0, width, top)
        for widget in (*self._media, *self._widgets):
            height = widget.heightForWidth(width)
            widget.setGeometry(0, top + _GAP, width, height)
            top += _GAP + height
        self._footer.setGeometry(0, top + _GAP, width, self._footer.heightForWidth(width))

    def _show_frame(self) -> None:
        self._header.show_message(self._data)
        self._show_footer()
        self.setAccessibleName(self._spoken_name())

    def _show_footer(self) -> None:
        data = self._data
        is_failure = data.state is ReplyState.FAILED
        waits = data.is_open and not self._widgets
        text = data.error if is_failure else data.note if waits else data.footer
        self._footer.set_look("bad" if is_failure else "small")
        self._footer.setText(text)
        self._footer.setVisible(bool(text))

    def _spoken_name(self) -> str:
        data = self._data
        match data.role:
            case Speaker.USER:
                return self.tr("Your message")
            case Speaker.SYSTEM:
                return self.tr("System message")
            case Speaker.TOOL:
                return self.tr("Result of a tool")
            case Speaker.ASSISTANT:
                words = self.tr("Reply %1 of %2, %3")
                words = words.replace("%1", str(data.index)).replace("%2", str(data.count))
                return words.replace("%3", data.model)

    def _connect_header(self) -> None:
        header = self._header
        header.edit_requested.connect(self.edit_requested)
        header.branch_requested.connect(self.branch_requested)
        header.regenerate_requested.connect(self.regenerate_requested)
        header.tokens_requested.connect(self.tokens_requested)
        header.variant_requested.connect(self.variant_requested)
        header.copy_requested.connect(self.copy)

    @Slot()
    def _on_part_changed(self) -> None:
        self._place()
        self.height_changed.emit(self._data.id)
