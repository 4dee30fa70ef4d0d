"""The scrolling chat: keeps the reader's place, follows the stream, draws it frame by frame."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from corral.events import TextKind
from corral.gui.chat.column import MessageColumn
from corral.gui.chat.view_data import MessageViewData
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton
from corral.gui.widgets.plain_label import PlainLabel

_FRAME_MS = 50  # reading needs no more, and the model has more of the processor
_IDLE_MS = 10
_IDLE_SLICE_S = 0.008
_WIDEST_CHARACTERS = 92  # a longer line is hard to read
_AT_END_PX = 2 * GRID
_SMALLEST_MARGIN = 8 * GRID


class Transcript(QScrollArea):
    """Shows one branch of a conversation.

    Signals:
        edit_requested, branch_requested, regenerate_requested: A command for a message (its id).
        variant_requested: Another variant is wanted: id, and -1 or 1.
        link_requested: A link was chosen; its address. Show it before opening it.
        margin_changed: The text begins that many pixels from the edge (int).
    """

    edit_requested = Signal(str)
    branch_requested = Signal(str)
    regenerate_requested = Signal(str)
    tokens_requested = Signal(str)
    variant_requested = Signal(str, int)
    link_requested = Signal(str)
    margin_changed = Signal(int)

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_following = True
        self._is_placing = False
        self._growing: set[str] = set()  # messages whose stream waits to be drawn
        self._column = MessageColumn(theme)
        self._empty = PlainLabel(look="quiet", parent=self.viewport())
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._jump = IconButton(theme, "arrow-down", self.tr("Jump to the end"), parent=self)
        self._jump.setProperty("look", "floating")
        self._jump.clicked.connect(self.jump_to_end)
        self._jump.hide()
        self._frame_timer = self._timer(_FRAME_MS, self._on_frame)
        self._idle_timer = self._timer(_IDLE_MS, self._on_idle)
        self._set_up()

    @property
    def is_at_end(self) -> bool:
        """Whether the reader sees the end, so that a stream is followed."""
        return self._is_following

    def set_messages(self, messages: Sequence[MessageViewData]) -> None:
        """Show a branch; messages that were shown already keep their widgets and place."""
        self._keep_focus(frozenset(data.id for data in messages))
        with self._keeping_place():
            self._column.set_messages(messages)
            self._column.build_end(2 * self.viewport().height())
        self._idle_timer.start()

    def update_message(self, data: MessageViewData) -> None:
        """Show another state of one message; a new one is appended."""
        with self._keeping_place(data.id):
            self._column.update_message(data)

    def append_text(self, message_id: str, text: str, kind: TextKind = TextKind.ANSWER) -> None:
        """Take a piece of the stream; it is drawn with the next frame."""
        view = self._column.view(message_id)
        if view is None:
            return
        view.feed(text, kind)
        self._growing.add(message_id)
        if not self._frame_timer.isActive() and self.isVisible():
            self._frame_timer.start()

    def set_empty_text(self, text: str) -> None:
        """Say what belongs here while there is no message."""
        self._empty.setText(text)
        self._place_overlays()

    def announce(self, words: str) -> None:
        """Tell screen readers, for example that an answer begins or has ended."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def scroll_state(self) -> tuple[str, int] | None:
        """Return the reader's place: message id and offset; None at the end."""
        return None if self._is_following else self._column.place_at(self._value())

    def restore_scroll(self, state: tuple[str, int] | None) -> None:
        """Go to a place that `scroll_state` gave."""
        self._is_following = state is None
        if state is not None:
            self._column.build_down_to(state[0])
        self._restack(None, state)

    @Slot()
    def jump_to_end(self) -> None:
        """Show the end and follow the stream again."""
        self._is_following = True
        self._restack(None, None)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while nobody looked."""
        super().showEvent(event)
        self._on_frame()
        self._idle_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw nothing while hidden."""
        self._frame_timer.stop()
        self._idle_timer.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the width of the text: what is seen at once, the rest when idle."""
        super().resizeEvent(event)
        with self._keeping_place():
            self._set_content()
        self._idle_timer.start()

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: FBT001, N802 - Qt's
        """Let Tab walk through messages as they are read, whenever they were built.

        In the window's own order the transcript is one stop; its parts come from here.
        """
        stops = [stop for view in self._column for stop in view.focus_stops()]
        current = QApplication.focusWidget()
        if current is self and is_next:
            target = self._first_seen()
        elif current in stops:
            index = stops.index(current) + (1 if is_next else -1)
            target = stops[index] if 0 <= index < len(stops) else None
        else:
            target = None
        if target is None:
            is_leaving = is_next or current is self
            self.setFocus(Qt.FocusReason.TabFocusReason)
            return super().focusNextPrevChild(is_next) if is_leaving else True
        reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
        target.setFocus(reason)
        self.ensureWidgetVisible(target, 0, GRID)
        return True

    def _set_up(self) -> None:
        self.setWidget(self._column)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Messages"))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._theme.changed.connect(self._on_theme_changed)
        column = self._column
        column.edit_requested.connect(self.edit_requested)
        column.branch_requested.connect(self.branch_requested)
        column.regenerate_requested.connect(self.regenerate_requested)
        column.tokens_requested.connect(self.tokens_requested)
        column.variant_requested.connect(self.variant_requested)
        column.link_requested.connect(self.link_requested)
        column.height_changed.connect(self._on_height_changed)

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _value(self) -> int:
        return self.verticalScrollBar().value()

    def _seen(self) -> tuple[int, int]:
        """Return the edges of what is seen and of as much again above and below."""
        height = self.viewport().height()
        return self._value() - height, self._value() + 2 * height

    def _first_seen(self) -> QWidget | None:
        """Return the first message that begins in what is seen, else the last one."""
        views = list(self._column)
        below = (view for view in views if view.y() >= self._value())
        return next(below, views[-1] if views else None)

    def _set_content(self) -> None:
        """Centre the text; the scroll bar takes no part, so that it may come and go."""
        widest = self.fontMetrics().averageCharWidth() * _WIDEST_CHARACTERS
        width = max(20 * GRID, min(widest, self.width() - 2 * _SMALLEST_MARGIN))
        margin = (self.width() - width) // 2
        self._column.set_content(margin, width)
        self.margin_changed.emit(margin)

    @contextmanager
    def _keeping_place(self, changed_id: str | None = None) -> Iterator[None]:
        """Stack again after a change, without moving what the reader looks at."""
        place = None if self._is_following else self._column.place_at(self._value())
        yield
        self._restack(changed_id, place)

    def _restack(self, changed_id: str | None, place: tuple[str, int] | None) -> None:
        self._is_placing = True
        self._column.stack(changed_id)
        self._scroll_to(place)
        if self._column.measure_between(*self._seen()):
            self._column.stack()
            self._scroll_to(place)
        self._is_placing = False
        self._place_overlays()

    def _scroll_to(self, place: tuple[str, int] | None) -> None:
        self._column.resize(self.viewport().width(), self._column.content_height)
        bar = self.verticalScrollBar()
        if self._is_following:
            bar.setValue(bar.maximum())
        elif place is not None and (top := self._column.top_of(place[0])) is not None:
            bar.setValue(top + place[1])

    def _place_overlays(self) -> None:
        self._empty.setGeometry(self.viewport().rect().adjusted(GRID, 0, -GRID, 0))
        self._empty.setVisible(len(self._column) == 0)
        side = self._jump.sizeHint()
        left = (self.width() - side.width()) // 2
        self._jump.setGeometry(
            left, self.height() - side.height() - GRID, side.width(), side.height()
        )
        self._jump.setVisible(not self._is_following)

    def _keep_focus(self, staying_ids: frozenset[str]) -> None:
        """Take the focus from messages that go away; it must not be lost with them."""
        for view in self._column:
            if view.message_id not in staying_ids and view.isAncestorOf(
                QApplication.focusWidget() or self
            ):
                self.setFocus()

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        if self._is_placing:
            return
        self._is_following = value >= self.verticalScrollBar().maximum() - _AT_END_PX
        with self._keeping_place():
            pass
        self._idle_timer.start()

    @Slot()
    def _on_frame(self) -> None:
        """Draw what the stream brought; a slow machine gets fewer frames."""
        if not self._growing:
            return
        started = perf_counter()
        for message_id in sorted(self._growing):
            if view := self._column.view(message_id):
                with self._keeping_place(message_id):
                    view.draw()
        self._growing.clear()
        cost_ms = round((perf_counter() - started) * 1000)
        self._frame_timer.setInterval(max(_FRAME_MS, 6 * cost_ms))

    @Slot()
    def _on_idle(self) -> None:
        """Build and measure for a few milliseconds, then let others go first."""
        started = perf_counter()
        with self._keeping_place():
            while self._column.work_idly() and perf_counter() - started < _IDLE_SLICE_S:
                pass
            self._column.drop_far(self._value())
        if self._column.has_idle_work and self.isVisible():
            self._idle_timer.start()

    @Slot(str)
    def _on_height_changed(self, message_id: str) -> None:
        with self._keeping_place(message_id):
            pass

    @Slot()
    def _on_theme_changed(self) -> None:
        with self._keeping_place():
            self._column.set_look()
            self._set_content()
        self._idle_timer.start()
