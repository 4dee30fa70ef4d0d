"""One message of a conversation, as a chat template sees it."""

from dataclasses import dataclass
from enum import StrEnum

from corral.prompt.tool import ToolCall


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message.

    Attributes:
        role: Who speaks.
        content: What is said.
        thinking: What an assistant thought before.
        tool_calls: The tools that an assistant calls.
        tool_name: The tool whose result this is.
        tool_call_id: The call whose result this is.
        images: How many pictures and sounds come with it.
        media: Digests of the files they are in, where there are files.
    """

    role: Role
    content: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""
    tool_call_id: str = ""
    images: int = 0
    media: tuple[str, ...] = ()
