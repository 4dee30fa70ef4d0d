"""One reply, split into thinking, answer and tool calls while it grows."""

from typing import Protocol, TypeAlias

from corral.events import TextAdded, TextKind, ToolCalled
from corral.prompt.thinking import ThinkingSplitter

Piece: TypeAlias = TextAdded | ToolCalled


class Splitter(Protocol):
    """Splits a reply; however the text is cut into pieces, the outcome is the same.

    Thread: one at a time; mostly the engine thread.
    """

    @property
    def is_thinking(self) -> bool:
        """Whether what comes next is thinking."""

    def opens_thinking(self, text: str) -> bool:
        """Whether `text`, should it come next, is the whole tag that begins thinking."""

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""

    def flush(self) -> list[Piece]:
        """Return what was held back: no more text comes."""


class ToolSplitter(Protocol):
    """Splits an answer into text and tool calls."""

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""

    def flush(self) -> list[Piece]:
        """Return what was held back: no more text comes."""


class Chain:
    """Splits off tool calls of one kind first, and of another from what is left."""

    def __init__(self, first: ToolSplitter, second: ToolSplitter) -> None:
        self._first = first
        self._second = second

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""
        return self._pass_on(self._first.feed(text))

    def flush(self) -> list[Piece]:
        """Return what was held back: no more text comes."""
        return [*self._pass_on(self._first.flush()), *self._second.flush()]

    def _pass_on(self, pieces: list[Piece]) -> list[Piece]:
        made: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, TextAdded):
                made += self._second.feed(piece.text)
            else:
                made.append(piece)
        return made


class ReplySplitter:
    """Splits off thinking first, and tool calls from what is left.

    Args:
        thinking: Splits off thinking, None where the model knows of none.
        tools: Splits off tool calls, None where none are looked for.
    """

    def __init__(self, thinking: ThinkingSplitter | None, tools: ToolSplitter | None) -> None:
        self._thinking = thinking
        self._tools = tools

    @property
    def is_thinking(self) -> bool:
        """Whether what comes next is thinking."""
        return self._thinking is not None and self._thinking.is_thinking

    def opens_thinking(self, text: str) -> bool:
        """Whether `text`, should it come next, is the whole tag that begins thinking."""
        return self._thinking is not None and self._thinking.opens_thinking(text)

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""
        added = self._thinking.feed(text) if self._thinking else [TextAdded(text=text)]
        return self._split_answers(added)

    def flush(self) -> list[Piece]:
        """Return what was held back: no more text comes."""
        pieces = self._split_answers(self._thinking.flush()) if self._thinking else []
        return [*pieces, *(self._tools.flush() if self._tools else [])]

    def _split_answers(self, added: list[TextAdded]) -> list[Piece]:
        pieces: list[Piece] = []
        for piece in added:
            if self._tools and piece.kind is TextKind.ANSWER:
                pieces += self._tools.feed(piece.text)
            else:
                pieces.append(piece)
        return pieces
