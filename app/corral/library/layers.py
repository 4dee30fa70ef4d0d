"""What the small layers of a model hold, to bytes and back."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from corral.library.go_json import JsonValue, go_json
from corral.library.model import ModelConfig
from corral.modelfile.catalogue import PARAMETERS, ParameterType, ParameterValue
from corral.prompt.message import Message, Role
from corral.prompt.tool import ToolCall

logger = logging.getLogger(__name__)

# The order in which Ollama writes a config: what is always there, what may be left out, the end.
CONFIG_START: Mapping[str, JsonValue] = {
    "model_format": "", "model_family": "", "model_families": None, "model_type": "",
    "file_type": "",
}  # fmt: skip
CONFIG_MIDDLE = (
    "renderer", "parser", "requires", "remote_host", "remote_model", "capabilities",
    "context_length", "embedding_length", "base_name", "draft",
)  # fmt: skip
CONFIG_END: Mapping[str, JsonValue] = {"architecture": "amd64", "os": "linux"}


def params_bytes(parameters: Mapping[str, JsonValue]) -> bytes:
    """Return the params layer of some parameters."""
    return go_json(dict(parameters))


def read_params(data: bytes) -> dict[str, ParameterValue]:
    """Read a params layer.

    Values get the catalogue's types; what it does not know stays if a Modelfile could say it.

    Raises:
        ValueError: If the layer is damaged.
    """
    values = {name: _parameter(name, value) for name, value in params_fields(data).items()}
    return {name: value for name, value in values.items() if value is not None}


def params_fields(data: bytes) -> dict[str, JsonValue]:
    """Read a params layer as it stands, with what no Modelfile could say.

    Raises:
        ValueError: If the layer is damaged.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise ValueError("the params layer is not an object")  # noqa: TRY004 (damage, not a bug)
    return fields


def messages_bytes(messages: Iterable[Message]) -> bytes:
    """Return the messages layer of some messages."""
    return go_json([_message_fields(each) for each in messages], sort_keys=False)


def _message_fields(message: Message) -> dict[str, JsonValue]:
    calls: list[JsonValue] = [
        ({"id": call.id} if call.id else {})
        | {
            "function": {
                "index": index,
                "name": call.name,
                "arguments": _sorted(dict(call.arguments)),
            }
        }
        for index, call in enumerate(message.tool_calls)
    ]
    optional: dict[str, JsonValue] = {
        "thinking": message.thinking,
        "tool_calls": calls,
        "tool_name": message.tool_name,
        "tool_call_id": message.tool_call_id,
    }
    always: dict[str, JsonValue] = {"role": message.role.value, "content": message.content}
    return always | {name: value for name, value in optional.items() if value}


def _sorted(value: JsonValue) -> JsonValue:
    """Return JSON with the keys of all objects sorted, as Go writes maps."""
    match value:
        case str():
            return value
        case Mapping():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case Sequence():
            return [_sorted(item) for item in value]
        case _:
            return value


def read_messages(data: bytes) -> tuple[Message, ...]:
    """Read a messages layer; messages of roles that Corral does not have are left out.

    Raises:
        ValueError: If the layer is damaged.
    """
    fields = json.loads(data)
    if not isinstance(fields, list) or not all(isinstance(each, dict) for each in fields):
        raise ValueError("the messages layer is not a list")
    known = [each for each in fields if each.get("role") in set(Role)]
    if len(known) < len(fields):
        logger.warning("%d stored messages have an unknown role", len(fields) - len(known))
    return tuple(map(_message, known))


def _message(fields: Mapping[str, JsonValue]) -> Message:
    def text(name: str) -> str:
        value = fields.get(name)
        return value if isinstance(value, str) else ""

    calls = fields.get("tool_calls")
    images = fields.get("images")
    return Message(
        role=Role(str(fields["role"])),
        content=text("content"),
        thinking=text("thinking"),
        tool_calls=tuple(_calls(calls)) if isinstance(calls, list) else (),
        tool_name=text("tool_name"),
        tool_call_id=text("tool_call_id"),
        images=len(images) if isinstance(images, list) else 0,
    )


def _calls(calls: Sequence[JsonValue]) -> Iterator[ToolCall]:
    for call in calls:
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(call, Mapping) and isinstance(function, Mapping):
            arguments = function.get("arguments")
            yield ToolCall(
                name=str(function.get("name") or ""),
                arguments=arguments if isinstance(arguments, Mapping) else {},
                id=str(call.get("id") or ""),
            )


def config_bytes(fields: Mapping[str, JsonValue]) -> bytes:
    """Return the config blob of some fields, in Ollama's order."""
    start = {name: fields.get(name) or empty for name, empty in CONFIG_START.items()}
    middle = {name: fields[name] for name in CONFIG_MIDDLE if fields.get(name)}
    others = {
        name: value
        for name, value in fields.items()
        if name not in start | dict(CONFIG_END) and name not in CONFIG_MIDDLE
    }
    return go_json(start | middle | others | dict(CONFIG_END), sort_keys=False)


def read_config(data: bytes) -> dict[str, JsonValue]:
    """Read a config blob.

    Raises:
        ValueError: If it is damaged.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise ValueError("the config is not an object")  # noqa: TRY004 (damage, not a bug)
    return fields


def model_config(
    fields: Mapping[str, JsonValue], *, context_length: int, embedding_length: int
) -> ModelConfig:
    """Return what a config says, with two figures of the GGUF header."""

    def text(name: str) -> str:
        value = fields.get(name)
        return value if isinstance(value, str) else ""

    return ModelConfig(
        model_format=text("model_format"),
        family=text("model_family"),
        parameter_size=text("model_type"),
        quantization=text("file_type"),
        renderer=text("renderer"),
        parser=text("parser"),
        requires=text("requires"),
        context_length=context_length,
        embedding_length=embedding_length,
    )


def _parameter(name: str, value: JsonValue) -> ParameterValue | None:
    spec = PARAMETERS.get(name)
    match value:
        case bool() | str():
            return value
        case int() | float():
            if spec is None:
                return value
            return int(value) if spec.type is ParameterType.INTEGER else float(value)
        case [*items]:
            return tuple(map(str, items))
        case _:
            return None
