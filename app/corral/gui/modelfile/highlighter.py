"""Colours a Modelfile with the parser's own tokenizer."""

from bisect import bisect_right

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme
from corral.modelfile.positions import Utf16Map
from corral.modelfile.tokens import TokenKind, tokenize

_ROLES = {
    TokenKind.COMMENT: Role.QUIET,
    TokenKind.INSTRUCTION: Role.ACCENT,
    TokenKind.UNKNOWN: Role.BAD,
    TokenKind.PARAMETER_NAME: Role.KV,
    TokenKind.ROLE: Role.KV,
    TokenKind.QUOTE: Role.GOOD,
    TokenKind.NUMBER: Role.GOOD,
    TokenKind.STRING: Role.GOOD,
    TokenKind.TEMPLATE_ACTION: Role.COMPUTE,
    TokenKind.SPECIAL_TOKEN: Role.KV,
}
_KINDS = tuple(TokenKind)


class ModelfileHighlighter(QSyntaxHighlighter):
    """Formats blocks from the tokens of the whole text.

    A quote that opens on one line changes the meaning of all that follow, so the whole text is
    scanned after each change; the scan is linear and Modelfiles are short.
    """

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._text = ""
        # UTF-16 positions, as Qt counts: where tokens start, where they end, what they are.
        self._starts: list[int] = []
        self._spans: list[tuple[int, int, TokenKind]] = []
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, _text: str) -> None:
        """Colour one line."""
        self._scan()
        block_start = self.currentBlock().position()
        block_end = block_start + self.currentBlock().length()
        first = max(0, bisect_right(self._starts, block_start) - 1)
        last_kind = TokenKind.BLANK
        for start, end, kind in self._spans[first:]:
            if start >= block_end:
                break
            last_kind = kind if end >= block_end else TokenKind.BLANK
            role = _ROLES.get(kind)
            if role is not None and end > block_start:
                visible_start = max(start, block_start)
                length = min(end, block_end) - visible_start
                self.setFormat(visible_start - block_start, length, self._format(role))
        # Qt goes on to the next line while this one's state differs from before: what a line ends
        # in decides how the next one reads.
        self.setCurrentBlockState(_KINDS.index(last_kind))

    def _scan(self) -> None:
        text = self.document().toPlainText()
        if text == self._text:
            return
        self._text = text
        positions = Utf16Map(text)
        self._spans = [
            (positions.to_utf16(token.start), positions.to_utf16(token.end), token.kind)
            for token in tokenize(text)
        ]
        self._starts = [start for start, _, _ in self._spans]

    def _format(self, role: Role) -> QTextCharFormat:
        text_format = QTextCharFormat()
        text_format.setForeground(self._theme.palette.colour(role))
        return text_format
