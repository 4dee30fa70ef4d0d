"""Hints about values that are read as Ollama reads them, and perhaps not as they were meant."""

import re
from collections.abc import Iterator

from corral.modelfile.catalogue import INSTRUCTIONS
from corral.modelfile.hint import Fix, Hint, Sheet
from corral.modelfile.scanner import OPEN_MARK, Statement, Value, is_left_out

_TEXTS = frozenset(("system", "template", "license", "message"))
_COMMENT = re.compile(r"[ \t]#")
_COMMENT_IN_TEXT = re.compile(r"[ \t]#(?=[ \t])")
_INSTRUCTION_LINE = re.compile(rf"[\r\n]((?:{'|'.join(INSTRUCTIONS)})[ \t][^\r\n]{{0,30}})")


def trailing_comment(statement: Statement, text: str) -> int | None:
    """Return where a `#` begins that became part of an unquoted value, None when there is none."""
    value = statement.value
    if value is None or value.quote:
        return None
    is_text = statement.keyword in _TEXTS or statement.name == "stop"
    pattern = _COMMENT_IN_TEXT if is_text else _COMMENT
    match = pattern.search(text, value.start, value.end)
    return match.end() - 1 if match else None


def value_hints(sheet: Sheet, statement: Statement, value: Value) -> Iterator[Hint]:
    """Yield hints about how a value is written."""
    comment_at = trailing_comment(statement, sheet.text)
    if comment_at is not None:
        comment = sheet.text[comment_at : value.end]
        yield sheet.warning(
            f"{comment} becomes part of the value, as Ollama reads it.",
            value.start,
            value.end,
            sheet.comment_moved(statement, comment_at, value.end),
        )
    after_quote = _text_after_quote(sheet, statement, value)
    if after_quote:
        yield after_quote
    elif value.quote == '"':
        yield from _taken_in(sheet, value)
    yield from _left_out(sheet, value)


def _text_after_quote(sheet: Sheet, statement: Statement, value: Value) -> Hint | None:
    line_end = sheet.end_of_line(value.start)
    line = sheet.text[value.start : line_end]
    is_closed_here = value.is_closed and value.end < line_end
    # An even number of quotes is a quotation inside a text of several lines.
    if not value.quote or is_closed_here or line.count(value.quote) % 2 == 0:
        return None
    after = value.start + line.rfind(value.quote) + len(value.quote)
    visible = (at for at in range(after, line_end) if not is_left_out(sheet.text[at]))
    start = next(visible, None)
    if start is None:
        return None
    until = f"to line {sheet.line(value.end)}" if value.is_closed else "to the end of the file"
    message = f"Text after the closing quote: the value goes on {until}."
    if sheet.text[start] == "#":
        fix: Fix | None = sheet.comment_moved(statement, start, line_end)
    else:
        fix = _quoted_whole(value, line)
    return sheet.warning(message, start, line_end, fix)


def _quoted_whole(value: Value, line: str) -> Fix | None:
    if value.quote != '"' or '"""' in line:
        return None
    return Fix(
        title="Quote the whole line",
        start=value.start - 1,
        end=value.start + len(line),
        replacement=f'""""{line.rstrip()}"""',
    )


def _taken_in(sheet: Sheet, value: Value) -> Iterator[Hint]:
    match = _INSTRUCTION_LINE.search(sheet.text, value.start, value.end)
    if match:
        first = sheet.line(value.start)
        yield sheet.warning(
            f"The quote that is opened on line {first} takes in this line.", *match.span(1)
        )


def _left_out(sheet: Sheet, value: Value) -> Iterator[Hint]:
    written = sheet.text[value.start : value.end]
    if written.isprintable():
        return
    odd = (at for at, char in enumerate(written) if not (char in "\t\r\n" or char.isprintable()))
    at = next(odd, None)
    if at is None:
        return
    code, start = f"U+{ord(written[at]):04X}", value.start + at
    if value.quote:
        message = f"Ollama leaves out the character {code}; Corral keeps it."
        if written[at] == OPEN_MARK and written.endswith(value.quote, 0, at):
            message = "Ollama ends the value here; Corral reads on, for an invisible mark follows."
        yield sheet.warning(message, start, start + 1)
        return
    message = f"The character {code} is left out, as Ollama reads it. In quotes Corral keeps it."
    quote = '"""' if '"' in written else '"'
    replacement = f"{quote}{written}{quote}"
    fix = Fix(title="Put in quotes", start=value.start, end=value.end, replacement=replacement)
    yield sheet.warning(message, start, start + 1, fix)
