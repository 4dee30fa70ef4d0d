"""What a template gets to render, and the same as JSON for the way to the *render* child."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corral.prompt.message import Message, Role
from corral.prompt.thinking_wish import thinking_wish
from corral.prompt.tool import Json, ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that a template may ask for.

    Attributes:
        messages: Oldest first.
        tools: Tools in OpenAI's form.
        thinks: Whether the model shall think; None leaves it to the template.
        think_level: How much, such as "high"; "" leaves it to the template.
        suffix: Text behind the place that is to be filled, "" for none.
    """

    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Json], ...] = ()
    thinks: bool | None = None
    think_level: str = ""
    suffix: str = ""


def conversation_json(conversation: Conversation) -> Mapping[str, Json]:
    """Return a conversation as JSON."""
    return {
        "messages": [_message_json(message) for message in conversation.messages],
        "tools": conversation.tools,
        "thinks": conversation.thinks,
        "think_level": conversation.think_level,
        "suffix": conversation.suffix,
    }


def conversation_from_json(value: Mapping[str, Json]) -> Conversation:
    """Return the conversation that `conversation_json` wrote, or that a person did.

    Raises:
        ValueError: If it is none.
    """
    thinks, level, suffix = value.get("thinks"), value.get("think_level", ""), value.get("suffix")
    if "think" in value:  # as Ollama's interface has it
        wish = thinking_wish(value["think"])
        thinks, level = wish.thinks, wish.level
    return Conversation(
        messages=tuple(map(_message, _objects(value.get("messages"), "messages"))),
        tools=tuple(_objects(value.get("tools"), "tools")),
        thinks=thinks if isinstance(thinks, bool) else None,
        think_level=level if isinstance(level, str) else "",
        suffix=suffix if isinstance(suffix, str) else "",
    )


def _message_json(message: Message) -> Mapping[str, Json]:
    fields: dict[str, Json] = {"role": str(message.role), "content": message.content}
    calls: list[Json] = [
        {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.tool_calls
    ]
    more: dict[str, Json] = {
        "thinking": message.thinking,
        "tool_calls": calls,
        "tool_name": message.tool_name,
        "tool_call_id": message.tool_call_id,
        "images": message.images,
    }
    return fields | {key: item for key, item in more.items() if item}


def _message(value: Mapping[str, Json]) -> Message:
    images = value.get("images", 0)
    return Message(
        role=_role(value.get("role")),
        content=_content(value.get("content")),
        thinking=_text(value, "thinking") or _text(value, "reasoning_content"),
        tool_calls=tuple(map(_call, _objects(value.get("tool_calls"), "tool_calls"))),
        tool_name=_text(value, "tool_name") or _text(value, "name"),
        tool_call_id=_text(value, "tool_call_id"),
        images=len(images) if isinstance(images, list) else images if type(images) is int else 0,
    )


def _role(value: Json) -> Role:
    try:
        return Role(str(value).lower())
    except ValueError:
        known = ", ".join(Role)
        raise ValueError(f"“role” is {value!r}; it must be one of {known}") from None


def _content(value: Json) -> str:
    """Return text, also of the typed parts that OpenAI's interface has."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        parts = [item for item in value if isinstance(item, Mapping)]
        return "".join(_text(part, "text") for part in parts)
    raise ValueError("“content” must be text")


def _call(value: Mapping[str, Json]) -> ToolCall:
    function = value.get("function", value)
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise ValueError("a tool call needs “function” with a “name”")  # noqa: TRY004 (as below)
    given = function.get("arguments") or {}
    arguments = _parsed(given) if isinstance(given, str) else given
    if not isinstance(arguments, Mapping):
        raise ValueError("“arguments” of a tool call must be an object")  # noqa: TRY004 (as above)
    return ToolCall(name=_text(function, "name"), arguments=arguments, id=_text(value, "id"))


def _parsed(text: str) -> Json:
    parsed: Json = json.loads(text)
    return parsed


def _objects(value: Json, name: str) -> list[Mapping[str, Json]]:
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"“{name}” must be a list")  # noqa: TRY004 (as above)
    found = [item for item in value if isinstance(item, Mapping)]
    if len(found) != len(value):
        raise ValueError(f"“{name}” must hold objects only")
    return found


def _text(value: Mapping[str, Json], key: str) -> str:
    found = value.get(key, "")
    return found if isinstance(found, str) else ""
