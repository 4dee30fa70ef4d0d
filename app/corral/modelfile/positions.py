"""Places in a text: lines and columns as editors count them, and UTF-16 units as Qt counts them."""

from bisect import bisect_left, bisect_right

from corral.errors import Place


class Lines:
    """Where the lines of a text begin; CRLF ends one line, a lone CR or LF does too."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for at, character in enumerate(text):
            if character == "\n" or (character == "\r" and text[at + 1 : at + 2] != "\n"):
                self._starts.append(at + 1)

    def place(self, offset: int, source: str = "") -> Place:
        """Return line and column, both from 1, of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return Place(line=line, column=offset - self._starts[line - 1] + 1, source=source)

    def start(self, offset: int) -> int:
        """Return the offset at which the line of `offset` begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]


class Utf16Map:
    """Python's character offsets of a text as UTF-16 units and back."""

    def __init__(self, text: str) -> None:
        # Only characters beyond the basic plane take two units; most texts have none of them.
        is_plain = text.isascii() or max(text) <= "\uffff"
        wide = [] if is_plain else [at for at, char in enumerate(text) if char > "\uffff"]
        self._wide = wide
        self._wide_utf16 = [at + earlier for earlier, at in enumerate(wide)]

    def to_utf16(self, offset: int) -> int:
        """Return the UTF-16 position of a character offset."""
        return offset + bisect_left(self._wide, offset)

    def from_utf16(self, position: int) -> int:
        """Return the character offset of a UTF-16 position; within a pair, its character's."""
        return position - bisect_left(self._wide_utf16, position)
