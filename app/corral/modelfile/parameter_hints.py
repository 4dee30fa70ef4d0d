"""Hints about PARAMETER lines."""

import re
from collections.abc import Iterator

from corral.errors import UserError
from corral.modelfile.catalogue import (
    DEPRECATED,
    INSTRUCTIONS,
    PARAMETERS,
    ParameterSpec,
    ParameterValue,
)
from corral.modelfile.fault_hints import extra_blanks_hint, unknown_parameter_hint
from corral.modelfile.hint import Fix, Hint, Sheet
from corral.modelfile.scanner import Statement, Value
from corral.modelfile.value_hints import trailing_comment
from corral.modelfile.values import format_value, parse_value

_CONTROL_TOKEN = re.compile(r"<[|｜][^\s<>]+[|｜]>")


def parameter_hints(
    sheet: Sheet, statement: Statement, value: Value, trained_context: int | None
) -> Iterator[Hint]:
    """Yield hints about one PARAMETER line that can be read."""
    name = statement.name
    if name in PARAMETERS:
        # A comment behind the value has its own hint; without it the value may be right.
        if trailing_comment(statement, sheet.text) is None:
            yield from _about_value(sheet, PARAMETERS[name], value, trained_context)
    elif not name:
        yield extra_blanks_hint(sheet, statement)
    elif name in DEPRECATED:
        yield sheet.warning(
            f"{name} is no longer used and is left out.",
            statement.name_start,
            statement.name_end,
            sheet.line_removed(statement, "Remove the line"),
        )
    elif name == "model" or name.upper() in INSTRUCTIONS.keys() - {"FROM", "PARAMETER", "MESSAGE"}:
        yield _read_as_instruction(sheet, statement)
    else:
        yield unknown_parameter_hint(sheet, name, statement.name_start)


def unused_stops(sheet: Sheet, template: str) -> Iterator[Hint]:
    """Yield hints about stop texts that look like control tokens of another template."""
    for statement in sheet.statements:
        value = statement.value
        is_stop = statement.keyword == "parameter" and statement.name == "stop"
        if value is None or not is_stop or not _CONTROL_TOKEN.fullmatch(value.text):
            continue
        if value.text not in template:
            message = f"{value.text} does not occur in the TEMPLATE."
            yield sheet.warning(message, value.start, value.end)


def _about_value(
    sheet: Sheet, spec: ParameterSpec, value: Value, trained_context: int | None
) -> Iterator[Hint]:
    try:
        parsed = parse_value(spec.name, [value.text])
    except UserError as error:
        end = max(value.end, value.start)
        yield sheet.error(f"{error.summary}. {error.hint}", value.start, end)
        return
    complaint = _complaint(spec, parsed, trained_context)
    if complaint:
        yield sheet.warning(complaint, value.start, value.end)


def _complaint(spec: ParameterSpec, value: ParameterValue, trained_context: int | None) -> str:
    shown = " ".join(format_value(value))
    if not spec.is_useful(value):
        low, high = f"{spec.minimum:g}", f"{spec.maximum:.12g}"
        return f"{spec.name} is {shown}; useful values go from {low} to {high}."
    limit = trained_context if spec.name == "num_ctx" else None
    if limit and isinstance(value, int) and value > limit:
        return f"num_ctx is {shown}; the model was trained with {limit} tokens."
    return ""


def _read_as_instruction(sheet: Sheet, statement: Statement) -> Hint:
    instruction = "FROM" if statement.name == "model" else statement.name.upper()
    start, end = statement.start, statement.name_end
    fix = Fix(title="Fix", start=start, end=end, replacement=instruction)
    message = f"PARAMETER {statement.name} is read as {instruction}, as Ollama reads it."
    return sheet.warning(message, start, end, fix)
