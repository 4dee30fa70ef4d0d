"""Splits a growing reply into segments that can be drawn one by one. Pure.

All segments but the last are final, so that a stream redraws only the last one. The result depends
on the text alone, not on the pieces it came in: a streamed and a stored reply look the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corral.events import TextKind

# A prose segment this long ends at the next blank line: drawing Markdown costs by its length.
_PROSE_LIMIT = 1500
_FENCE = re.compile(r"^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_MAYBE_FENCE = re.compile(r"^[ \t]*(`{1,2}$|`{3,}[^`]*$|~{1,2}$|~{3,})")
_LIST_ITEM = re.compile(r"^[ \t]*([-*+]|\d{1,9}[.)])([ \t]|$)")
_MAYBE_LIST_ITEM = re.compile(r"^([-*+]?|\d{1,9}[.)]?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Markdown without fenced code."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A fenced block: its language (may be empty), its lines, and whether its end has come."""

    language: str
    text: str
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """What the model thinks, and whether it has gone on to something else."""

    text: str
    is_closed: bool


Segment = Prose | Code | Thinking


@dataclass(slots=True)
class _OpenProse:
    """A prose segment that may still grow."""

    lines: list[str] = field(default_factory=list)
    n_characters: int = 0
    is_in_list: bool = False

    def add(self, line: str) -> None:
        if _LIST_ITEM.match(line):
            self.is_in_list = True
        elif self._is_after_blank() and not line.startswith((" ", "\t")) and line:
            self.is_in_list = False
        self.lines.append(line)
        self.n_characters += len(line) + 1

    def is_full_before(self, line: str, *, is_whole: bool) -> bool:
        """Tell whether a line begins a new segment; a part of a line may leave it open."""
        if self.n_characters < _PROSE_LIMIT or not self._is_after_blank():
            return False
        if not line or line.startswith((" ", "\t")):
            return False
        if not self.is_in_list:
            return True
        is_unclear = not is_whole and _MAYBE_LIST_ITEM.match(line)
        return not is_unclear and not _LIST_ITEM.match(line)

    def _is_after_blank(self) -> bool:
        return bool(self.lines) and not self.lines[-1].strip()

    def segment(self, partial_line: str = "") -> Prose:
        lines = [*self.lines, partial_line] if partial_line else self.lines
        return Prose(text="\n".join(lines).rstrip())


@dataclass(slots=True)
class _OpenCode:
    """A fenced block that may still grow."""

    fence: str
    indent: int
    language: str
    lines: list[str] = field(default_factory=list)

    def is_end(self, line: str) -> bool:
        mark = line.strip()
        return len(mark) >= len(self.fence) and not mark.strip(self.fence[0])

    def may_become_end(self, line: str) -> bool:
        return not line.strip().strip(self.fence[0])

    def segment(self, partial_line: str = "", *, is_closed: bool = False) -> Code:
        lines = [*self.lines, partial_line] if partial_line else self.lines
        return Code(language=self.language, text="\n".join(lines), is_closed=is_closed)


class SegmentSplitter:
    """Reads a reply piece by piece and keeps its segments."""

    def __init__(self) -> None:
        self._closed: list[Segment] = []
        self._open: _OpenProse | _OpenCode | None = None
        self._thinking: list[str] = []
        self._line = ""
        # Code inside a list item is indented; what follows it in the same item is so too.
        self._indent = 0

    @property
    def closed(self) -> Sequence[Segment]:
        """The segments that will not change any more."""
        return self._closed

    def segments(self) -> list[Segment]:
        """Return all segments; only the last can still change."""
        last = self._last()
        return self._closed if last is None else [*self._closed, last]

    def feed(self, text: str, kind: TextKind = TextKind.ANSWER) -> None:
        """Read the next piece."""
        if not text:
            return
        if kind is TextKind.THINKING:
            self._end_answer()
            self._thinking.append(text)
            return
        self._end_thinking()
        *lines, rest = (self._line + text).split("\n")
        for line in lines:
            self._add_line(line.removesuffix("\r"))
        self._line = rest
        self._split_before_partial_line()

    def finish(self) -> None:
        """Close the last segment: no more text comes."""
        self._end_answer()
        self._end_thinking()

    def _last(self) -> Segment | None:
        if self._thinking:
            return Thinking(text="".join(self._thinking).strip(), is_closed=False)
        shown = self._dedent(self._line)
        match self._open:
            case _OpenCode() as code:
                return code.segment("" if code.may_become_end(shown) else shown)
            case _OpenProse() as prose:
                return prose.segment("" if _MAYBE_FENCE.match(self._line) else shown)
            case None:
                is_shown = self._line.strip() and not _MAYBE_FENCE.match(self._line)
                return Prose(text=shown.rstrip()) if is_shown else None

    def _dedent(self, line: str) -> str:
        indent = self._open.indent if isinstance(self._open, _OpenCode) else self._indent
        n_spaces = len(line) - len(line.lstrip(" \t"))
        return line[min(indent, n_spaces) :]

    def _add_line(self, line: str) -> None:
        if isinstance(self._open, _OpenCode):
            self._add_code_line(self._open, line)
        elif fence := _FENCE.match(line):
            self._close_prose()
            indent, mark, info = fence.groups()
            language = (info.split() or [""])[0]
            self._open = _OpenCode(fence=mark, indent=len(indent), language=language)
        else:
            self._add_prose_line(line)

    def _add_code_line(self, code: _OpenCode, line: str) -> None:
        if code.is_end(line):
            self._closed.append(code.segment(is_closed=True))
            self._indent = code.indent
            self._open = None
        else:
            code.lines.append(self._dedent(line))

    def _add_prose_line(self, line: str) -> None:
        if line.strip() and not line.startswith((" ", "\t")):
            self._indent = 0
        line = self._dedent(line)
        if isinstance(self._open, _OpenProse) and self._open.is_full_before(line, is_whole=True):
            self._close_prose()
        if self._open is None and line.strip():
            self._open = _OpenProse()
        if isinstance(self._open, _OpenProse):
            self._open.add(line)

    def _split_before_partial_line(self) -> None:
        """Start a new segment as soon as the line that comes is sure to begin one."""
        line = self._line
        if not isinstance(self._open, _OpenProse) or _MAYBE_FENCE.match(line):
            return
        if self._open.is_full_before(line, is_whole=False):
            self._close_prose()

    def _close_prose(self) -> None:
        if isinstance(self._open, _OpenProse):
            self._closed.append(self._open.segment())
            self._open = None

    def _end_answer(self) -> None:
        if self._line:
            self._add_line(self._line.removesuffix("\r"))
            self._line = ""
        self._close_prose()
        if isinstance(self._open, _OpenCode):
            self._closed.append(self._open.segment(is_closed=True))
            self._open = None

    def _end_thinking(self) -> None:
        text = "".join(self._thinking).strip()
        self._thinking.clear()
        if text:
            self._closed.append(Thinking(text=text, is_closed=True))
