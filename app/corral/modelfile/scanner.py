"""Cuts Modelfile text into statements; everything that reads Modelfiles stands on this.

It never refuses a text: what Ollama would refuse is noted as the fault of its statement, and
scanning goes on with the next line, so that an editor can color and check an unfinished text.
Source: Ollama ``parser/parser.go`` behaviour, checked against its cases.

Two things are better here, so that every text can be written and reads back to the same. Ollama
leaves out characters that are not printable (no-break space, U+3000, the joiner inside emoji);
Corral does so outside quotes only. And a quote at the end of a line always closes the value in
Ollama, so that no text can hold Python's docstrings; in Corral it does not when the invisible
`OPEN_MARK` follows it, which is not part of the value.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from corral.modelfile.catalogue import INSTRUCTIONS, MESSAGE_ROLES

OPEN_MARK = "\u2060"  # word joiner: no width, no meaning at the end of a line

_BLANKS = " \t"
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_LINE = re.compile(r"[^\r\n]*")
_KEYWORD = re.compile(r"[^ \t\r\n#][A-Za-z]*")
_NAME = {"parameter": re.compile(r"[A-Za-z0-9_]*"), "message": re.compile(r"[A-Za-z]*")}
_SURROGATE = re.compile("[\ud800-\udfff]")


class FaultKind(StrEnum):
    """In which way a Modelfile cannot be read."""

    MISSING_FROM = "missing_from"
    UNEXPECTED_EOF = "unexpected_eof"
    INVALID_COMMAND = "invalid_command"
    INVALID_MESSAGE_ROLE = "invalid_message_role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a statement cannot be read.

    Attributes:
        kind: In which way.
        start: First character of the part that is wrong.
        end: Behind its last character.
        noticed_at: The character at which Ollama notices; its line numbers come from there.
        rest: What Ollama shows after "unexpected EOF", None when it shows nothing.
    """

    kind: FaultKind
    start: int
    end: int
    noticed_at: int
    rest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value of a statement.

    Attributes:
        text: The value itself.
        start: Its first character in the text, behind an opening quote.
        end: Behind its last character, before a closing quote.
        quote: The quote it is in: none, one or three characters.
        is_closed: False when the quote is never closed.
        line_end: End of the value's last line.
    """

    text: str
    start: int
    end: int
    quote: str
    is_closed: bool
    line_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One instruction with its value, or a line that is none.

    Attributes:
        keyword: The instruction in lower case, or what stands in its place.
        start: First character of the instruction.
        keyword_end: Behind its last character.
        name: Name of the parameter or role of the message, else empty.
        name_start: First character of the name.
        name_end: Behind its last character.
        value: The value; None when the statement ends before one.
        end: Behind the statement's last line.
        fault: What is wrong with it.
    """

    keyword: str
    start: int
    keyword_end: int
    name: str = ""
    name_start: int
    name_end: int
    value: Value | None = None
    end: int
    fault: Fault | None = None


def scan(text: str) -> list[Statement]:
    """Return the statements of a text in order; between them are only blanks and comments."""
    statements: list[Statement] = []
    position = _gap_end(text, 1 if text.startswith("\ufeff") else 0)
    while position < len(text):
        statement = _scan_statement(text, position)
        statements.append(statement)
        position = _gap_end(text, statement.end)
    return statements


def _scan_statement(text: str, start: int) -> Statement:
    end = _match_end(_KEYWORD, text, start)
    word = text[start:end]
    keyword = (word if word[0].isprintable() else word[1:]).lower()
    fault = _keyword_fault(text, keyword, start, end)
    if fault is None and keyword in _NAME:
        return _scan_named(text, keyword, start, end)
    value = None if fault else _scan_value(text, end + 1)
    return Statement(
        keyword=keyword,
        start=start,
        keyword_end=end,
        name_start=end,
        name_end=end,
        value=value,
        end=value.line_end if value else end_of_line(text, end),
        fault=fault or _quote_fault(value),
    )


def _scan_named(text: str, keyword: str, start: int, keyword_end: int) -> Statement:
    name_start = keyword_end + 1
    name_end = _match_end(_NAME[keyword], text, name_start)
    name = text[name_start:name_end]
    fault = _name_fault(text, keyword, name_start, name_end)
    has_value = text[name_end : name_end + 1] in (" ", "\t")
    value = _scan_value(text, name_end + 1) if has_value else None
    return Statement(
        keyword=keyword,
        start=start,
        keyword_end=keyword_end,
        name=name,
        name_start=name_start,
        name_end=name_end,
        value=value,
        end=value.line_end if value else end_of_line(text, name_end),
        fault=fault or _quote_fault(value),
    )


def _keyword_fault(text: str, keyword: str, start: int, end: int) -> Fault | None:
    if end == len(text):
        kind = FaultKind.UNEXPECTED_EOF
    elif text[end] in _BLANKS and keyword.upper() in INSTRUCTIONS:
        return None
    else:
        kind = FaultKind.INVALID_COMMAND
    return Fault(kind=kind, start=start, end=end, noticed_at=end)


def _name_fault(text: str, keyword: str, start: int, end: int) -> Fault | None:
    name, kind, rest = text[start:end], FaultKind.UNEXPECTED_EOF, None
    if end < len(text):
        if text[end] not in _BLANKS:
            rest = name
        elif keyword == "message" and name not in MESSAGE_ROLES:
            kind = FaultKind.INVALID_MESSAGE_ROLE
        else:
            return None
    return Fault(kind=kind, start=start, end=end, noticed_at=end, rest=rest)


def _quote_fault(value: Value | None) -> Fault | None:
    if value is None or value.is_closed:
        return None
    start = value.start - len(value.quote)
    return Fault(
        kind=FaultKind.UNEXPECTED_EOF, start=start, end=value.start, noticed_at=value.line_end
    )


def _scan_value(text: str, position: int) -> Value:
    line_end = end_of_line(text, position)
    start = position
    while start < line_end and is_left_out(text[start]):
        start += 1
    quote = next((quote for quote in ('"""', '"') if text.startswith(quote, start)), "")
    if quote:
        return _scan_quoted(text, start + len(quote), quote)
    end = _trimmed_end(text, start, line_end)
    return Value(
        text=_printable(text[start:end]),
        start=start,
        end=end,
        quote="",
        is_closed=True,
        line_end=line_end,
    )


def _scan_quoted(text: str, start: int, quote: str) -> Value:
    line_start, kept_from, parts = start, start, []
    while True:
        line_end = end_of_line(text, line_start)
        mark = _trimmed_end(text, line_start, line_end)
        has_quote = mark - len(quote) >= line_start and text.startswith(quote, mark - len(quote))
        is_marked = has_quote and text.startswith(OPEN_MARK, mark)
        is_closed = has_quote and not is_marked
        if is_closed or line_end == len(text):
            break
        if is_marked:
            parts.append(text[kept_from:mark])
            kept_from = mark + 1
        line_start = line_end + 1
    end = mark - len(quote) if is_closed else line_end
    parts.append(text[kept_from:end])
    return Value(
        text=_SURROGATE.sub("", "".join(parts)),
        start=start,
        end=end,
        quote=quote,
        is_closed=is_closed,
        line_end=line_end,
    )


def hold_open(value: str, quote: str) -> str:
    """Return `value` marked wherever `quote` at the end of a line would close it."""
    parts = re.split(r"([\r\n])", value)  # lines and newlines in turn; nothing closes in the last
    for position in range(0, len(parts) - 1, 2):
        line = parts[position]
        end = _trimmed_end(line, 0, len(line))
        if line.endswith(quote, 0, end):
            parts[position] = line[:end] + OPEN_MARK + line[end:]
    return "".join(parts)


def is_left_out(character: str) -> bool:
    """Whether a character counts for nothing at the ends of a value: a blank or unprintable."""
    return character == " " or not character.isprintable()


def _trimmed_end(text: str, start: int, end: int) -> int:
    while end > start and is_left_out(text[end - 1]):
        end -= 1
    return end


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char for char in text if char == "\t" or char.isprintable())


def _match_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _gap_end(text: str, start: int) -> int:
    return _match_end(_GAP, text, start)


def end_of_line(text: str, start: int) -> int:
    """Return where the line of a character ends, before its newline."""
    return _match_end(_LINE, text, start)
