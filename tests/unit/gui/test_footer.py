"""The line of figures under an answer."""

from corral.chats.conversation import ConversationId, MessageId, MessageState, StoredMessage
from corral.events import FinishReason, Usage
from corral.gui.chat.wording import footer
from corral.prompt.message import Role


def answer(usage: Usage) -> StoredMessage:
    return StoredMessage(
        id=MessageId("b"),
        conversation_id=ConversationId("a"),
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        model="tiny",
        state=MessageState.DONE,
        finish_reason=FinishReason.STOP,
        usage=usage,
        ledger=None,
        error=None,
        dropped_messages=0,
        created_at=0.0,
    )


def test_guessed_tokens_are_counted_where_there_were_any() -> None:
    plain = Usage(generated_tokens=20, generation_s=2.0, first_token_s=0.5)
    assert "10.0 tokens/s" in footer(answer(plain))
    assert "guessed" not in footer(answer(plain))
    guessed = Usage(generated_tokens=20, generation_s=2.0, drafted_tokens=12, accepted_tokens=9)
    assert "9 of 12 guessed tokens were right" in footer(answer(guessed))
