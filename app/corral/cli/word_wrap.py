"""Breaks lines of a terminal between words while the text is still coming."""

import unicodedata


class WordWrap:
    """Puts newlines where a word would pass the edge.

    The last word is held back until it is known to be whole. Wide characters, as of Chinese, may be
    parted anywhere; what is longer than a line is broken by the terminal.

    Args:
        width: Columns of the terminal.
    """

    def __init__(self, width: int) -> None:
        self._width = max(2, width)
        self._column = 0
        self._gap = ""
        self._word = ""
        self._is_long = False  # the word that is being shown is longer than a line

    def feed(self, text: str) -> str:
        """Return what can be shown after `text` came."""
        return "".join(map(self._take, text))

    def end(self) -> str:
        """Return what was held back."""
        return self._word_out() + self._gap_out()

    def _take(self, character: str) -> str:
        if character in " \t\n" or _columns(character) == 2:
            self._is_long = False
        if character == "\n":
            shown = self.end() + "\n"
            self._column = 0
            return shown
        if character in " \t":
            shown = self._word_out()
            self._gap += character
            return shown
        if _columns(character) == 2:
            shown = self._word_out()
            self._word = character
            return shown + self._word_out()
        if self._is_long:
            return self._counted(character)
        self._word += character
        if _columns(self._word) < self._width:
            return ""
        shown = self._word_out()
        self._is_long = True
        return shown

    def _word_out(self) -> str:
        if not self._word:
            return ""
        word, self._word = self._word, ""
        needed = _columns(self._gap) + _columns(word)
        if self._column and self._column + needed > self._width:
            self._gap = ""
            self._column = 0
            return "\n" + self._counted(word)
        return self._gap_out() + self._counted(word)

    def _gap_out(self) -> str:
        gap, self._gap = self._gap, ""
        return self._counted(gap)

    def _counted(self, text: str) -> str:
        self._column += _columns(text)
        if self._column > self._width:
            self._column %= self._width
        return text


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(map(_column_count, text))


def _column_count(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
