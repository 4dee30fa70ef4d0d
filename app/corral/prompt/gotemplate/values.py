"""The values of a Go template: what counts as true, and what the names of their kinds are.

Text is kept as Python text; bytes that are no UTF-8 are kept as half surrogates, because Go cuts
text between bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A Go struct: fields that are known beforehand.

    Attributes:
        name: Name of the type, for error messages.
        fields: The values, by the names that templates use.
        json: What it is as JSON.
        prints_json: Whether it prints as JSON; otherwise it prints its fields.
        methods: Functions without arguments that look like fields.
    """

    name: str
    fields: "Mapping[str, Value]"
    json: "Value" = None
    prints_json: bool = False
    methods: "Mapping[str, Callable[[], str]]" = field(default_factory=dict)


class JsonList(list["Value"]):
    """A list that prints as JSON; an empty one as `null`, as one that was never set in Go."""


class JsonMap(dict[str, "Value"]):
    """A map that prints as JSON."""


Value: TypeAlias = (
    "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | Record | None"
)


def is_true(value: Value) -> bool:
    """Return whether `if` takes its first branch."""
    return isinstance(value, Record) or bool(value)


def kind_name(value: Value) -> str:  # noqa: PLR0911 (one for each kind)
    """Return the name of a value's type as Go writes it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case Record():
            return value.name
        case Mapping():
            return "map[string]interface {}"
        case _:
            return "[]interface {}"


def text_bytes(text: str) -> bytes:
    """Return text as Go sees it."""
    return text.encode("utf-8", "surrogateescape")


def text_of_bytes(data: bytes) -> str:
    """Return bytes as text; those that are no UTF-8 become half surrogates."""
    return data.decode("utf-8", "surrogateescape")


def clean_text(text: str) -> str:
    """Return text with a question mark in place of each half surrogate, on the way in."""
    return text.encode("utf-8", "replace").decode("utf-8")


def finished_text(text: str) -> str:
    """Return text with U+FFFD in place of bytes that are no UTF-8, on the way out."""
    return text_bytes(text).decode("utf-8", "replace")
