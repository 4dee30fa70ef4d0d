"""Says whether a JSON value is valid under a schema: the keywords that grammars keep, no others."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

_KINDS = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_NOTES = ("title", "description", "default", "$defs", "definitions", "$schema")
_FORMATS = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", text) or 1 / 0,
    "ipv4": lambda text: [1 // (int(part) < 256) for part in text.split(".")],
}


def is_valid(value: Any, schema: Any, root: Any = None) -> bool:
    root = schema if root is None else root
    if isinstance(schema, bool):
        return schema
    return all(_keeps(word, value, schema, root) for word in schema)


def _keeps(word: str, value: Any, schema: dict, root: dict) -> bool:
    wanted = schema[word]
    if word in ("anyOf", "oneOf", "allOf"):
        fitting = sum(is_valid(value, part, root) for part in wanted)
        return {"anyOf": fitting > 0, "oneOf": fitting == 1, "allOf": fitting == len(wanted)}[word]
    if word in ("minLength", "maxLength", "format"):
        return not isinstance(value, str) or _fits_text(word, value, wanted)
    if word in ("items", "prefixItems", "minItems", "maxItems"):
        return not isinstance(value, list) or _fits_list(word, value, schema, root)
    if word in ("properties", "required", "additionalProperties", "maxProperties"):
        return not isinstance(value, dict) or _fits_object(word, value, schema, root)
    if word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        return not _KINDS["number"](value) or _is_within(word, value, wanted)
    return word in _NOTES or _is_one_of(word, value, wanted, root)


def _is_one_of(word: str, value: Any, wanted: Any, root: dict) -> bool:
    if word == "type":
        return any(
            _KINDS[kind](value) for kind in ([wanted] if isinstance(wanted, str) else wanted)
        )
    if word == "$ref":
        found = root
        for step in wanted[1:].split("/")[1:]:
            found = found[step]
        return is_valid(value, found, root)
    allowed = {"enum": wanted, "const": [wanted]}[word]
    return any(value == each and type(value) is type(each) for each in allowed)


def _is_within(word: str, value: float, bound: float) -> bool:
    return {
        "minimum": value >= bound,
        "maximum": value <= bound,
        "exclusiveMinimum": value > bound,
        "exclusiveMaximum": value < bound,
    }[word]


def _fits_text(word: str, value: str, wanted: Any) -> bool:
    if word != "format":
        return len(value) >= wanted if word == "minLength" else len(value) <= wanted
    try:
        _FORMATS[wanted](value)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def _fits_list(word: str, value: list, schema: dict, root: dict) -> bool:
    first = schema.get("prefixItems", [])
    match word:
        case "minItems":
            return len(value) >= schema[word]
        case "maxItems":
            return len(value) <= schema[word]
        case "items":
            return all(is_valid(item, schema[word], root) for item in value[len(first) :])
    return all(is_valid(*pair, root) for pair in zip(value, first, strict=False))


def _fits_object(word: str, value: dict, schema: dict, root: dict) -> bool:
    named = schema.get("properties", {})
    match word:
        case "required":
            return set(schema[word]) <= set(value)
        case "maxProperties":
            return len(value) <= schema[word]
        case "additionalProperties":
            others = [item for name, item in value.items() if name not in named]
            return all(is_valid(item, schema[word], root) for item in others)
    return all(is_valid(value[name], part, root) for name, part in named.items() if name in value)
