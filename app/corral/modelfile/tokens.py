"""Modelfile text as colored pieces, from the same scanner that the parser reads.

Any text gives tokens that cover it without gap or overlap, in linear time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from corral.modelfile.catalogue import PARAMETERS, ParameterType
from corral.modelfile.scanner import FaultKind, Statement, Value, scan

_GAP_PART = re.compile(r"#[^\r\n]*|[^#]+")
_SPECIAL = re.compile(r"<([|｜])[^\s<>]{1,80}?\1>")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUTH = frozenset(("true", "false"))


class TokenKind(StrEnum):
    """What a piece of Modelfile text is."""

    BLANK = "blank"
    COMMENT = "comment"
    INSTRUCTION = "instruction"
    UNKNOWN = "unknown"
    PARAMETER_NAME = "parameter_name"
    ROLE = "role"
    QUOTE = "quote"
    NUMBER = "number"
    STRING = "string"
    TEXT = "text"
    TEMPLATE_ACTION = "template_action"
    SPECIAL_TOKEN = "special_token"  # noqa: S105 (a kind of text, no secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One piece.

    Attributes:
        kind: What it is.
        start: First character, counted as Python counts.
        end: Behind the last character.
    """

    kind: TokenKind
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text; they cover all of it, in order."""
    tokens: list[Token] = []
    for kind, end in _pieces(text):
        start = tokens[-1].end if tokens else 0
        if end > start:
            tokens.append(Token(kind=kind, start=start, end=end))
    return tokens


# The pieces are kinds with their ends: each begins where the one before it ended.
_Pieces = Iterator[tuple[TokenKind, int]]


def _pieces(text: str) -> _Pieces:
    position = 0
    for statement in scan(text):
        yield from _gap(text, position, statement.start)
        yield from _statement(text, statement)
        position = statement.end
    yield from _gap(text, position, len(text))


def _gap(text: str, start: int, end: int) -> _Pieces:
    for part in _GAP_PART.finditer(text, start, end):
        is_comment = text[part.start()] == "#"
        yield TokenKind.COMMENT if is_comment else TokenKind.BLANK, part.end()


def _statement(text: str, statement: Statement) -> _Pieces:
    is_known = not (statement.fault and statement.fault.kind is FaultKind.INVALID_COMMAND)
    yield TokenKind.INSTRUCTION if is_known else TokenKind.UNKNOWN, statement.keyword_end
    is_message = statement.keyword == "message"
    yield TokenKind.BLANK, statement.name_start
    yield TokenKind.ROLE if is_message else TokenKind.PARAMETER_NAME, statement.name_end
    if statement.value:
        yield from _value(text, statement, statement.value)
    else:
        yield TokenKind.TEXT, statement.end


def _value(text: str, statement: Statement, value: Value) -> _Pieces:
    yield TokenKind.BLANK, value.start - len(value.quote)
    yield TokenKind.QUOTE, value.start
    kind = _content_kind(statement, value)
    specials = _SPECIAL.finditer(text, value.start, value.end)
    marks = [(match.start(), match.end(), TokenKind.SPECIAL_TOKEN) for match in specials]
    if statement.keyword == "template":
        marks += _template_actions(text, value.start, value.end)
    yield from _content(kind, sorted(marks), value)
    if value.is_closed:
        yield TokenKind.QUOTE, value.end + len(value.quote)
    yield TokenKind.BLANK, statement.end


def _content(kind: TokenKind, marks: list[tuple[int, int, TokenKind]], value: Value) -> _Pieces:
    position = value.start
    for start, end, mark in marks:
        if start >= position:  # a special token inside a template action is part of the action
            yield kind, start
            yield mark, end
            position = end
    yield kind, value.end


def _content_kind(statement: Statement, value: Value) -> TokenKind:
    if statement.keyword != "parameter":
        return TokenKind.TEXT
    spec = PARAMETERS.get(statement.name)
    is_text = spec is not None and spec.type is ParameterType.STRINGS
    is_number = _NUMBER.fullmatch(value.text) or value.text.lower() in _TRUTH
    return TokenKind.NUMBER if is_number and not is_text else TokenKind.STRING


def _template_actions(text: str, start: int, end: int) -> list[tuple[int, int, TokenKind]]:
    actions: list[tuple[int, int, TokenKind]] = []
    while True:
        opening = text.find("{{", start, end)
        closing = text.find("}}", opening + 2, end) if opening >= 0 else -1
        if closing < 0:
            return actions
        start = closing + 2
        actions.append((opening, start, TokenKind.TEMPLATE_ACTION))
