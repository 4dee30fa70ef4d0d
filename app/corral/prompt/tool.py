"""Tools that a model is told of, and its calls of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call in a conversation.

    Attributes:
        name: Name of the tool.
        arguments: Its arguments by name.
        id: What answers refer to, "" for none.
    """

    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    id: str = ""


def tool_name(tool: Mapping[str, Json]) -> str:
    """Return the name of a tool in OpenAI's form, "" if it has none."""
    function = tool.get("function")
    name = function.get("name") if isinstance(function, Mapping) else None
    return name if isinstance(name, str) else ""
