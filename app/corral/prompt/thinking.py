"""Thinking and answer, split from text that comes in pieces."""

from enum import Enum, auto

from corral.events import TextAdded, TextKind
from corral.prompt.stop import partial_match

OPENING = "<think>"
CLOSING = "</think>"
# What families of models put around thinking.
KNOWN_TAGS = (
    (OPENING, CLOSING),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
)


def thinking_tags(template: str | None) -> tuple[str, str] | None:
    """Return the tags around thinking, if the model's chat template knows of any."""
    return next((tags for tags in KNOWN_TAGS if template and tags[1] in template), None)


class _State(Enum):
    BEGINNING = auto()
    BEFORE_THINKING = auto()
    THINKING = auto()
    BEFORE_ANSWER = auto()
    ANSWER = auto()


class ThinkingSplitter:
    """Splits one reply into thinking and answer.

    Thinking counts only at the very start, blanks before it aside; blanks after either tag are
    dropped. What may still become a tag is held back. However the text is cut into pieces, the
    outcome is the same.
    """

    def __init__(
        self, opening: str = OPENING, closing: str = CLOSING, *, starts_thinking: bool = False
    ) -> None:
        self._opening = opening
        self._closing = closing
        self._state = _State.BEFORE_THINKING if starts_thinking else _State.BEGINNING
        self._held = ""

    def opens_thinking(self, text: str) -> bool:
        """Whether `text`, should it come next, is the whole tag that begins thinking."""
        return self._state is _State.BEGINNING and (self._held + text).strip() == self._opening

    @property
    def is_thinking(self) -> bool:
        """Whether what comes next is thinking."""
        return self._state in (_State.BEFORE_THINKING, _State.THINKING)

    def feed(self, text: str) -> list[TextAdded]:
        """Take the next piece; return what is certain now."""
        self._held += text
        added: list[TextAdded] = []
        while self._step(added):
            pass
        return added

    def flush(self) -> list[TextAdded]:
        """Return what was held back: no more text comes, so it is no tag."""
        added: list[TextAdded] = []
        match self._state:
            case _State.BEGINNING | _State.ANSWER:
                self._add(added, TextKind.ANSWER, len(self._held))
            case _State.THINKING:
                self._add(added, TextKind.THINKING, len(self._held))
            case _State.BEFORE_THINKING | _State.BEFORE_ANSWER:
                pass  # only blanks are held there
        return added

    def _step(self, added: list[TextAdded]) -> bool:
        """Do what the state asks for; return whether another state follows at once."""
        match self._state:
            case _State.BEGINNING:
                return self._look_for_opening()
            case _State.BEFORE_THINKING:
                return self._drop_blanks(_State.THINKING)
            case _State.THINKING:
                return self._look_for_closing(added)
            case _State.BEFORE_ANSWER:
                return self._drop_blanks(_State.ANSWER)
            case _State.ANSWER:
                self._add(added, TextKind.ANSWER, len(self._held))
                return False

    def _look_for_opening(self) -> bool:
        text = self._held.lstrip()
        if text.startswith(self._opening):
            self._held = text[len(self._opening) :]
            self._state = _State.BEFORE_THINKING
            return True
        if self._opening.startswith(text):
            return False
        self._state = _State.ANSWER
        return True

    def _drop_blanks(self, following: _State) -> bool:
        self._held = self._held.lstrip()
        if not self._held:
            return False
        self._state = following
        return True

    def _look_for_closing(self, added: list[TextAdded]) -> bool:
        end = self._held.find(self._closing)
        if end < 0:
            kept = len(self._held) - partial_match(self._held, self._closing)
            self._add(added, TextKind.THINKING, kept)
            return False
        self._add(added, TextKind.THINKING, end)
        self._held = self._held[len(self._closing) :]
        self._state = _State.BEFORE_ANSWER
        return True

    def _add(self, added: list[TextAdded], kind: TextKind, length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        if text:
            added.append(TextAdded(text=text, kind=kind))
