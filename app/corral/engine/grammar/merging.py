"""JSON schemas put together, and told apart."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from corral.engine.grammar.refusal import refusal
from corral.engine.grammar.scalars import TYPE_NAMES, is_of, same

Schema = Mapping[str, Any] | bool
Resolve = Callable[[Schema, str], Schema]

# Keywords that say nothing of values.
NOTES = ("title", "description", "default", "examples", "$defs", "definitions", "$schema",
         "$id", "$comment", "deprecated", "readOnly", "writeOnly")  # fmt: skip


def merged(base: Mapping[str, Any], parts: Sequence[Schema], at: str) -> Schema:
    """Return one schema for what a schema and all of `parts` say.

    Raises:
        UserError: If two of them say different things with one keyword.
    """
    together: dict[str, Any] = dict(base)
    for part in parts:
        if part is True:
            continue
        if not isinstance(part, Mapping):
            raise refusal("allows nothing", at)
        for word, value in part.items():
            if word not in NOTES:
                together[word] = _joined(word, together.get(word), value, at)
    return together


def _joined(word: str, old: Any, new: Any, at: str) -> Any:  # noqa: ANN401 (JSON)
    if old is None or old == new:
        return new
    if word == "required":
        return list(dict.fromkeys([*old, *new]))
    if word == "properties":
        clash = [name for name in old if name in new and old[name] != new[name]]
        if not clash:
            return {**old, **new}
        raise refusal(f"says two things of the property {clash[0]!r}", at)
    raise refusal(f"says {word!r} twice", at)


def are_apart(options: Sequence[Schema], resolve: Resolve) -> bool:
    """Whether no value can obey two of the schemas."""
    return all(_is_apart(left, right, resolve) for left, right in combinations(options, 2))


def _is_apart(left: Schema, right: Schema, resolve: Resolve) -> bool:
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return False
    values = _values(left), _values(right)
    if values[0] is not None and values[1] is not None:
        return not any(same(one, other) for one in values[0] for other in values[1])
    if not _types(left) & _types(right):
        return True
    return _types(left) == _types(right) == {"object"} and any(
        _is_apart(
            resolve(left["properties"][name], "#"), resolve(right["properties"][name], "#"), resolve
        )
        for name in left.get("properties", {})
        if name in right.get("properties", {})
        and name in left.get("required", ())
        and name in right.get("required", ())
    )


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _types(schema: Mapping[str, Any]) -> set[str]:
    values = _values(schema)
    if values is not None:
        found = {kind for kind in TYPE_NAMES for value in values if is_of(value, kind)}
    else:
        kinds = schema.get("type", TYPE_NAMES)
        found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found | {"number"} if "integer" in found else found
