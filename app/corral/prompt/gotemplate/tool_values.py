"""Tools and messages as the values that Ollama's templates see."""

from collections.abc import Mapping, Sequence

from corral.prompt.gotemplate.go_text import text_of
from corral.prompt.gotemplate.values import JsonList, JsonMap, Record, Value, clean_text
from corral.prompt.message import Message
from corral.prompt.tool import Json, ToolCall

_FUNCTION_KEYS = ("name", "description", "parameters")
_PARAMETERS_KEYS = ("type", "$defs", "items", "required", "properties")
_PROPERTY_KEYS = ("anyOf", "type", "items", "description", "enum", "properties", "required")
_TYPESCRIPT = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "any[]",
    "object": "Record<string, any>",
    "null": "null",
}


def message_value(message: Message) -> Record:
    """Return a message as `.Messages` holds it."""
    calls = [_call_value(number, call) for number, call in enumerate(message.tool_calls)]
    return Record(
        name="message",
        fields={
            "Role": str(message.role),
            "Content": clean_text(message.content),
            "Thinking": clean_text(message.thinking),
            "Images": [None] * message.images,
            "ToolCalls": calls,
            "ToolName": clean_text(message.tool_name),
            "ToolCallID": clean_text(message.tool_call_id),
        },
    )


def tools_value(tools: Sequence[Mapping[str, Json]]) -> Value:
    """Return tools as `.Tools` holds them; without tools it prints as `null`."""
    return JsonList(map(_tool_value, tools))


def _tool_value(tool: Mapping[str, Json]) -> Record:
    function = _function_value(_mapping(tool.get("function")))
    kind = _plain(tool.get("type", "function"))
    return Record(
        name="tool",
        fields={"Type": kind, "Function": function, "Items": _plain(tool.get("items"))},
        json=_ordered(tool, ("type", "items"), {"type": kind, "function": function}),
        prints_json=True,
    )


def _function_value(function: Mapping[str, Json]) -> Record:
    parameters = _parameters_value(_mapping(function.get("parameters")))
    name, about = _plain(function.get("name", "")), _plain(function.get("description", ""))
    known: dict[str, Value] = {"name": name, "description": about, "parameters": parameters}
    return Record(
        name="tool function",
        fields={"Name": name, "Description": about, "Parameters": parameters},
        json=_ordered(function, _FUNCTION_KEYS, known),
        prints_json=True,
    )


def _parameters_value(parameters: Mapping[str, Json]) -> Record:
    declared = _mapping(parameters.get("properties"))
    properties = {key: _property_value(_mapping(declared[key])) for key in sorted(declared)}
    required = _plain(parameters.get("required"))
    known: dict[str, Value] = {
        "type": _plain(parameters.get("type", "object")),
        "properties": JsonMap(properties),
    }
    if required:
        known["required"] = required
    return Record(
        name="tool parameters",
        fields={
            "Type": known["type"],
            "Defs": _plain(parameters.get("$defs")),
            "Items": _plain(parameters.get("items")),
            "Required": required or [],
            "Properties": JsonMap(properties),
        },
        json=_ordered(parameters, _PARAMETERS_KEYS, known),
        prints_json=True,
    )


def _property_value(declared: Mapping[str, Json]) -> Record:
    kind = _plain(declared.get("type"))
    return Record(
        name="tool property",
        fields={
            "AnyOf": _plain(declared.get("anyOf")) or [],
            "Type": _type_value(kind),
            "Items": _plain(declared.get("items")),
            "Description": _plain(declared.get("description", "")),
            "Enum": _plain(declared.get("enum")) or [],
            "Properties": _plain(declared.get("properties")),
            "Required": _plain(declared.get("required")) or [],
        },
        json=_ordered(declared, _PROPERTY_KEYS, {}),
        prints_json=True,
        methods={"ToTypeScriptType": lambda: _typescript(declared)},
    )


def _type_value(kind: Value) -> Value:
    """Return a type as it prints: one by its name, several as JSON."""
    if isinstance(kind, str | None):
        return kind or ""
    return JsonList(kind) if isinstance(kind, Sequence) else text_of(kind)


def _typescript(declared: Mapping[str, Json]) -> str:
    choices = declared.get("anyOf")
    if isinstance(choices, Sequence) and not isinstance(choices, str) and choices:
        return " | ".join(_typescript(_mapping(choice)) for choice in choices)
    kind = declared.get("type")
    kinds = [kind] if isinstance(kind, str) else kind
    if not isinstance(kinds, Sequence) or not kinds:
        return "any"
    return " | ".join(_TYPESCRIPT.get(str(each), "any") for each in kinds)


def _call_value(number: int, call: ToolCall) -> Record:
    arguments = _plain(call.arguments)
    assert isinstance(arguments, Mapping)
    function = Record(
        name="tool call function",
        fields={
            "Index": number,
            "Name": clean_text(call.name),
            "Arguments": JsonMap(arguments),
        },
        json={"name": call.name, "arguments": arguments},
        prints_json=True,
    )
    return Record(
        name="tool call",
        fields={"ID": call.id, "Function": function},
        json={"id": call.id, "function": function},
        prints_json=True,
    )


def _ordered(
    given: Mapping[str, Json], keys: Sequence[str], known: Mapping[str, Value]
) -> dict[str, Value]:
    """Return an object with its known keys first, in their order, and all others after them."""
    merged = {key: _plain(item) for key, item in given.items()} | dict(known)
    order = [*(key for key in keys if key in merged), *(key for key in merged if key not in keys)]
    return {key: merged[key] for key in order}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _plain(value: Json) -> Value:
    """Return JSON as Go holds it, where every number is a float."""
    match value:
        case str():
            return clean_text(value)
        case bool() | None:
            return value
        case int():
            return float(value) if abs(value) <= 2**53 else value
        case float():
            return value
        case Mapping():
            return {clean_text(key): _plain(item) for key, item in value.items()}
        case _:
            return [_plain(item) for item in value]
