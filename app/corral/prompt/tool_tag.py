"""Tool calls behind a tag: the way that holds for any template, as Ollama has it."""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import accumulate

from corral.events import TextAdded, ToolCalled
from corral.prompt.splitter import Piece
from corral.prompt.stop import partial_match
from corral.prompt.tool_json import (
    UNFINISHED,
    ObjectScanner,
    call,
    find_arguments,
    named_call,
    parsed_object,
    unreadable,
)

BARE_TAGS = ("{", "[")
_DEPTHS = {"[": 1, "]": -1}


class _State(Enum):
    LOOKING = auto()
    CALLING = auto()
    ANSWERING = auto()


class TagSplitter:
    """Splits calls off an answer, from a tag on to the end.

    Where the tag is a mere bracket, the answer must begin with it and be a call of a known tool;
    otherwise it is text. Behind a real tag there are only calls.

    Args:
        tag: What calls begin with.
        tools: Names of the tools that the model was told of; without any, every name counts.
    """

    def __init__(self, tag: str, tools: Sequence[str]) -> None:
        self._tag = tag
        self._tools = sorted(tools, key=len, reverse=True)
        self._is_bare = tag in BARE_TAGS
        self._state = _State.LOOKING
        self._held = ""
        self._scanner = ObjectScanner()
        self._has_called = False
        self._passed = ""  # objects that are no calls, while there is no call
        self._outside = ""  # text between objects

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""
        self._held += text
        pieces: list[Piece] = []
        if self._state is _State.LOOKING:
            self._look(pieces)
        if self._state is _State.CALLING:
            self._call(pieces)
        if self._state is _State.ANSWERING:
            self._add_text(pieces, len(self._held))
        return pieces

    def flush(self) -> list[Piece]:
        """Return what was held back; a call without an end is told as such."""
        pieces: list[Piece] = []
        if self._state is not _State.CALLING or (self._is_bare and not self._has_called):
            if self._state is _State.CALLING:
                self._held = self._passed + self._held
            self._add_text(pieces, len(self._held))
        elif not self._is_bare and (self._scanner.start is not None or not self._has_called):
            pieces.append(unreadable(self._held, UNFINISHED))
        self._held = ""
        return pieces

    def _look(self, pieces: list[Piece]) -> None:
        if self._is_bare:
            self._look_at_beginning(pieces)
            return
        start = self._held.find(self._tag)
        if start < 0:
            self._add_text(pieces, len(self._held) - partial_match(self._held, self._tag))
            return
        self._add_text(pieces, start)
        self._held = self._held[len(self._tag) :]
        self._state = _State.CALLING

    def _look_at_beginning(self, pieces: list[Piece]) -> None:
        self._add_text(pieces, len(self._held) - len(self._held.lstrip()))
        if self._held:
            begins = self._held.startswith(self._tag)
            self._state = _State.CALLING if begins else _State.ANSWERING

    def _call(self, pieces: list[Piece]) -> None:
        while (end := self._scanner.end(self._held)) is not None:
            if self._is_text_after_all():
                break
            found = self._read(self._held[:end])
            if found or not self._is_bare or self._has_called:
                pieces.append(found or unreadable(self._held[:end]))
                self._has_called = True
            elif self._tag == "{":
                self._state = _State.ANSWERING
                break
            self._pass_object(end)
        if self._is_text_after_all():
            self._state = _State.ANSWERING
        if self._state is _State.ANSWERING:
            self._held = self._passed + self._held

    def _pass_object(self, end: int) -> None:
        self._outside += self._held[: self._scanner.start]
        if not self._has_called:
            self._passed += self._held[:end]
        self._held = self._held[end:]
        self._scanner = ObjectScanner()

    def _is_text_after_all(self) -> bool:
        """Return whether a list came to its end without a call in it."""
        if self._tag != "[" or self._has_called:
            return False
        outside = self._outside + self._held[: self._scanner.start]
        depths = accumulate(_DEPTHS.get(letter, 0) for letter in outside)
        return 0 in (depth for depth, letter in zip(depths, outside, strict=True) if letter == "]")

    def _read(self, text: str) -> ToolCalled | None:
        """Return the call in a text that ends with an object, None if there is none."""
        value = parsed_object(text[self._scanner.start :])
        named = named_call(value) if value is not None else None
        if not self._tools:
            return named
        if named and named.name in self._tools:
            return named
        name = next((tool for tool in self._tools if tool in text), None)
        arguments = find_arguments(text, name or "")
        return None if name is None or arguments is None else call(name, arguments)

    def _add_text(self, pieces: list[Piece], length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if text:
            pieces.append(TextAdded(text=text))
