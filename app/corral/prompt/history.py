"""Which messages of a conversation the model is given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from corral.prompt.message import Message, Role


def shorter_histories(
    messages: Sequence[Message],
) -> Iterator[tuple[int, tuple[Message, ...]]]:
    """Yield the whole history, then ever shorter ones; the first that fits is the one to use.

    The oldest messages go first, the system text and the last message always stay. An answer goes
    together with its question: many templates refuse a conversation that begins with an answer.

    Yields:
        How many messages were left out, and those that stay.
    """
    yield 0, tuple(messages)
    systems: list[Message] = []
    dropped = 0
    for index, message in enumerate(messages[:-1], start=1):
        if message.role is Role.SYSTEM:
            systems.append(message)
            continue
        dropped += 1
        rest = messages[index:]
        if len(rest) == 1 or _first_role(rest) is not Role.ASSISTANT:
            yield dropped, (*systems, *rest)


def without_missing_answers(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return a conversation without its empty answers: a model that reads them writes another.

    What the user said before and after one becomes one message, as many templates refuse two.
    """
    kept: list[Message] = []
    is_unanswered = False
    for message in messages:
        if message.role is Role.ASSISTANT and not message.content.strip():
            is_unanswered = True
        elif is_unanswered and kept and kept[-1].role is message.role is Role.USER:
            kept[-1] = replace(message, content=f"{kept[-1].content}\n\n{message.content}")
            is_unanswered = False
        else:
            kept.append(message)
            is_unanswered = False
    return tuple(kept)


def _first_role(messages: Sequence[Message]) -> Role | None:
    return next((item.role for item in messages if item.role is not Role.SYSTEM), None)
