"""What the chat view is told: plain records, made by the presenter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from corral.prompt.message import Role

if TYPE_CHECKING:  # comes with the first picture
    from corral.llama.media import Picture


class ReplyState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"  # asked for, no text yet
    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # the program ended while it was written


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallView:
    """A tool that a model asks for.

    Attributes:
        name: Its name, "" if the call cannot be read.
        text: Its arguments, or all of its text.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A picture or sound that comes with a message.

    Attributes:
        digest: Of its file.
        name: What people call it.
        is_sound: Whether it is a sound.
        picture: Its pixels, None for a sound and until they are decoded.
        problem: Why there are none, "" otherwise.
    """

    digest: str
    name: str
    is_sound: bool = False
    picture: Picture | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageViewData:
    """One message of the branch on show.

    Attributes:
        id: The stored message's id.
        role: Who speaks.
        model: Name of the model that answered; empty for the user's messages.
        text: The answer or question, as written.
        thinking: What the model thought before it answered.
        tool_calls: The tools that were called.
        media: The pictures and sounds that come with it.
        footer: Line of figures below ("48.6 tokens/s · 0.3 s to first token · ...").
        note: What is going on while there is no text yet ("Reading the prompt 3 210 of 8 044").
        error: Why a reply failed; shown in place of the footer.
        index: Which of its variants this is, from 1.
        count: How many variants there are.
        state: How far it has come.
        is_dropped: Whether it no longer fits into the model's context.
        has_choices: Whether its tokens are known with their alternatives.
        is_fixed: Whether it belongs to the model and cannot be changed here.
    """

    id: str
    role: Role
    model: str = ""
    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCallView, ...] = ()
    media: tuple[MediaView, ...] = ()
    footer: str = ""
    note: str = ""
    error: str = ""
    index: int = 1
    count: int = 1
    state: ReplyState = ReplyState.DONE
    is_dropped: bool = False
    is_fixed: bool = False
    has_choices: bool = False

    @property
    def is_open(self) -> bool:
        """Whether more text may come."""
        return self.state in (ReplyState.WAITING, ReplyState.STREAMING)
