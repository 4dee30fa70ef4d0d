"""Everything that can be said about a Modelfile while it is written.

Never an error where Ollama would make a model; warnings tell what is read other than it looks.
"""

from collections.abc import Iterator

from corral.modelfile.catalogue import INSTRUCTIONS, PARAMETERS, ParameterType
from corral.modelfile.fault_hints import fault_hint
from corral.modelfile.hint import Hint, Known, Sheet
from corral.modelfile.parameter_hints import parameter_hints
from corral.modelfile.scanner import Statement, Value
from corral.modelfile.source_hints import missing_from, unknown_source
from corral.modelfile.template_hints import base_template_hints, template_hints
from corral.modelfile.value_hints import value_hints
from corral.modelfile.values import is_version

_NOTHING = Known()


def hints(text: str, known: Known = _NOTHING) -> list[Hint]:
    """Return the problems of a Modelfile text, in the order of their places.

    Args:
        text: Any text.
        known: What is known of the base model and the library.
    """
    sheet = Sheet(text)
    found = [*missing_from(sheet, known), *_repeated(sheet), *_about_template(sheet, known)]
    for statement in sheet.statements:
        found += _about_statement(sheet, statement, known)
    return sorted(found, key=lambda hint: (hint.start, hint.end))


def _about_statement(sheet: Sheet, statement: Statement, known: Known) -> Iterator[Hint]:
    if statement.fault:
        yield fault_hint(sheet, statement, statement.fault)
    value = statement.value
    if value is None:
        return
    yield from value_hints(sheet, statement, value)
    if statement.fault:
        return
    match statement.keyword:
        case "parameter":
            yield from parameter_hints(sheet, statement, value, known)
        case "from":
            yield from unknown_source(sheet, statement, value, known)
        case "requires":
            yield from _about_version(sheet, value)


def _about_version(sheet: Sheet, value: Value) -> Iterator[Hint]:
    if not is_version(value.text):
        words = "REQUIRES is to be a version such as 0.14.0."
        yield sheet.error(words, value.start, value.end)


def _about_template(sheet: Sheet, known: Known) -> Iterator[Hint]:
    templates = [each for each in sheet.statements if each.keyword == "template" and each.value]
    if templates:
        yield from template_hints(sheet, templates[-1])
    elif known.template:
        yield from base_template_hints(sheet, known.template)


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
            fix = sheet.line_removed(later)
            words = "Only one ADAPTER can be used."
            yield sheet.error(words, later.start, later.keyword_end, fix=fix)
        else:
            fix = sheet.line_removed(statement)
            words = "%1 is given again on line %2; that one counts."
            line = sheet.line(later.start)
            yield sheet.warning(words, statement.start, statement.name_end, what, line, fix=fix)


def _given_once(statement: Statement) -> str | None:
    if statement.fault:
        return None
    if statement.keyword == "parameter":
        spec = PARAMETERS.get(statement.name)
        is_list = spec is None or spec.type is ParameterType.STRINGS
        return None if is_list else f"PARAMETER {statement.name}"
    spec_of = INSTRUCTIONS[statement.keyword.upper()]
    return None if spec_of.can_repeat else spec_of.name
