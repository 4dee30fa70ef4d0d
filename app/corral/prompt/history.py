"""Which messages stay when a conversation outgrows the context."""

from collections.abc import Iterator, Sequence

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


def _first_role(messages: Sequence[Message]) -> Role | None:
    return next((item.role for item in messages if item.role is not Role.SYSTEM), None)
