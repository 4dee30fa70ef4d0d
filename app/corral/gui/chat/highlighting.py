"""Colours of code in replies: Pygments finds the words, the palette colours them."""

from dataclasses import dataclass

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme

# Beyond this a lexer would hold up the window longer than a frame or two.
_LIMIT_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Span:
    """A coloured piece of one line, counted in UTF-16 units as Qt does."""

    start: int
    length: int
    role: Role


def code_spans(code: str, language: str) -> list[list[Span]]:
    """Return the coloured pieces of each line; empty for languages nobody knows."""
    # lazy: the lexers take tens of milliseconds to import, and many chats hold no code
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if len(code) > _LIMIT_CHARACTERS:
        return []
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    lines: list[list[Span]] = [[]]
    column = 0
    for kind, text in lexer.get_tokens(code):
        role = _role_of(str(kind))
        for index, piece in enumerate(text.split("\n")):
            if index:
                lines.append([])
                column = 0
            length = len(piece.encode("utf-16-le")) // 2
            if role is not None and length:
                lines[-1].append(Span(column, length, role))
            column += length
    return lines


def _role_of(token: str) -> Role | None:
    for name, role in _ROLES:
        if token.startswith(name):
            return role
    return None


# Pygments names tokens by paths; the longer ones stand first.
_ROLES = (
    ("Token.Comment", Role.QUIET),
    ("Token.Keyword", Role.ACCENT),
    ("Token.Operator.Word", Role.ACCENT),
    ("Token.Literal.String", Role.GOOD),
    ("Token.Literal.Number", Role.KV),
    ("Token.Name.Function", Role.COMPUTE),
    ("Token.Name.Class", Role.COMPUTE),
    ("Token.Name.Decorator", Role.COMPUTE),
    ("Token.Name.Tag", Role.ACCENT),
    ("Token.Name.Attribute", Role.COMPUTE),
    ("Token.Generic.Deleted", Role.BAD),
    ("Token.Generic.Inserted", Role.GOOD),
)


class CodeHighlighter(QSyntaxHighlighter):
    """Draws the spans of a closed block of code; an open one has none."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._lines: list[list[Span]] = []

    def show_spans(self, lines: list[list[Span]]) -> None:
        """Colour the document's lines."""
        self._lines = lines
        self.rehighlight()

    def highlightBlock(self, _text: str) -> None:
        """Colour one line."""
        number = self.currentBlock().blockNumber()
        if number < len(self._lines):
            for span in self._lines[number]:
                letters = QTextCharFormat()
                letters.setForeground(self._theme.palette.colour(span.role))
                self.setFormat(span.start, span.length, letters)
