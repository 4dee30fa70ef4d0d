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
            "%1 becomes part of the value, as Ollama reads it.",
            value.start,
            value.end,
            comment,
            fix=sheet.comment_moved(statement, comment_at, value.end),
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
    if sheet.text[start] == "#":
        fix: Fix | None = sheet.comment_moved(statement, start, line_end)
    else:
        fix = _quoted_whole(value, line)
    if not value.is_closed:
        words = "Text after the closing quote: the value goes on to the end of the file."
        return sheet.warning(words, start, line_end, fix=fix)
    words = "Text after the closing quote: the value goes on to line %1."
    return sheet.warning(words, start, line_end, sheet.line(value.end), fix=fix)


def _quoted_whole(value: Value, line: str) -> Fix | None:
    if value.quote != '"' or '"""' in line:
        return None
    return Fix(
        title="Quote the whole line",
        start=value.start - 1,
        end=value.start + len(line),
        replacement=f'""""{line.rstrip()}"""',
    )


def quote_closed(sheet: Sheet, value: Value) -> Fix | None:
    """Return the fix that closes a quote before the first instruction it took in, or at the end.

    None when a quote at that place would not close the value.
    """
    match = _INSTRUCTION_LINE.search(sheet.text, value.start)
    at = match.start() if match else len(sheet.text)
    while at > value.start and sheet.text[at - 1] in " \t\r\n":
        at -= 1
    if sheet.text.endswith('"', value.start, at) and len(value.quote) == 1:
        return None  # with it the line would end in two quotes, and the value in one
    return Fix(title="Close the quote", start=at, end=at, replacement=value.quote)


def _taken_in(sheet: Sheet, value: Value) -> Iterator[Hint]:
    match = _INSTRUCTION_LINE.search(sheet.text, value.start, value.end)
    if match and value.is_closed:
        yield sheet.warning(
            "The quote that is opened on line %1 takes in this line.",
            *match.span(1),
            sheet.line(value.start),
            fix=quote_closed(sheet, value),
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
    if not value.quote:
        words = "The character %1 is left out, as Ollama reads it. In quotes Corral keeps it."
        quote = '"""' if '"' in written else '"'
        fix = Fix(
            title="Put in quotes",
            start=value.start,
            end=value.end,
            replacement=f"{quote}{written}{quote}",
        )
        yield sheet.warning(words, start, start + 1, code, fix=fix)
    elif written[at] == OPEN_MARK and written.endswith(value.quote, 0, at):
        words = "Ollama ends the value here; Corral reads on, for an invisible mark follows."
        yield sheet.warning(words, start, start + 1)
    else:
        words = "Ollama leaves out the character %1; Corral keeps it."
        yield sheet.warning(words, start, start + 1, code)
