"""What guesses the next tokens of one reply."""

from collections.abc import Sequence
from typing import Protocol


class Drafter(Protocol):
    """Guesses how one sequence goes on.

    Thread: the engine thread.
    """

    @property
    def token_s(self) -> float:
        """Seconds that a guessed token costs, beside the model's own work on it."""

    def strength(self) -> int | None:
        """Return how good the next guess is in its own measure, None when there is none.

        Guesses of the same strength are counted together.
        """

    def first_chance(self, strength: int) -> float:
        """Return how likely a token of such a guess is right before any was tried."""

    def draft(self, most: int) -> Sequence[int]:
        """Return the guess: at most so many tokens."""

    def extend(self, token: int) -> None:
        """Learn the token that came next, guessed or not."""

    def close(self) -> None:
        """Free what it holds."""
