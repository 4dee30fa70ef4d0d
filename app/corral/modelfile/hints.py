"""Everything that can be said about a Modelfile while it is written.

Never an error where Ollama would make a model; warnings tell what is read other than it looks.
"""

import re
from collections.abc import Iterator

from corral.modelfile.catalogue import INSTRUCTIONS, PARAMETERS, ParameterType
from corral.modelfile.fault_hints import fault_hint
from corral.modelfile.hint import Hint, Sheet
from corral.modelfile.parameter_hints import parameter_hints, unused_stops
from corral.modelfile.parser import NO_FROM
from corral.modelfile.scanner import Statement
from corral.modelfile.value_hints import value_hints

# Golang's notion of a version: minor and patch number may be missing.
_VERSION = re.compile(r"v?\d+(\.\d+(\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)?)?", re.ASCII)
_ASKED = re.compile(r"\.(Prompt|Messages)\b")


def hints(text: str, *, trained_context_tokens: int | None = None) -> list[Hint]:
    """Return the problems of a Modelfile text, in the order of their places.

    Args:
        text: Any text.
        trained_context_tokens: Context length the base model was trained with, if known.
    """
    sheet = Sheet(text)
    found = [*_missing_from(sheet), *_repeated(sheet), *_about_template(sheet)]
    for statement in sheet.statements:
        found += _about_statement(sheet, statement, trained_context_tokens)
    return sorted(found, key=lambda hint: (hint.start, hint.end))


def _about_statement(
    sheet: Sheet, statement: Statement, trained_context: int | None
) -> Iterator[Hint]:
    if statement.fault:
        yield fault_hint(sheet, statement, statement.fault)
    value = statement.value
    if value is None:
        return
    yield from value_hints(sheet, statement, value)
    if statement.fault:
        return
    if statement.keyword == "parameter":
        yield from parameter_hints(sheet, statement, value, trained_context)
    elif statement.keyword == "from" and not value.text.strip():
        message = "FROM names no model."
        yield sheet.error(message, statement.start, statement.keyword_end)
    elif statement.keyword == "requires" and not _VERSION.fullmatch(value.text):
        message = "requires must be a valid semver (e.g. 0.14.0)"
        yield sheet.error(message, value.start, value.end)


def _missing_from(sheet: Sheet) -> Iterator[Hint]:
    has_from = any(
        statement.keyword == "from" or (statement.keyword, statement.name) == ("parameter", "model")
        for statement in sheet.statements
    )
    if not has_from:
        yield sheet.error(f"{NO_FROM}: name the model to build on, as in FROM smollm2:135m.", 0, 0)


def _repeated(sheet: Sheet) -> Iterator[Hint]:
    seen: dict[str, Statement] = {}
    for statement in reversed(sheet.statements):
        what = _given_once(statement)
        if what is None:
            continue
        later = seen.setdefault(what, statement)
        if later is statement:
            continue
        if what == "ADAPTER":
            message = "only one adapter is currently supported"
            yield sheet.error(message, later.start, later.keyword_end)
        else:
            message = f"{what} is given again on line {sheet.line(later.start)}; that one counts."
            yield sheet.warning(message, statement.start, statement.name_end)


def _given_once(statement: Statement) -> str | None:
    if statement.fault:
        return None
    if statement.keyword == "parameter":
        spec = PARAMETERS.get(statement.name)
        is_list = spec is None or spec.type is ParameterType.STRINGS
        return None if is_list else f"PARAMETER {statement.name}"
    spec_of = INSTRUCTIONS[statement.keyword.upper()]
    return None if spec_of.can_repeat else spec_of.name


def _about_template(sheet: Sheet) -> Iterator[Hint]:
    templates = [each for each in sheet.statements if each.keyword == "template" and each.value]
    if not templates:
        return
    last = templates[-1]
    template = last.value.text if last.value else ""
    if template and not _ASKED.search(template):
        yield sheet.warning(
            "The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}: "
            "the model would not see what it is asked.",
            last.start,
            last.keyword_end,
        )
    yield from unused_stops(sheet, template)
