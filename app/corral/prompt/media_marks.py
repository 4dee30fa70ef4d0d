"""Where pictures and sounds stand in a prompt: marks that nobody can type.

A template is given a mark in the text of the message that a picture came with, and not the typed
parts that transformers has: what announces a picture to the model comes with its projector, and a
template that wrote it too would write it twice. llama.cpp does the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from corral.errors import UserError
from corral.prompt.guard import GuardedText
from corral.prompt.message import Message
from corral.prompt.origin import Span

# Characters that Unicode keeps for a program's own use; `guard.clean` takes them out of messages.
FIRST, LAST = "\ufdd2", "\ufdd3"
_MARK = re.compile(f"{FIRST}([0-9]{{1,6}}){LAST}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlace:
    """The place of one picture or sound.

    Attributes:
        number: Which of the conversation's, from 0.
    """

    number: int


def with_media_marks(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages that begin with the marks of what comes with them."""
    numbers = count()
    return tuple(
        replace(
            message,
            content="".join(f"{FIRST}{next(numbers)}{LAST}" for _ in range(message.images))
            + message.content,
        )
        for message in messages
    )


def cut_at_media(text: GuardedText, expected: int) -> list[GuardedText | MediaPlace]:
    """Return a prompt in pieces: texts, and the places of pictures and sounds between them.

    Raises:
        UserError: If the template left some out, or wrote one twice.
    """
    pieces: list[GuardedText | MediaPlace] = []
    position = 0
    for found in _MARK.finditer(text.text):
        pieces += (_part(text, position, found.start()), MediaPlace(number=int(found[1])))
        position = found.end()
    pieces.append(_part(text, position, len(text.text)))
    numbers = [piece.number for piece in pieces if isinstance(piece, MediaPlace)]
    if sorted(numbers) != list(range(expected)):
        raise UserError(
            f"The chat template has places for {len(numbers)} of {expected} pictures and sounds.",
            hint="Choose another template for the chat, or another file of this model.",
        )
    return pieces


def with_media_tags(text: str) -> str:
    """Return a prompt for people: `[img-0]` where the first picture or sound stands."""
    return _MARK.sub(r"[img-\1]", text)


def _part(text: GuardedText, start: int, end: int) -> GuardedText:
    return GuardedText(
        text=text.text[start:end],
        is_kept=text.is_kept,
        guarded=tuple(
            Span(start=max(span.start, start) - start, end=min(span.end, end) - start)
            for span in text.guarded
            if span.start < end and span.end > start
        ),
    )
