"""Which messages of a conversation the model is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corral.prompt.message import Message, Role

IMAGE_TOKENS = 768  # what Ollama reserves for an image, whatever its size
IMAGE_MARK = "[img]"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A conversation, or what is left of it.

    Attributes:
        messages: Oldest first.
        dropped: How many of the oldest were left out.
    """

    messages: tuple[Message, ...]
    dropped: int = 0


class HistorySearch:
    """Looks for the longest history that fits, asking about as few as it can.

    Ask for `candidate`, try it, and `tell` whether it fits, until `candidate` is None; `found` is
    the answer then, None if not even the last message fits.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._histories = list(shorter_histories(messages))
        self._low, self._high = 0, len(self._histories)
        self._position: int | None = 0  # mostly all fits
        self.found: History | None = None

    @property
    def candidate(self) -> History | None:
        """The history to try next, None at the end."""
        return None if self._position is None else self._histories[self._position]

    def tell(self, *, fits: bool) -> None:
        """Say whether the candidate fits."""
        assert self._position is not None
        if fits:
            self.found, self._high = self._histories[self._position], self._position
        else:
            self._low = self._position + 1
        is_open = self._low < self._high
        self._position = (self._low + self._high) // 2 if is_open else None


def shorter_histories(messages: Sequence[Message]) -> Iterator[History]:
    """Yield the whole history, then ever shorter ones; the first that fits is the one to use.

    The oldest messages go first, the system text and the last message always stay. Other than with
    Ollama, an answer goes together with its question and a tool's result with its call: many
    templates refuse a conversation that begins with either.
    """
    yield History(messages=tuple(messages))
    systems: list[Message] = []
    dropped = 0
    for index, message in enumerate(messages[:-1], start=1):
        if message.role is Role.SYSTEM:
            systems.append(message)
            continue
        dropped += 1
        rest = messages[index:]
        if len(rest) == 1 or _first_role(rest) not in (Role.ASSISTANT, Role.TOOL):
            yield History(messages=(*systems, *rest), dropped=dropped)


def with_image_tags(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages that say where their images go: `[img-0]`, `[img-1]` and so on.

    A tag takes the place of an `[img]` in the text; without one it comes before the text.
    """
    tagged: list[Message] = []
    number = 0
    for message in messages:
        before, content = "", message.content
        for _ in range(message.images):
            tag = f"[img-{number}]"
            number += 1
            if IMAGE_MARK in content:
                content = content.replace(IMAGE_MARK, tag, 1)
            else:
                before += tag
        tagged.append(replace(message, content=before + content))
    return tuple(tagged)


def without_missing_answers(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return a conversation without its empty answers: a model that reads them writes another.

    What the user said before and after one becomes one message, as many templates refuse two.
    """
    kept: list[Message] = []
    is_unanswered = False
    for message in messages:
        if message.role is Role.ASSISTANT and _is_empty(message):
            is_unanswered = True
        elif is_unanswered and kept and kept[-1].role is message.role is Role.USER:
            kept[-1] = replace(
                message,
                content=f"{kept[-1].content}\n\n{message.content}",
                images=kept[-1].images + message.images,
                media=kept[-1].media + message.media,
            )
            is_unanswered = False
        else:
            kept.append(message)
            is_unanswered = False
    return tuple(kept)


def _is_empty(message: Message) -> bool:
    return not (message.content.strip() or message.tool_calls)


def _first_role(messages: Sequence[Message]) -> Role | None:
    return next((item.role for item in messages if item.role is not Role.SYSTEM), None)
