"""Between records and table rows; the JSON border of this room."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields

from corral.chats.conversation import (
    Conversation,
    MessageChanges,
    MessageState,
    Part,
    PicturePart,
    SoundPart,
    StoredMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from corral.database import Row
from corral.events import FinishReason, Usage
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import (
    Answering,
    answering_from_plain,
    answering_to_plain,
)
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Role

Column = str | int | float | None

_KINDS: Mapping[str, type[Part]] = {
    "text": TextPart,
    "thinking": ThinkingPart,
    "tool_call": ToolCallPart,
    "picture": PicturePart,
    "sound": SoundPart,
}
_USAGE_FIELDS = frozenset(field.name for field in fields(Usage))


def storable(text: str) -> str:
    """Return `text` without lone surrogates: pasted text can hold them, SQLite refuses them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def write_parts(parts: tuple[Part, ...]) -> str:
    """Return the parts as a JSON list of typed objects."""
    kinds = {part_type: kind for kind, part_type in _KINDS.items()}
    return _dump(
        [
            {"kind": kinds[type(part)]}
            | {field.name: storable(getattr(part, field.name)) for field in fields(part)}
            for part in parts
        ]
    )


def read_parts(text: str) -> tuple[Part, ...]:
    """Return the parts of a JSON list."""
    return tuple(_KINDS[part.pop("kind")](**part) for part in json.loads(text))


def write_parameters(parameters: Mapping[str, ParameterValue]) -> str:
    """Return the parameters as a JSON object."""
    return storable(_dump(dict(parameters)))


def read_parameters(text: str) -> dict[str, ParameterValue]:
    """Return the parameters of a JSON object; a list is a tuple again."""
    stored = json.loads(text)
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }


def write_changes(changes: MessageChanges) -> dict[str, Column]:
    """Return the columns that the changes touch, with their new values."""
    columns: dict[str, Column] = {}
    if "parts" in changes:
        columns["parts"] = write_parts(changes["parts"])
    if "usage" in changes:
        usage = changes["usage"]
        columns["usage"] = None if usage is None else _dump(asdict(usage))
    if "error" in changes:
        error = changes["error"]
        columns["error"] = None if error is None else storable(error)
    for name in ("state", "finish_reason", "ledger", "dropped_messages"):
        if name in changes:
            columns[name] = changes[name]
    return columns


def read_conversation(row: Row) -> Conversation:
    """Return the conversation of a row that also counts its messages."""
    return Conversation(
        id=row["id"],
        title=row["title"],
        model=row["model"],
        system=row["system"],
        parameters=read_parameters(row["parameters"]),
        template=_read_template(row["template"]),
        answering=_read_answering(row["answering"]),
        leaf_id=row["leaf_id"],
        draft=row["draft"],
        n_messages=row["n_messages"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def read_message(row: Row) -> StoredMessage:
    """Return the message of a row."""
    finish_reason = row["finish_reason"]
    return StoredMessage(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        role=Role(row["role"]),
        parts=read_parts(row["parts"]),
        model=row["model"],
        state=MessageState(row["state"]),
        finish_reason=None if finish_reason is None else FinishReason(finish_reason),
        usage=_read_usage(row["usage"]),
        ledger=row["ledger"],
        error=row["error"],
        dropped_messages=row["dropped_messages"],
        created_at=row["created_at"],
    )


def _read_template(text: str | None) -> TemplateSource | None:
    return TemplateSource(text) if text in set(TemplateSource) else None


def write_answering(answering: Answering) -> str | None:
    """Return how answers are made as a JSON object, None where all is as usual."""
    plain = answering_to_plain(answering)
    return storable(json.dumps(plain, ensure_ascii=False)) if plain else None


def _read_answering(text: str | None) -> Answering:
    return answering_from_plain(json.loads(text)) if text else Answering()


def _read_usage(text: str | None) -> Usage | None:
    if text is None:
        return None
    stored = json.loads(text)
    return Usage(**{name: stored[name] for name in stored if name in _USAGE_FIELDS})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
