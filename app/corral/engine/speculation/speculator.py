"""Guessing for one reply: how far, whether it pays, and what came of it."""

import logging
from dataclasses import dataclass

from corral.engine.speculation.costs import BatchCosts
from corral.engine.speculation.drafter import Drafter
from corral.errors import ExternalError
from corral.plan.options import GUESSED_TOKENS

logger = logging.getLogger(__name__)

# What is believed of guesses before any was made counts as so many tries.
FIRST_TRIES = 2.0
# What older tries count for, with each new one.
FADING = 0.95
# Guessing may lose this share of the time of a reply, and so many steps' time on top.
LOSS_SHARE, LOSS_STEPS = 0.02, 2.0
# Of what was saved before, so many steps' time may be lost again.
CREDIT_STEPS = 8.0


@dataclass(slots=True)
class _Luck:
    """How often guesses of one strength were right, token by token."""

    right: float
    tries: float = FIRST_TRIES

    def note(self, *, was_right: bool) -> None:
        self.tries = self.tries * FADING + 1
        self.right = self.right * FADING + was_right

    @property
    def chance(self) -> float:
        return self.right / self.tries


class Speculator:
    """Asks a drafter where that is likely to pay, and never risks more than the reply can bear.

    What may be lost grows with the reply, so that a text which begins to repeat itself is noticed
    late, and one that never does costs next to nothing.

    Attributes:
        drafted: Tokens guessed so far.
        accepted: How many of them the model said too.

    Thread: the engine thread.
    """

    def __init__(self, drafter: Drafter, costs: BatchCosts, most: int = GUESSED_TOKENS) -> None:
        """Begin for one reply.

        Args:
            drafter: What guesses; it is closed with this.
            costs: What batches take on this machine.
            most: Longest guess.
        """
        self.drafted = self.accepted = 0
        self._drafter = drafter
        self._most = most
        self._costs = costs
        self._luck: dict[int, _Luck] = {}
        self._strength = 0
        self._length = 0
        self._spent_s = self._saved_s = 0.0

    def guess(self, most: int, *, beside: int, gained: float) -> tuple[list[int], float]:
        """Return tokens to check in the next batch, and how many of them are likely right.

        Args:
            most: No more than so many.
            beside: Tokens that are in the batch anyway.
            gained: Tokens of text that the batch is likely to bring without these.
        """
        self._length = 0
        most = min(most, self._most)
        if most < 1 or not self._costs.is_known or (strength := self._drafter.strength()) is None:
            return [], 0.0
        self._strength = strength
        length, won = self._costs.best_length(
            most,
            beside=beside,
            gained=gained,
            chance=self._luck_of(strength).chance,
            token_s=self._drafter.token_s,
            bearable_s=self._bearable_s,
        )
        try:
            tokens = list(self._drafter.draft(length)) if length else []
        except ExternalError as error:
            logger.warning("nothing more is guessed: %s", error.summary)
            tokens, self._most = [], 0
        self._length = len(tokens)
        return tokens, won

    def learn(self, token: int) -> None:
        """Take the token that came next."""
        self._drafter.extend(token)

    def judge(self, accepted: int) -> None:
        """Note how many tokens of the last guess were right."""
        self.drafted += self._length
        self.accepted += accepted
        for number in range(min(accepted + 1, self._length)):
            self._luck_of(self._strength).note(was_right=number < accepted)

    def settle(self, spent_s: float, saved_s: float) -> None:
        """Note what a step took, and what guessing saved in it.

        Args:
            spent_s: The step's time.
            saved_s: How much longer its text would have taken without guesses; below zero where
                it would have taken less.
        """
        self._spent_s += spent_s
        if self._length:
            most = CREDIT_STEPS * self._costs.of(1)
            self._saved_s = min(self._saved_s + saved_s, most)

    def close(self) -> None:
        """Free the drafter."""
        self._drafter.close()

    @property
    def _bearable_s(self) -> float:
        return self._saved_s + LOSS_SHARE * self._spent_s + LOSS_STEPS * self._costs.of(1)

    def _luck_of(self, strength: int) -> _Luck:
        if strength not in self._luck:
            chance = self._drafter.first_chance(strength)
            self._luck[strength] = _Luck(right=FIRST_TRIES * chance)
        return self._luck[strength]
