"""Whose words the letters of a prompt are: the template's, or those of the people in it.

Before a template runs, letters of messages are moved to planes of Unicode that hold nothing; they
come out on the other side wherever the template put, cut or joined them, and are moved back.
Blanks stay, so that trimming works as ever.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Planes with characters, and the empty ones that their letters are moved to.
_PLANES = {0: 4, 1: 5, 2: 6, 3: 7, 14: 8, 15: 9, 16: 10}
_AWAY = bytes(_PLANES.get(plane, plane) for plane in range(256))
_HOME = bytes({away: plane for plane, away in _PLANES.items()}.get(n, n) for n in range(256))
_BLANKS = tuple(filter(str.isspace, map(chr, range(0x3001))))
_MOVED = "[\U00040000-\U000dffff]"
# What nobody may say: letters where others are moved to, and the marks of `media_marks`.
_RESERVED = re.compile("[\U00040000-\U000dffff\ufdd2\ufdd3]")
_MOVED_RUN = re.compile(f"{_MOVED}+")
_SPAN = re.compile(rf"{_MOVED}+(?:\s+{_MOVED}+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Part of a text, in characters."""

    start: int
    end: int


def moved(text: str) -> str:
    """Return a text with all its letters moved away; its length stays."""
    data = bytearray(text.encode("utf-32-le", "replace"))
    data[2::4] = data[2::4].translate(_AWAY)
    away = data.decode("utf-32-le")
    for blank in _BLANKS:
        if blank in text:
            away = away.replace(chr(ord(blank) + 0x40000), blank)
    return away


def restored(text: str) -> str:
    """Return a text with all letters where they belong."""
    if text.isascii() or not _MOVED_RUN.search(text):
        return text
    data = bytearray(text.encode("utf-32-le", "replace"))
    data[2::4] = data[2::4].translate(_HOME)
    return data.decode("utf-32-le")


def moved_spans(text: str) -> tuple[Span, ...]:
    """Return where moved letters are; the blanks between them belong to them."""
    return tuple(Span(start=hit.start(), end=hit.end()) for hit in _SPAN.finditer(text))


def through(change: Callable[[str], str], text: str) -> str:
    """Return a text after a change of single letters, such as escaping; what was moved stays so."""
    if text.isascii():
        return change(text)
    pieces: list[str] = []
    position = 0
    for run in _MOVED_RUN.finditer(text):
        pieces += change(text[position : run.start()]), moved(change(restored(run.group())))
        position = run.end()
    return "".join((*pieces, change(text[position:])))


def escape_moved(escape: Callable[[str], str], text: str) -> str:
    """Return a text in which only moved letters are escaped; the others are already."""
    return _MOVED_RUN.sub(lambda run: moved(escape(restored(run.group()))), text)


def without_empty_planes(text: str) -> str:
    """Return a text without letters that are kept for marks; Unicode defines none of them."""
    return text if text.isascii() else _RESERVED.sub("\ufffd", text)
