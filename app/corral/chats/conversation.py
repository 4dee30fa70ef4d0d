"""What a stored conversation consists of: plain records, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypedDict

from corral.events import FinishReason, Usage
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import Answering
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Role

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)


class MessageState(StrEnum):
    """Where the writing of a message stands.

    `INTERRUPTED` means that the program that wrote it died; its text is what was written by then.
    """

    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """What is said to the reader."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingPart:
    """What a model thought before it answered."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallPart:
    """A tool that a model asks for.

    Attributes:
        name: Its name, "" if the call cannot be read.
        text: Arguments as JSON text; all of the call's text if it cannot be read.
        problem: Why nobody can answer it, "" for a sound call.
    """

    name: str
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePart:
    """A picture that is shown to the model; its file is kept beside the messages.

    Attributes:
        digest: SHA-256 of the file.
        name: What people call it.
    """

    digest: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPart:
    """A sound that is played to the model, kept as pictures are.

    Attributes:
        digest: SHA-256 of the file.
        name: What people call it.
    """

    digest: str
    name: str


MediaPart = PicturePart | SoundPart
Part = TextPart | ThinkingPart | ToolCallPart | MediaPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation, without its messages.

    Attributes:
        id: Its identity for ever.
        title: Its name, "" before the first message.
        model: Name of the model that answers.
        system: System text; None is the model's own.
        parameters: Parameters by Ollama's names; they win over the model's.
        template: Where the template of its prompts comes from; None is the usual order.
        answering: How its answers are made.
        leaf_id: Last message of the branch that is shown; None without messages.
        draft: Text typed and not sent.
        n_messages: Messages on all branches.
        created_at: When it began. Units: seconds since the epoch.
        updated_at: When the last message was added. Units: seconds since the epoch.
    """

    id: ConversationId
    title: str
    model: str
    system: str | None
    parameters: Mapping[str, ParameterValue]
    template: TemplateSource | None
    answering: Answering
    leaf_id: MessageId | None
    draft: str
    n_messages: int
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message of a conversation's tree.

    Attributes:
        id: Its identity for ever.
        conversation_id: The conversation it belongs to.
        parent_id: The message it follows; None begins a conversation.
        role: Who speaks.
        parts: What is said, in order.
        model: Name of the model that wrote it, "" for a person's.
        state: Where its writing stands.
        finish_reason: Why its generation ended, None while it runs and for a person's message.
        usage: Counts and times of its generation.
        ledger: Planned beside measured memory of its generation, as JSON text.
        error: What went wrong.
        dropped_messages: How many older messages did not fit into the context.
        created_at: When it was begun. Units: seconds since the epoch.
    """

    id: MessageId
    conversation_id: ConversationId
    parent_id: MessageId | None
    role: Role
    parts: tuple[Part, ...]
    model: str
    state: MessageState
    finish_reason: FinishReason | None
    usage: Usage | None
    ledger: str | None
    error: str | None
    dropped_messages: int
    created_at: float

    @property
    def text(self) -> str:
        """What is said, without the thinking."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def thinking(self) -> str:
        """What was thought."""
        return "".join(part.text for part in self.parts if isinstance(part, ThinkingPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tools that were called."""
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))

    @property
    def media(self) -> tuple[MediaPart, ...]:
        """The pictures and sounds that come with it."""
        return tuple(part for part in self.parts if isinstance(part, PicturePart | SoundPart))


class MessageChanges(TypedDict, total=False):
    """What can change in a message that is there; what is left out stays."""

    parts: tuple[Part, ...]
    state: MessageState
    finish_reason: FinishReason | None
    usage: Usage | None
    ledger: str | None
    error: str | None
    dropped_messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchMessage:
    """One message of the shown branch, and what stands beside it.

    Attributes:
        message: The message.
        sibling_ids: All messages that follow the same one, this among them, oldest first.
    """

    message: StoredMessage
    sibling_ids: tuple[MessageId, ...]

    @property
    def index(self) -> int:
        """Place among the siblings, from 0."""
        return self.sibling_ids.index(self.message.id)

    @property
    def count(self) -> int:
        """How many siblings there are, this one counted."""
        return len(self.sibling_ids)
