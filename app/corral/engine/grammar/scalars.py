"""Strings and numbers of a JSON schema, as GBNF."""

from collections.abc import Mapping
from typing import Any

from corral.engine.grammar.ranges import integer_range
from corral.engine.grammar.refusal import refusal
from corral.engine.grammar.rules import MOST_ELEMENTS, Rules, repeat

_DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])'
_TIME = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})?'
_ZONE = '("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])'
_BYTE = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9]? [0-9])'
_LABEL = "[a-z0-9]{1,20}"
_HOST = f'{_LABEL} ("-" {_LABEL}){{0,2}} ("." {_LABEL}){{0,3}} "." [a-z]{{2,8}}'
# Dates end with the 28th: a grammar knows no calendar.
FORMATS = {
    "date": _DATE,
    "time": f"{_TIME} {_ZONE}",
    "date-time": f'{_DATE} "T" {_TIME} {_ZONE}',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
    "ipv4": f'{_BYTE} "." {_BYTE} "." {_BYTE} "." {_BYTE}',
    "hostname": _HOST,
    "email": f'[a-z0-9]{{1,20}} ([._+-] [a-z0-9]{{1,20}}){{0,3}} "@" {_HOST}',
    "uri": f'"http" "s"? "://" {_HOST} ("/" [A-Za-z0-9._~-]{{0,40}}){{0,8}}',
    "duration": '"P" ([1-9] [0-9]{0,3} "D" | "T" [1-9] [0-9]{0,3} [HMS])',
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
TYPE_NAMES = tuple(_TYPES)


def string_body(rules: Rules, schema: Mapping[str, Any], at: str) -> str:
    """Return the body of a rule for a string."""
    least, most = whole(schema, "minLength", at) or 0, whole(schema, "maxLength", at)
    if "format" in schema:
        if schema["format"] not in FORMATS:
            raise refusal(f"has the format {schema['format']!r}", at)
        if least or most is not None:
            raise refusal("has a format and a length", at)
        return f'"\\"" {FORMATS[schema["format"]]} "\\""'
    if (most is not None and most < least) or least > MOST_ELEMENTS:
        raise refusal(f"wants {least} to {most} characters", at)
    most = None if most is None else min(most, MOST_ELEMENTS)
    return f'"\\"" {repeat(rules, rules.primitive("char"), least, most)} "\\""'


def number_body(rules: Rules, schema: Mapping[str, Any], at: str) -> str:
    """Return the body of a rule for a number.

    Bounds have to be whole numbers from 0 on; a grammar compares digits, not values.
    """
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        if word in schema:
            raise refusal(f"has {word!r} for a number that need not be whole", at)
    least, most = whole(schema, "minimum", at), whole(schema, "maximum", at)
    if least is None and most is None:
        return rules.primitive("number")
    if least is None or least < 0:
        raise refusal("bounds a number that may be negative", at)
    if most is not None and most < least:
        raise refusal(f"wants numbers from {least} to {most}", at)
    below = integer_range(least, None if most is None else most - 1)
    parts = [f'({below}) ("." [0-9]{{1,15}})?'] if below else []
    if most is not None:
        parts.append(f'"{most}" ("." "0"{{1,3}})?')
    return " | ".join(parts)


def whole(schema: Mapping[str, Any], word: str, at: str) -> int | None:
    """Return the whole number of a keyword, None where it is not there."""
    value = schema.get(word)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise refusal(f"has {word!r} of {value!r}, which is no whole number", at)
    if not word.startswith(("minimum", "maximum", "exclusive")) and value < 0:
        raise refusal(f"has {word!r} of {value!r}", at)
    return int(value)


def is_of(value: object, kind: str) -> bool:
    """Whether a JSON value is of a type of JSON Schema."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, ()))


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal; `true` is not 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)
