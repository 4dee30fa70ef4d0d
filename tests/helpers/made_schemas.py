"""JSON schemas of the kinds that users of Ollama and OpenAI send, made from a seed."""

from random import Random
from typing import Any

NAMES = ("name", "age", "city", "tags", "is_open", "price", "notes", "kind", "when", "owner")


def made_schema(seed: int) -> dict[str, Any]:
    """Return an object's schema; the same for the same seed."""
    chance = Random(seed)
    schema = _object(chance, depth=0)
    if chance.random() < 0.3:
        schema["$defs"] = {"Part": _object(chance, depth=2)}
        schema["properties"]["part"] = {"$ref": "#/$defs/Part", "description": "A part."}
        schema["required"] = [*schema["required"], "part"]
    return schema


def _object(chance: Random, depth: int) -> dict[str, Any]:
    names = chance.sample(NAMES, chance.randint(1, 4 if depth == 0 else 2))
    schema = {
        "type": "object",
        "properties": {name: _part(chance, depth + 1) for name in names},
        "required": [name for name in names if chance.random() < 0.8],
    }
    if chance.random() < 0.5:
        schema["additionalProperties"] = False
    return schema


def _part(chance: Random, depth: int) -> dict[str, Any]:
    kinds = [_string, _integer, _number, _values, _plain]
    if depth < 3:
        kinds += [_list, _object, _optional, _one_of, _map]
    return chance.choice(kinds)(chance, depth)


def _plain(chance: Random, _depth: int) -> dict[str, Any]:
    return {"type": chance.choice(("boolean", "null", ["string", "null"]))}


def _string(chance: Random, _depth: int) -> dict[str, Any]:
    kinds = (
        {},
        {"minLength": 1, "maxLength": chance.choice((3, 20, 500))},
        {"maxLength": chance.randint(1, 12)},
        {"format": chance.choice(("date", "date-time", "uuid", "email", "ipv4"))},
    )
    return {"type": "string", **chance.choice(kinds)}


def _integer(chance: Random, _depth: int) -> dict[str, Any]:
    low = chance.randint(-300, 300)
    kinds = (
        {},
        {"minimum": low, "maximum": low + chance.randint(0, 900)},
        {"minimum": 0},
        {"exclusiveMinimum": 0, "maximum": 120},
    )
    return {"type": "integer", **chance.choice(kinds)}


def _number(chance: Random, _depth: int) -> dict[str, Any]:
    bounds = chance.choice(({}, {"minimum": 0}, {"minimum": 0, "maximum": 1}))
    return {"type": "number", **bounds}


def _values(chance: Random, _depth: int) -> dict[str, Any]:
    kinds = ({"enum": ["red", "green", "blue"]}, {"enum": [1, 2.5, None, "x"]}, {"const": "fixed"})
    return dict(chance.choice(kinds))


def _list(chance: Random, depth: int) -> dict[str, Any]:
    counts = ({"maxItems": 3}, {"minItems": 2, "maxItems": 4}, {"minItems": 1, "maxItems": 1})
    return {"type": "array", "items": _part(chance, depth + 1), **chance.choice(counts)}


def _optional(chance: Random, depth: int) -> dict[str, Any]:
    return {"anyOf": [_part(chance, depth + 1), {"type": "null"}], "default": None}


def _one_of(chance: Random, depth: int) -> dict[str, Any]:
    parts = [_object(chance, depth + 1) for _ in range(2)]
    for part, kind in zip(parts, ("a", "b"), strict=True):
        part["properties"]["type"] = {"const": kind}
        part["required"] = [*part["required"], "type"]
    return {"oneOf": parts}


def _map(chance: Random, depth: int) -> dict[str, Any]:
    extra = _part(chance, depth + 1)
    return {"type": "object", "additionalProperties": extra, "maxProperties": 2}
