"""The replies of gpt-oss: messages on channels, each with a header.

A reply goes on from `<|start|>assistant`. A message is `<|channel|>NAME<|message|>TEXT<|end|>`;
the channel `analysis` is thinking, `final` and `commentary` are said to the reader, and a message
with a recipient (`to=functions.NAME`) is a tool call.
"""

import re

from corral.events import TextAdded, TextKind, ToolCalled
from corral.prompt.splitter import Piece
from corral.prompt.stop import partial_match
from corral.prompt.tool_json import UNFINISHED, call, parsed_object, unreadable

CHANNEL, MESSAGE, START = "<|channel|>", "<|message|>", "<|start|>"
ENDS = ("<|end|>", "<|call|>", "<|return|>", START)
HARMONY_TAGS = (CHANNEL, MESSAGE, *ENDS, "<|constrain|>")
_NAME = re.compile(r"<\|channel\|>\s*(\w+)")
_RECIPIENT = re.compile(r"\bto=(?:functions\.)?([^\s<]+)")


def is_harmony(template: str) -> bool:
    """Return whether a template writes messages on channels."""
    return all(tag in template for tag in (START, MESSAGE, CHANNEL))


class HarmonySplitter:
    """Splits a reply of gpt-oss."""

    def __init__(self) -> None:
        self._held = ""
        self._is_header = True
        self._kind = TextKind.ANSWER
        self._recipient = ""

    @property
    def is_thinking(self) -> bool:
        """Whether what comes next is thinking."""
        return not self._is_header and self._kind is TextKind.THINKING

    def opens_thinking(self, text: str) -> bool:
        """Whether `text`, should it come next, belongs to what comes before the answer."""
        return self._is_header and text in HARMONY_TAGS

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""
        self._held += text
        pieces: list[Piece] = []
        while self._read_header() if self._is_header else self._read_body(pieces):
            pass
        return pieces

    def flush(self) -> list[Piece]:
        """Return what was held back: no more text comes."""
        pieces: list[Piece] = []
        if not self._is_header:
            self._end_body(pieces, len(self._held), is_cut=True)
        elif not self._held.lstrip().startswith((CHANNEL, START)):
            self._add_text(pieces, len(self._held))
        self._held = ""
        return pieces

    def _read_header(self) -> bool:
        end = self._held.find(MESSAGE)
        text = self._held.lstrip()
        if end < 0:
            return self._begin_plain() if text and not self._may_be_header(text) else False
        header = self._held[:end]
        if not self._may_be_header(self._held[: end + len(MESSAGE)].lstrip()):
            return self._begin_plain()
        channel = _NAME.search(header)
        recipient = _RECIPIENT.search(header)
        is_thinking = channel is not None and channel.group(1) == "analysis"
        self._kind = TextKind.THINKING if is_thinking else TextKind.ANSWER
        self._recipient = recipient.group(1) if recipient else ""
        self._held = self._held[end + len(MESSAGE) :]
        self._is_header = False
        return True

    def _begin_plain(self) -> bool:
        """Take text without a header for an answer: better than to lose it."""
        self._is_header, self._kind, self._recipient = False, TextKind.ANSWER, ""
        return True

    def _may_be_header(self, text: str) -> bool:
        starts = (CHANNEL, START, MESSAGE, "assistant", "to=")
        return any(text.startswith(tag) or tag.startswith(text) for tag in starts)

    def _read_body(self, pieces: list[Piece]) -> bool:
        found = [(start, tag) for tag in (*ENDS, CHANNEL) if (start := self._held.find(tag)) >= 0]
        if not found:
            if not self._recipient:
                kept = max(partial_match(self._held, tag) for tag in (*ENDS, CHANNEL))
                self._add_text(pieces, len(self._held) - kept)
            return False
        start, tag = min(found)
        self._end_body(pieces, start, is_cut=False)
        self._held = self._held[0 if tag in (START, CHANNEL) else len(tag) :]
        self._is_header = True
        return bool(self._held)

    def _end_body(self, pieces: list[Piece], length: int, *, is_cut: bool) -> None:
        if not self._recipient:
            self._add_text(pieces, length)
            return
        text, self._held = self._held[:length], self._held[length:]
        pieces.append(self._call(text, is_cut=is_cut))

    def _call(self, text: str, *, is_cut: bool) -> ToolCalled:
        arguments = parsed_object(text.strip() or "{}")
        if arguments is not None:
            return call(self._recipient, arguments)
        return unreadable(text, UNFINISHED) if is_cut else unreadable(text)

    def _add_text(self, pieces: list[Piece], length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if text:
            pieces.append(TextAdded(text=text, kind=self._kind))
