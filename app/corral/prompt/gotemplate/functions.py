"""The functions of Go templates, and Ollama's own."""

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NoReturn, TypeAlias
from urllib.parse import quote_plus

from corral.prompt.gotemplate.go_text import formatted, joined, json_text, text_of
from corral.prompt.gotemplate.values import (
    Record,
    Value,
    is_true,
    kind_name,
    text_bytes,
    text_of_bytes,
)
from corral.prompt.origin import restored, through

Function: TypeAlias = Callable[[Sequence[Value]], Value]

# They take their arguments one by one and may leave the later ones alone.
LAZY_FUNCTIONS = frozenset(("and", "or"))


class CallFault(Exception):  # noqa: N818 (named for what it is)
    """A function was called with what it cannot take."""


def length(values: Sequence[Value]) -> Value:
    """`len`: bytes of a text, items of a list or map."""
    (value,) = _arguments(values, 1)
    if isinstance(value, str):
        return len(text_bytes(restored(value)))
    if isinstance(value, Sequence | Mapping):
        return len(value)
    raise CallFault(f"len of type {kind_name(value)}")


def index(values: Sequence[Value]) -> Value:
    """`index`: an item of a list or map, or of what is in it."""
    value, *keys = _arguments(values, 1, more=True)
    for key in keys:
        value = _item(value, key)
    return value


def cut(values: Sequence[Value]) -> Value:
    """`slice`: a part of a list or of the bytes of a text."""
    value, *borders = _arguments(values, 1, more=True)
    if not isinstance(value, str | Sequence):
        raise CallFault(f"can't slice item of type {kind_name(value)}")
    data = text_bytes(restored(value)) if isinstance(value, str) else value
    numbers = [_position(border, len(data)) for border in borders[:2]]
    start, end = numbers[0] if numbers else 0, numbers[1] if len(numbers) > 1 else len(data)
    if start > end:
        raise CallFault(f"invalid slice index: {start} > {end}")
    if isinstance(data, bytes) and isinstance(value, str):
        return _cut_text(value, data, start, end)
    return data[start:end]


def _cut_text(text: str, data: bytes, start: int, end: int) -> str:
    """Return a part of a text, given its bytes; letters that were moved stay so."""
    if restored(text) == text:
        return text_of_bytes(data[start:end])
    first, last = (len(data[:border].decode("utf-8", "replace")) for border in (start, end))
    return text[first:last]


def equal(values: Sequence[Value]) -> Value:
    """`eq`: whether the first equals any of the others."""
    first, *others = _arguments(values, 2, more=True)
    return any(_is_same(first, other) for other in others)


def not_equal(values: Sequence[Value]) -> Value:
    """`ne`."""
    one, other = _arguments(values, 2)
    return not _is_same(one, other)


def compare(relation: Callable[[int], bool], values: Sequence[Value]) -> Value:
    """`lt`, `le`, `gt`, `ge`: compare numbers of one kind, or texts by their bytes."""
    one, other = _arguments(values, 2)
    if isinstance(one, str) and isinstance(other, str):
        left, right = text_bytes(restored(one)), text_bytes(restored(other))
        return relation((left > right) - (left < right))
    kinds = {kind_name(one), kind_name(other)}
    if kinds in ({"int"}, {"float64"}):
        assert isinstance(one, int | float)
        assert isinstance(other, int | float)
        return relation((one > other) - (one < other))
    raise CallFault("incompatible types for comparison")


def negated(values: Sequence[Value]) -> Value:
    """`not`."""
    (value,) = _arguments(values, 1)
    return not is_true(value)


def printf(values: Sequence[Value]) -> Value:
    """`printf`."""
    pattern, *rest = _arguments(values, 1, more=True)
    if not isinstance(pattern, str):
        raise CallFault(f"the format is a {kind_name(pattern)}, not a string")
    return formatted(pattern, rest)


def call(values: Sequence[Value]) -> NoReturn:
    """`call`: there are no functions among the values."""
    first = values[0] if values else None
    raise CallFault(f"{kind_name(first)} is not a function")


def as_json(values: Sequence[Value]) -> Value:
    """`json`: compact, maps by key."""
    (value,) = _arguments(values, 1)
    return json_text(value)


def day(days_back: int, values: Sequence[Value]) -> Value:
    """`currentDate` and `yesterdayDate`."""
    _arguments(values, 0)
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    return (today - dt.timedelta(days=days_back)).isoformat()


def typescript_type(values: Sequence[Value]) -> Value:
    """`toTypeScriptType`: the type of a tool's parameter."""
    (value,) = _arguments(values, 1)
    if isinstance(value, Record) and (method := value.methods.get("ToTypeScriptType")):
        return method()
    raise CallFault(f"{kind_name(value)} is not the property of a tool")


def _escaped_javascript(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'")
    return re.sub("[<>&=]", lambda found: f"\\u{ord(found.group()):04X}", escaped)


def _escaped_html(text: str) -> str:
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _escaper(escape: Callable[[str], str], values: Sequence[Value]) -> Value:
    return through(escape, joined(values))


def _print_line(values: Sequence[Value]) -> Value:
    return " ".join(map(text_of, values)) + "\n"


FUNCTIONS: Mapping[str, Function] = {
    "len": length,
    "index": index,
    "slice": cut,
    "eq": equal,
    "ne": not_equal,
    "lt": partial(compare, lambda order: order < 0),
    "le": partial(compare, lambda order: order <= 0),
    "gt": partial(compare, lambda order: order > 0),
    "ge": partial(compare, lambda order: order >= 0),
    "not": negated,
    "print": joined,
    "println": _print_line,
    "printf": printf,
    "call": call,
    "html": partial(_escaper, _escaped_html),
    "js": partial(_escaper, _escaped_javascript),
    "urlquery": partial(_escaper, quote_plus),
    "json": as_json,
    "currentDate": partial(day, 0),
    "yesterdayDate": partial(day, 1),
    "toTypeScriptType": typescript_type,
}
FUNCTION_NAMES = frozenset(FUNCTIONS) | LAZY_FUNCTIONS


def _arguments(values: Sequence[Value], count: int, *, more: bool = False) -> Sequence[Value]:
    if len(values) < count or (len(values) > count and not more):
        raise CallFault(f"wrong number of arguments: want {count}, got {len(values)}")
    return values


def _item(value: Value, key: Value) -> Value:
    if isinstance(value, Mapping):
        if not isinstance(key, str):
            raise CallFault(f"value has type {kind_name(key)}; should be string")
        return value.get(key)
    if value is None:
        raise CallFault("index of untyped nil")
    if isinstance(value, str):
        data = text_bytes(restored(value))
        return data[_position(key, len(data) - 1)]
    if isinstance(value, Sequence):
        return value[_position(key, len(value) - 1)]
    raise CallFault(f"can't index item of type {kind_name(value)}")


def _position(value: Value, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CallFault(f"cannot index slice/array with type {kind_name(value)}")
    if not 0 <= value <= largest:
        raise CallFault(f"index out of range: {value}")
    return value


def _is_same(one: Value, other: Value) -> bool:
    for value in (one, other):
        if isinstance(value, Record | Mapping) or (
            isinstance(value, Sequence) and not isinstance(value, str)
        ):
            raise CallFault(f"non-comparable type {text_of(value)}: {kind_name(value)}")
    if one is None or other is None:
        return one is other
    if kind_name(one) != kind_name(other):
        raise CallFault("incompatible types for comparison")
    if isinstance(one, str) and isinstance(other, str):
        return restored(one) == restored(other)
    return one == other
