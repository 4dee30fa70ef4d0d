"""What the small layers of a model hold, to bytes and back."""

import json
import logging
from collections.abc import Iterable, Mapping

from corral.library.go_json import JsonValue, go_json
from corral.library.model import ModelConfig
from corral.modelfile.catalogue import PARAMETERS, ParameterType, ParameterValue
from corral.prompt.message import Message, Role

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
    fields: list[JsonValue] = [
        {"role": each.role.value, "content": each.content} for each in messages
    ]
    return go_json(fields, sort_keys=False)


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
    return tuple(
        Message(role=Role(each["role"]), content=str(each.get("content", ""))) for each in known
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
