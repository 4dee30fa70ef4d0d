"""Tool calls in the blocks of well-known model families.

Each family marks its calls with texts of its own. A block is read when its closing text is there,
or at the end; text outside of blocks is the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corral.events import TextAdded, ToolCalled
from corral.prompt.splitter import Piece
from corral.prompt.stop import partial_match
from corral.prompt.tool_json import UNFINISHED, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFormat:
    """How a family of models writes its calls.

    Attributes:
        opening: The text before calls.
        closing: The text behind them, "" where they go on to the end of the reply.
        read: Returns the calls in a block.
        inner: Marks inside of blocks, which may be control tokens.
    """

    opening: str
    closing: str
    read: Callable[[str], list[ToolCalled]]
    inner: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """All texts that mark calls."""
        return (self.opening, *filter(None, (self.closing,)), *self.inner)


class BlockSplitter:
    """Splits blocks of calls off an answer.

    Args:
        formats: Those to look for.
    """

    def __init__(self, formats: Sequence[BlockFormat]) -> None:
        self._formats = formats
        self._block: BlockFormat | None = None
        self._held = ""
        self._searched = 0  # of what is held in a block
        self._drops_blanks = False

    def feed(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain now."""
        self._held += text
        pieces: list[Piece] = []
        while self._find_closing(pieces) if self._block else self._find_opening(pieces):
            pass
        return pieces

    def flush(self) -> list[Piece]:
        """Return what was held back; a block without an end is read as far as it goes."""
        pieces: list[Piece] = []
        if self._block is None:
            self._add_text(pieces, len(self._held))
        elif self._held.strip():
            calls = self._block.read(self._held)
            is_cut = bool(self._block.closing) and any(item.problem for item in calls)
            pieces += calls if calls and not is_cut else [self._unfinished()]
        self._held = ""
        return pieces

    def _unfinished(self) -> ToolCalled:
        return unreadable(self._held, UNFINISHED)

    def _find_opening(self, pieces: list[Piece]) -> bool:
        if self._drops_blanks:
            self._held = self._held.lstrip()
            self._drops_blanks = not self._held
        starts = [
            (start, -len(item.opening), item)
            for item in self._formats
            if (start := self._held.find(item.opening)) >= 0
        ]
        if not starts:
            kept = max(partial_match(self._held, item.opening) for item in self._formats)
            self._add_text(pieces, len(self._held) - kept)
            return False
        start, negative_length, self._block = min(starts, key=lambda found: found[:2])
        longer = [item for item in self._formats if -negative_length < len(item.opening)]
        rest = self._held[start:]
        if any(item.opening.startswith(rest) for item in longer):  # it may become the longer one
            self._block = None
            self._add_text(pieces, start)
            return False
        self._add_text(pieces, start)
        self._held = self._held[-negative_length:]
        self._searched = 0
        return True

    def _find_closing(self, pieces: list[Piece]) -> bool:
        assert self._block is not None
        closing = self._block.closing or self._block.opening
        end = self._held.find(closing, max(0, self._searched - len(closing)))
        if end < 0:
            self._searched = len(self._held)
            return False
        block = self._held[:end]
        pieces += self._block.read(block) or [unreadable(block)]
        self._held = self._held[end + len(closing) :]
        self._searched = 0
        if self._block.closing:
            self._block = None
            self._drops_blanks = True
        return True

    def _add_text(self, pieces: list[Piece], length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if text:
            pieces.append(TextAdded(text=text))
