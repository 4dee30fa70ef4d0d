"""What a front end asks of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corral.chats.attachment import Attachment
from corral.chats.store import MessageId
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import Answering
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Message
from corral.prompt.tool import Json
from corral.settings import Speculation

if TYPE_CHECKING:
    from corral.plan.options import LoadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Text to go on with instead of a conversation.

    Attributes:
        text: What the model goes on with; control tokens in it count.
        suffix: What follows the place that is to be filled, "" to go on at the end.
    """

    text: str
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One turn.

    Attributes:
        model: Name of the model.
        messages: The conversation so far, oldest first, without the system text; the model's own
            messages are put before it. None loads the model and does no more.
        attachments: The files of pictures and sounds in the messages, by their digests.
        completion: Text to go on with; the messages, templates and system text do not count then.
        system: System text; None is the model's own.
        parameters: Parameters by Ollama's names; they win over the model's.
        tools: Tools that the model may call, in OpenAI's form.
        thinks: Whether it shall think; None leaves that to its template.
        think_level: How much, such as "high"; "" leaves that to its template.
        template: Where the template comes from; None is Ollama's order.
        answering: How the answer is made: its form, adapters, biases, what is told of its tokens,
            and what happens when the conversation is longer than the context.
        forced: Tokens that the reply begins with; they are read, not generated.
        options: How to load; None is what the machine and the parameters suggest.
        is_over_budget_allowed: Load even if the plan is over the free memory.
        answer: Stored message that receives the answer; None stores nothing.
        kept_as: Name under which the KV cache may be kept on disk, empty for nowhere.
        keep_alive_s: Seconds that the model stays in memory after it, infinity for ever, None as
            the environment says.
        speculation: Who guesses tokens ahead; None is as the settings say.
    """

    model: str
    messages: tuple[Message, ...] | None
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    completion: Completion | None = None
    system: str | None = None
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    tools: tuple[Mapping[str, Json], ...] = ()
    thinks: bool | None = None
    think_level: str = ""
    template: TemplateSource | None = None
    answering: Answering = field(default_factory=Answering)
    forced: tuple[int, ...] = ()
    options: LoadOptions | None = None
    is_over_budget_allowed: bool = False
    answer: MessageId | None = None
    kept_as: str = ""
    keep_alive_s: float | None = None
    speculation: Speculation | None = None
