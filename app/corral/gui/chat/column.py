"""The column of messages: stacked by hand, built bit by bit.

Long chats hold more messages than anybody looks at. The newest are built first, older ones when the
program is idle, and those far away are dropped again while their heights are kept.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from corral.gui.chat.message_view import MessageView
from corral.gui.chat.view_data import MessageViewData
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme

_GAP = 3 * GRID
_MARGIN = 2 * GRID
_FIRST_BUILT = 20
_MOST_BUILT = 300


@dataclass(slots=True, eq=False)
class _Slot:
    """The place of one message, whether it is built or not.

    Attributes:
        data: What the message is.
        view: Its widget, None while it is not built or dropped again.
        top: Upper edge in the column.
        height: As measured, 0 before it was ever built.
        width: The width it was measured for.
        look: The look it was drawn in; every change of colours or fonts is another one.
    """

    data: MessageViewData
    view: MessageView | None = None
    top: int = 0
    height: int = 0
    width: int = 0
    look: int = 0


class MessageColumn(QWidget):
    """Holds the messages of one branch.

    Its owner keeps the reader's place: every method that can move messages is called between
    looking where the reader is and scrolling there again.

    Signals:
        edit_requested, branch_requested, regenerate_requested: A command for a message (its id).
        variant_requested: Another variant is wanted: id, and -1 or 1.
        link_requested: A link was chosen; its address.
        height_changed: A message asks to be stacked again; its id.
    """

    edit_requested = Signal(str)
    branch_requested = Signal(str)
    regenerate_requested = Signal(str)
    tokens_requested = Signal(str)
    variant_requested = Signal(str, int)
    link_requested = Signal(str)
    height_changed = Signal(str)

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._slots: list[_Slot] = []
        self._index_by_id: dict[str, int] = {}
        self._left = 0
        self._content_width = 0
        self._height = 0
        self._look = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[MessageView]:
        return (slot.view for slot in self._slots if slot.view is not None)

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all messages."""
        return frozenset(self._index_by_id)

    @property
    def content_height(self) -> int:
        """Height of all messages that were ever built, with the margins."""
        return self._height

    @property
    def has_idle_work(self) -> bool:
        """Whether messages wait to be built or measured for the present width."""
        return any(self._is_idle_work(slot) for slot in self._slots)

    def view(self, message_id: str) -> MessageView | None:
        """Return a message's widget, building it if need be; None for an unknown id."""
        index = self._index_by_id.get(message_id)
        if index is None:
            return None
        return self._build(self._slots[index])

    def set_messages(self, messages: Sequence[MessageViewData]) -> None:
        """Show another list; messages that stay keep their widgets."""
        known = {slot.data.id: slot for slot in self._slots}
        self._slots = [
            known.pop(data.id) if data.id in known else _Slot(data=data) for data in messages
        ]
        self._index_by_id = {data.id: index for index, data in enumerate(messages)}
        for slot in known.values():
            self._drop(slot)
        for slot, data in zip(self._slots, messages, strict=True):
            self._show(slot, data)

    def update_message(self, data: MessageViewData) -> None:
        """Show another state of one message, or append it if it is new."""
        index = self._index_by_id.get(data.id)
        if index is None:
            self._index_by_id[data.id] = len(self._slots)
            self._slots.append(_Slot(data=data))
        else:
            self._show(self._slots[index], data)

    def set_content(self, left: int, width: int) -> None:
        """Say where the text stands; messages are measured again by `stack` or when idle."""
        self._left, self._content_width = left, width

    def set_look(self) -> None:
        """Colours or fonts are others: all messages are to be drawn again, the seen ones first."""
        self._look += 1

    def build_end(self, enough_height: int) -> None:
        """Build the newest messages until they fill a height."""
        height = 0
        for slot in reversed(self._slots[-_FIRST_BUILT:]):
            if not slot.height:
                self._measure(slot)
            height += slot.height + _GAP
            if height > enough_height:
                break

    def build_down_to(self, message_id: str) -> None:
        """Build all messages from the newest down to one."""
        for slot in self._slots[self._index_by_id.get(message_id, len(self._slots)) :]:
            if not slot.height:
                self._measure(slot)

    def stack(self, first_id: str | None = None) -> None:
        """Place the messages below each other, from a changed one on."""
        first = self._index_by_id.get(first_id, 0) if first_id is not None else 0
        top = self._bottom_above(first)
        if first_id is not None and first < len(self._slots):
            self._measure(self._slots[first])
        for slot in self._slots[first:]:
            slot.top = top
            if slot.height:
                self._place(slot)
                top += slot.height + _GAP
        self._height = top - _GAP + _MARGIN if self._slots else 0

    def _bottom_above(self, index: int) -> int:
        """Return where a message begins when those above it are as they were."""
        if index == 0:
            return _MARGIN
        above = self._slots[index - 1]
        return above.top + (above.height + _GAP if above.height else 0)

    def measure_between(self, upper: int, lower: int) -> bool:
        """Build and measure what can be seen between two edges; tell whether heights changed."""
        changed = False
        for slot in self._slots:
            is_near = slot.top + slot.height >= upper and slot.top <= lower
            if slot.height and is_near and (slot.view is None or self._is_stale(slot)):
                before = slot.height
                self._measure(slot)
                changed = changed or slot.height != before
        return changed

    def work_idly(self) -> bool:
        """Build or measure one more message, the newest first; tell whether one was left."""
        slot = next((s for s in reversed(self._slots) if self._is_idle_work(s)), None)
        if slot is not None:
            self._measure(slot)
        return slot is not None

    def drop_far(self, middle: int) -> None:
        """Drop the widgets farthest from a place when there are very many."""
        built = [slot for slot in self._slots if slot.view is not None]
        if len(built) <= _MOST_BUILT:
            return
        built.sort(key=lambda slot: abs(slot.top + slot.height // 2 - middle))
        for slot in built[_MOST_BUILT:]:
            self._drop(slot)

    def place_at(self, y: int) -> tuple[str, int] | None:
        """Return the message at a height and how far below its top that is."""
        shown = [slot for slot in self._slots if slot.height]
        if not shown:
            return None
        slot = shown[max(0, bisect_right([s.top for s in shown], y) - 1)]
        return slot.data.id, y - slot.top

    def top_of(self, message_id: str) -> int | None:
        """Return where a message begins, None if it is unknown."""
        index = self._index_by_id.get(message_id)
        return None if index is None else self._slots[index].top

    def _is_stale(self, slot: _Slot) -> bool:
        return slot.width != self._content_width or slot.look != self._look

    def _is_idle_work(self, slot: _Slot) -> bool:
        return not slot.height or (slot.view is not None and self._is_stale(slot))

    def _show(self, slot: _Slot, data: MessageViewData) -> None:
        if slot.data == data and slot.view is not None:
            return
        slot.data = data
        if slot.view is not None:
            slot.view.show_message(data)
            slot.width = 0

    def _build(self, slot: _Slot) -> MessageView:
        if slot.view is None:
            view = MessageView(self._theme, slot.data, parent=self)
            view.edit_requested.connect(self.edit_requested)
            view.branch_requested.connect(self.branch_requested)
            view.regenerate_requested.connect(self.regenerate_requested)
            view.tokens_requested.connect(self.tokens_requested)
            view.variant_requested.connect(self.variant_requested)
            view.link_requested.connect(self.link_requested)
            view.height_changed.connect(self.height_changed)
            slot.view = view
            slot.look = self._look
        return slot.view

    def _measure(self, slot: _Slot) -> None:
        view = self._build(slot)
        if slot.look != self._look:
            view.redraw()
            slot.look = self._look
        slot.height = view.heightForWidth(self._content_width)
        slot.width = self._content_width

    def _place(self, slot: _Slot) -> None:
        if slot.view is not None:
            slot.view.setGeometry(self._left, slot.top, self._content_width, slot.height)
            slot.view.show()

    def _drop(self, slot: _Slot) -> None:
        if slot.view is not None:
            slot.view.hide()
            slot.view.deleteLater()
            slot.view = None
