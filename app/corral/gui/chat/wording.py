"""A stored conversation in the words of the chat view."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from corral.chats.store import BranchMessage, MessageState, SoundPart, StoredMessage
from corral.events import ContextShifted, FinishReason, Phase, PhaseChanged, ToolCalled, Usage
from corral.foreign import safe_line
from corral.gui.chat.view_data import MediaView, MessageViewData, ReplyState, ToolCallView
from corral.library.names import without_latest
from corral.prompt.message import Message, Role
from corral.units import count

translate = QCoreApplication.translate

_STATES = {
    MessageState.STREAMING: ReplyState.STREAMING,
    MessageState.DONE: ReplyState.DONE,
    MessageState.STOPPED: ReplyState.STOPPED,
    MessageState.FAILED: ReplyState.FAILED,
    MessageState.INTERRUPTED: ReplyState.INTERRUPTED,
}


def branch_views(
    branch: Sequence[BranchMessage], own_messages: Sequence[Message]
) -> list[MessageViewData]:
    """Return the messages of a branch, the model's own ones before them.

    What fell out of the context at the last answer is marked.
    """
    dropped = _dropped(branch)
    views = [
        MessageViewData(
            id=f"own{number}",
            role=message.role,
            model=translate("Chat", "from the model"),
            text=message.content,
            is_dropped=number < dropped,
            is_fixed=True,
        )
        for number, message in enumerate(own_messages)
    ]
    for number, step in enumerate(branch, start=len(own_messages)):
        views.append(message_view(step, is_dropped=number < dropped))
    return views


def message_view(
    step: BranchMessage, *, note: str = "", is_dropped: bool = False
) -> MessageViewData:
    """Return one message as it is shown.

    Args:
        step: The message and its siblings.
        note: What is going on while there is no text yet.
        is_dropped: Whether it fell out of the context.
    """
    message = step.message
    state = _STATES[message.state]
    if state is ReplyState.STREAMING and not message.parts:
        state = ReplyState.WAITING
    return MessageViewData(
        id=message.id,
        role=message.role,
        model=safe_line(without_latest(message.model)),
        text=message.text,
        thinking=message.thinking,
        tool_calls=tuple(
            ToolCallView(name="" if part.problem else part.name, text=part.text)
            for part in message.tool_calls
        ),
        media=tuple(
            MediaView(
                digest=part.digest,
                name=safe_line(part.name),
                is_sound=isinstance(part, SoundPart),
            )
            for part in message.media
        ),
        footer=footer(message),
        note=note,
        error=message.error or "",
        index=step.index + 1,
        count=step.count,
        state=state,
        is_dropped=is_dropped,
    )


def shifted_text(event: ContextShifted) -> str:
    """Return what was dropped of a full context so that the answer could go on."""
    words = translate("Chat", "the context was full: %1 tokens of its middle were dropped")
    return words.replace("%1", count(event.dropped_tokens))


def call_views(calls: Iterable[ToolCalled]) -> tuple[ToolCallView, ...]:
    """Return the tool calls of a running answer."""
    return tuple(
        ToolCallView(name="" if call.problem else call.name, text=call.arguments) for call in calls
    )


def footer(message: StoredMessage) -> str:
    """Return the line of measured figures under an answer, or what cut it off."""
    if message.state is MessageState.INTERRUPTED:
        return translate("Chat", "interrupted: Corral ended while this was written")
    usage = message.usage
    if usage is None or message.role is not Role.ASSISTANT:
        return ""
    parts = []
    if rate := usage.tokens_per_second:
        parts.append(translate("Chat", "%1 tokens/s").replace("%1", f"{rate:.1f}"))
    if usage.generated_tokens:
        parts.append(
            translate("Chat", "%1 s to first token").replace("%1", f"{usage.first_token_s:.1f}")
        )
        parts.append(translate("Chat", "%1 tokens").replace("%1", count(usage.generated_tokens)))
    if usage.drafted_tokens:
        text = translate("Chat", "%1 of %2 guessed tokens were right")
        right, guessed = count(usage.accepted_tokens), count(usage.drafted_tokens)
        parts.append(text.replace("%1", right).replace("%2", guessed))
    if reason := _reason(message.finish_reason):
        parts.append(reason)
    if message.dropped_messages:
        text = translate("Chat", "%1 of the oldest messages did not fit into the context")
        parts.append(text.replace("%1", str(message.dropped_messages)))
    return " · ".join(parts)


def context_tokens(branch: Sequence[BranchMessage]) -> tuple[int, int] | None:
    """Return used and available context at the last answer; None before the first."""
    for step in reversed(branch):
        usage: Usage | None = step.message.usage
        if usage and usage.context_tokens:
            return usage.prompt_tokens + usage.generated_tokens, usage.context_tokens
    return None


def phase_text(event: PhaseChanged) -> str:  # noqa: PLR0911 (one for each phase)
    """Return what is going on before text comes."""
    match event.phase:
        case Phase.WAITING:
            return translate("Chat", "Waiting")
        case Phase.CHECKING:
            return translate("Chat", "Checking the model")
        case Phase.LOADING:
            return translate("Chat", "Loading %1 %").replace("%1", str(event.done or 0))
        case Phase.RENDERING:
            return translate("Chat", "Preparing the prompt")
        case Phase.READING_PROMPT:
            text = translate("Chat", "Reading the prompt, %1 of %2 tokens")
            text = text.replace("%1", count(event.done or 0))
            return text.replace("%2", count(event.total or 0))
        case Phase.LOOKING:
            return translate("Chat", "Looking")
        case Phase.GENERATING:
            return ""


def _dropped(branch: Sequence[BranchMessage]) -> int:
    answers = [step.message for step in branch if step.message.role is Role.ASSISTANT]
    return answers[-1].dropped_messages if answers else 0


def _reason(reason: FinishReason | None) -> str:
    match reason:
        case FinishReason.STOP:
            return translate("Chat", "stopped by the model")
        case FinishReason.LENGTH:
            return translate("Chat", "stopped: no room left")
        case FinishReason.CANCELLED:
            return translate("Chat", "stopped by you")
    return ""
