"""Go template text cut into tokens.

Source: the language as documented for Go's text/template, and Ollama's recorded cases.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

from corral.prompt.gotemplate.fault import TemplateFault

BLANKS = " \t\r\n"
_BLANKS = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"(?:-[ \t\r\n]+)?/\*")
_COMMENT_END = re.compile(r"(?:[ \t\r\n]+-)?}}")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|"
    r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
)
_NAME = re.compile(r"[^\W\d]\w*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_CHARACTER = re.compile(r"'(?:[^'\\\n]|\\.)+'")
_AFTER_WORD = frozenset(" \t\r\n.,|:)(=")


class TokenKind(StrEnum):
    """What a token is."""

    TEXT = "text"
    OPEN = "{{"
    CLOSE = "}}"
    NAME = "name"
    FIELD = "field"
    DOT = "dot"
    VARIABLE = "variable"
    STRING = "string"
    RAW_STRING = "raw string"
    CHARACTER = "character"
    NUMBER = "number"
    MARK = "mark"
    SPACE = "space"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: What it is.
        text: Its text; of a field, without the dot.
        offset: Where it begins, in characters from 0.
    """

    kind: TokenKind
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a template, an END last.

    Raises:
        TemplateFault: If the text is no template.
    """
    position, trims = 0, False
    while True:
        opening = text.find("{{", position)
        end = opening if opening >= 0 else len(text)
        yield from _text(text, position, end, trims_left=trims)
        if opening < 0:
            yield Token(TokenKind.END, "", len(text))
            return
        start = opening + 2
        if comment := _COMMENT.match(text, start):
            position, trims = _skip_comment(text, opening, comment.end())
            continue
        yield Token(TokenKind.OPEN, "{{", opening)
        start += _is_trim(text, start)
        position, trims = yield from _action(text, opening, start)


def _text(text: str, start: int, end: int, *, trims_left: bool) -> Iterator[Token]:
    piece = text[start:end]
    if trims_left:
        kept = piece.lstrip(BLANKS)
        start += len(piece) - len(kept)
        piece = kept
    if text.startswith("{{", end) and _is_trim(text, end + 2):
        piece = piece.rstrip(BLANKS)
    if piece:
        yield Token(TokenKind.TEXT, piece, start)


def _is_trim(text: str, start: int) -> bool:
    """Return whether the action that begins here has a trim mark: a dash and a blank."""
    return text.startswith("-", start) and text[start + 1 : start + 2] in tuple(BLANKS)


def _skip_comment(text: str, opening: int, start: int) -> tuple[int, bool]:
    end = text.find("*/", start)
    if end < 0:
        raise TemplateFault("the comment has no end", opening)
    closing = _COMMENT_END.match(text, end + 2)
    if closing is None:
        raise TemplateFault("a comment must fill its braces", opening)
    return closing.end(), closing.group() != "}}"


def _action(text: str, opening: int, position: int) -> Generator[Token, None, tuple[int, bool]]:
    """Yield what is between braces; return where text goes on, and whether it loses its blanks."""
    while True:
        if text.startswith("}}", position):
            yield Token(TokenKind.CLOSE, "}}", position)
            return position + 2, False
        if blanks := _BLANKS.match(text, position):
            if text.startswith("-}}", blanks.end()):
                yield Token(TokenKind.CLOSE, "-}}", blanks.end())
                return blanks.end() + 3, True
            yield Token(TokenKind.SPACE, " ", position)
            position = blanks.end()
        elif position >= len(text):
            raise TemplateFault("{{ has no }}: unclosed action", opening)
        else:
            token, position = _word(text, position)
            yield token


def _word(text: str, start: int) -> tuple[Token, int]:  # noqa: PLR0911 (one for each kind)
    """Return the token that begins here, and where it ends."""
    letter = text[start]
    if letter == '"':
        return _matched(_STRING, TokenKind.STRING, text, start, "unterminated quoted string")
    if letter == "'":
        return _matched(_CHARACTER, TokenKind.CHARACTER, text, start, "unterminated character")
    if letter == "`":
        return _raw_string(text, start)
    if text.startswith(":=", start):
        return Token(TokenKind.MARK, ":=", start), start + 2
    if letter in "=|(),":
        return Token(TokenKind.MARK, letter, start), start + 1
    if number := _NUMBER.match(text, start):
        return _ended(text, Token(TokenKind.NUMBER, number.group(), start), number.end())
    if letter in ".$":
        return _reference(text, start)
    if name := _NAME.match(text, start):
        return _ended(text, Token(TokenKind.NAME, name.group(), start), name.end())
    raise TemplateFault(f"unexpected character {letter!r} in an action", start)


def _reference(text: str, start: int) -> tuple[Token, int]:
    """Return `.`, `.field`, `$` or `$variable`."""
    name = _NAME.match(text, start + 1)
    end = name.end() if name else start + 1
    if text[start] == "$":
        return _ended(text, Token(TokenKind.VARIABLE, text[start:end], start), end)
    if name is None:
        return Token(TokenKind.DOT, ".", start), end
    return _ended(text, Token(TokenKind.FIELD, name.group(), start), end)


def _raw_string(text: str, start: int) -> tuple[Token, int]:
    end = text.find("`", start + 1)
    if end < 0:
        raise TemplateFault("unterminated raw quoted string", start)
    return Token(TokenKind.RAW_STRING, text[start + 1 : end], start), end + 1


def _matched(
    pattern: re.Pattern[str], kind: TokenKind, text: str, start: int, fault: str
) -> tuple[Token, int]:
    found = pattern.match(text, start)
    if found is None:
        raise TemplateFault(fault, start)
    return Token(kind, found.group(), start), found.end()


def _ended(text: str, token: Token, end: int) -> tuple[Token, int]:
    """Return the token, if what follows may follow a word."""
    if end < len(text) and text[end] not in _AFTER_WORD and not text.startswith("}}", end):
        raise TemplateFault(f"unexpected {text[end]!r} after {token.text}", end)
    return token, end
