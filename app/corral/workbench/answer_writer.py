"""Keeps a growing answer on disk, at most half a second behind the screen."""

import asyncio
import logging

from corral.chats.store import (
    ChatStore,
    MessageId,
    MessageState,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from corral.errors import ExternalError
from corral.events import Finished, FinishReason
from corral.workbench.generation import Generation

logger = logging.getLogger(__name__)

WRITE_INTERVAL_S = 0.5

_STATES = {
    FinishReason.STOP: MessageState.DONE,
    FinishReason.LENGTH: MessageState.DONE,
    FinishReason.CANCELLED: MessageState.STOPPED,
    FinishReason.FAILED: MessageState.FAILED,
    FinishReason.LOADED: MessageState.DONE,
    FinishReason.UNLOADED: MessageState.DONE,
}


class AnswerWriter:
    """Writes one answer to the store while it grows, and at its end.

    Thread: the event loop's.
    """

    def __init__(self, chats: ChatStore, message_id: MessageId, generation: Generation) -> None:
        self._chats = chats
        self._message_id = message_id
        self._generation = generation
        self._timer: asyncio.Task[None] | None = None
        self._is_behind = False

    def touch(self) -> None:
        """Note that the answer grew; it is on disk soon after."""
        self._is_behind = True
        if self._timer is None or self._timer.done():
            self._timer = asyncio.get_running_loop().create_task(self._write_soon())

    async def finish(self, finished: Finished) -> None:
        """Write the whole answer with its state, timings and error."""
        if self._timer:
            self._timer.cancel()
        trimmed = self._generation.trimmed
        await self._chats.update_message(
            self._message_id,
            parts=self._parts(),
            state=_STATES[finished.reason],
            usage=finished.usage,
            ledger=self._generation.ledger,
            error=str(finished.error) if finished.error else None,
            finish_reason=finished.reason,
            dropped_messages=trimmed.dropped_messages if trimmed else 0,
        )

    async def _write_soon(self) -> None:
        while self._is_behind:
            await asyncio.sleep(WRITE_INTERVAL_S)
            self._is_behind = False
            try:
                await self._chats.update_message(self._message_id, parts=self._parts())
            except ExternalError:  # a full disk must not end the answer; its end is written again
                logger.warning("the growing answer could not be written", exc_info=True)

    def _parts(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        if self._generation.thinking:
            parts.append(ThinkingPart(text=self._generation.thinking))
        if self._generation.answer:
            parts.append(TextPart(text=self._generation.answer))
        parts += [
            ToolCallPart(name=call.name, text=call.arguments, problem=call.problem)
            for call in self._generation.tool_calls
        ]
        return tuple(parts)
