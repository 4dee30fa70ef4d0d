"""Hints for what Ollama's parser refuses: more words than its errors have, and fixes."""

import re
from collections.abc import Iterable

from corral.modelfile.catalogue import INSTRUCTIONS, MESSAGE_ROLES, PARAMETERS
from corral.modelfile.hint import Fix, Hint, Sheet
from corral.modelfile.scanner import Fault, FaultKind, Statement
from corral.modelfile.value_hints import quote_closed
from corral.modelfile.values import closest_parameter

_WORD = re.compile(r"[^ \t\r\n]*")


def fault_hint(sheet: Sheet, statement: Statement, fault: Fault) -> Hint:
    """Return the hint for a statement that cannot be read."""
    if fault.kind is FaultKind.INVALID_MESSAGE_ROLE:
        return _bad_role(sheet, statement)
    if statement.value is not None:
        words = "This quote is never closed at the end of a line."
        fix = quote_closed(sheet, statement.value)
        return sheet.error(words, fault.start, fault.end, fix=fix)
    if statement.keyword.upper() not in INSTRUCTIONS:
        return _unknown_instruction(sheet, statement)
    if statement.name_start > statement.keyword_end and not _is_line_end(sheet, fault.end):
        return _bad_name(sheet, statement)
    return _no_value(sheet, statement, fault)


def unknown_parameter_hint(sheet: Sheet, name: str, start: int) -> Hint:
    """Return the hint for a parameter that does not exist, with what was probably meant."""
    end = start + len(name)
    closest = closest_parameter(name)
    if closest is None:
        return sheet.error("Unknown parameter %1.", start, end, name)
    fix = Fix(title="Fix", start=start, end=end, replacement=closest)
    return sheet.error("Unknown parameter %1. Did you mean %2?", start, end, name, closest, fix=fix)


def extra_blanks_hint(sheet: Sheet, statement: Statement) -> Hint:
    """Return the hint for more than one blank before a parameter's name or a message's role."""
    start, end = statement.keyword_end, statement.name_start
    while sheet.text[end : end + 1] in (" ", "\t"):
        end += 1
    fix = Fix(title="Fix", start=start, end=end, replacement=" ")
    instruction = statement.keyword.upper()
    return sheet.error("Only one blank may follow %1 here.", start, end, instruction, fix=fix)


def _bad_role(sheet: Sheet, statement: Statement) -> Hint:
    if not statement.name:
        return extra_blanks_hint(sheet, statement)
    start, end = statement.name_start, statement.name_end
    closest = _closest(statement.name.lower(), MESSAGE_ROLES)
    fix = Fix(title="Fix", start=start, end=end, replacement=closest) if closest else None
    words = "The role is %1; it can be system, user or assistant."
    return sheet.error(words, start, end, statement.name, fix=fix)


def _unknown_instruction(sheet: Sheet, statement: Statement) -> Hint:
    start = statement.start
    match = _WORD.match(sheet.text, start)
    end = max(match.end(), statement.keyword_end) if match else statement.keyword_end
    word = sheet.text[start:end]
    meant = f"PARAMETER {word}" if word in PARAMETERS else _closest(word.upper(), INSTRUCTIONS)
    if meant is None:
        return sheet.error("Unknown instruction %1.", start, end, word[:40])
    fix = Fix(title="Fix", start=start, end=end, replacement=meant)
    return sheet.error(
        "Unknown instruction %1. Did you mean %2?", start, end, word[:40], meant, fix=fix
    )


def _bad_name(sheet: Sheet, statement: Statement) -> Hint:
    match = _WORD.match(sheet.text, statement.name_start)
    word = match.group() if match else ""
    if statement.keyword == "parameter":
        return unknown_parameter_hint(sheet, word, statement.name_start)
    start, end = statement.name_start, statement.name_start + len(word)
    words = "The role is %1; it can be system, user or assistant."
    return sheet.error(words, start, end, word[:40])


def _no_value(sheet: Sheet, statement: Statement, fault: Fault) -> Hint:
    instruction = sheet.text[statement.start : statement.keyword_end]
    if fault.kind is FaultKind.INVALID_COMMAND and not _is_line_end(sheet, fault.end):
        start, found = fault.end, sheet.text[fault.end]
        fix = Fix(title="Fix", start=start, end=start + 1, replacement=" ")
        words = "A blank must follow %1, not %2."
        end, is_meant = start + 1, found in ":="
        return sheet.error(
            words, start, end, instruction, repr(found), fix=fix if is_meant else None
        )
    what = f"{instruction} {statement.name}".rstrip()
    return sheet.error("%1 has no value on its line.", statement.start, fault.end, what)


def _is_line_end(sheet: Sheet, offset: int) -> bool:
    return sheet.text[offset : offset + 1] in ("", "\r", "\n")


def _closest(word: str, known: Iterable[str]) -> str | None:
    import difflib  # lazy: only those who mistype need it

    return next(iter(difflib.get_close_matches(word[:40], list(known), n=1)), None)
