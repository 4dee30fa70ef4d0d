"""Hints about PARAMETER lines."""

import re
from collections.abc import Iterator

from corral.errors import UserError
from corral.modelfile.catalogue import (
    DEPRECATED,
    INSTRUCTIONS,
    PARAMETERS,
    ParameterSpec,
    ParameterType,
)
from corral.modelfile.fault_hints import extra_blanks_hint, unknown_parameter_hint
from corral.modelfile.hint import Fix, Hint, Known, Sheet
from corral.modelfile.scanner import Statement, Value
from corral.modelfile.value_hints import trailing_comment
from corral.modelfile.values import format_value, parse_value

# Texts that nobody writes by chance: control tokens of chat templates.
_CONTROL_TOKEN = re.compile(r"<([|｜])[^\s<>]+\1>|</?(start|end)_of_turn>|\[/?INST\]|<</?SYS>>")
_ROUND_NUMBER = re.compile(r"(?P<number>[+-]?[0-9]{1,12})(?:\.0*)?(?P<kilo>k)?")
_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def parameter_hints(
    sheet: Sheet, statement: Statement, value: Value, known: Known
) -> Iterator[Hint]:
    """Yield hints about one PARAMETER line that can be read."""
    name = statement.name
    if name in PARAMETERS:
        # A comment behind the value has its own hint; without it the value may be right.
        if trailing_comment(statement, sheet.text) is None:
            yield from _about_value(sheet, PARAMETERS[name], value, known)
    elif not name:
        yield extra_blanks_hint(sheet, statement)
    elif name in DEPRECATED:
        yield sheet.warning(
            "%1 is no longer used and is left out.",
            statement.name_start,
            statement.name_end,
            name,
            fix=sheet.line_removed(statement),
        )
    elif name == "model" or name.upper() in INSTRUCTIONS.keys() - {"FROM", "PARAMETER", "MESSAGE"}:
        yield _read_as_instruction(sheet, statement)
    else:
        yield unknown_parameter_hint(sheet, name, statement.name_start)


def unused_stops(sheet: Sheet, template: str, words: str) -> Iterator[Hint]:
    """Yield hints about stop texts that look like control tokens of another template.

    Args:
        sheet: The Modelfile.
        template: The template that counts.
        words: What to say.
    """
    for statement in sheet.statements:
        value = statement.value
        is_stop = statement.keyword == "parameter" and statement.name == "stop"
        if value is None or not is_stop or not _CONTROL_TOKEN.fullmatch(value.text):
            continue
        if value.text not in template:
            fix = sheet.line_removed(statement)
            yield sheet.warning(words, value.start, value.end, value.text, fix=fix)


def _about_value(sheet: Sheet, spec: ParameterSpec, value: Value, known: Known) -> Iterator[Hint]:
    try:
        parsed = parse_value(spec.name, [value.text])
    except UserError:
        yield _wrong_value(sheet, spec, value)
        return
    if isinstance(parsed, bool | str | tuple):
        return
    shown = " ".join(format_value(parsed))
    limit = known.trained_context_tokens if spec.name == "num_ctx" else 0
    if not spec.is_useful(parsed):
        low, high = f"{spec.minimum:g}", f"{spec.maximum:.12g}"
        nearest = low if spec.minimum is not None and parsed < spec.minimum else high
        words = "%1 is %2; useful values go from %3 to %4."
        fix = _used(value, nearest)
        yield sheet.warning(words, value.start, value.end, spec.name, shown, low, high, fix=fix)
    elif limit and parsed > limit:
        words = "num_ctx is %1; the model was trained with %2 tokens."
        fix = _used(value, str(limit))
        yield sheet.warning(words, value.start, value.end, shown, limit, fix=fix)


def _wrong_value(sheet: Sheet, spec: ParameterSpec, value: Value) -> Hint:
    start, end = value.start, max(value.end, value.start)
    shown = value.text[:40]
    match spec.type:
        case ParameterType.INTEGER:
            words = "Invalid int value [%1]. %2 is a whole number such as 40."
            return sheet.error(words, start, end, shown, spec.name, fix=_rounded(spec, value))
        case ParameterType.FLOAT:
            words = "Invalid float value [%1]. %2 is a number such as 0.7."
            return sheet.error(words, start, end, shown, spec.name, fix=_with_point(spec, value))
        case _:
            words = "Invalid bool value [%1]. %2 is true or false."
            return sheet.error(words, start, end, shown, spec.name, fix=_as_truth(value))


def _rounded(spec: ParameterSpec, value: Value) -> Fix | None:
    """Return the fix for "4k", "4,096" and "40.0", where one number is meant."""
    plain = value.text.strip().lower().replace(",", "").replace("_", "")
    match = _ROUND_NUMBER.fullmatch(plain)
    if match is None:
        return None
    number = int(match["number"]) * (1024 if match["kilo"] else 1)
    return _used(value, str(number)) if spec.is_useful(number) else None


def _with_point(spec: ParameterSpec, value: Value) -> Fix | None:
    """Return the fix for "0,7"."""
    text = value.text.strip().replace(",", ".")
    try:
        parse_value(spec.name, [text])
    except UserError:
        return None
    return _used(value, text)


def _as_truth(value: Value) -> Fix | None:
    truth = _TRUTHS.get(value.text.strip().lower())
    return _used(value, truth) if truth else None


def _used(value: Value, text: str) -> Fix:
    return Fix(title=f"Use {text}", start=value.start, end=value.end, replacement=text)


def _read_as_instruction(sheet: Sheet, statement: Statement) -> Hint:
    instruction = "FROM" if statement.name == "model" else statement.name.upper()
    start, end = statement.start, statement.name_end
    fix = Fix(title="Fix", start=start, end=end, replacement=instruction)
    words = "PARAMETER %1 is read as %2, as Ollama reads it."
    return sheet.warning(words, start, end, statement.name, instruction, fix=fix)
