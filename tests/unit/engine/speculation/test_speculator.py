"""Guessing pays, or it stops before it has cost much."""

from collections.abc import Sequence

import pytest

from corral.engine.speculation.costs import BatchCosts
from corral.engine.speculation.lookup import PromptLookup
from corral.engine.speculation.speculator import Speculator


class SaysTheSame:
    """Always sure that the next tokens are 7."""

    token_s = 0.0

    def strength(self) -> int | None:
        return 16

    def first_chance(self, _strength: int) -> float:
        return 0.9

    def draft(self, most: int) -> Sequence[int]:
        return [7] * most

    def extend(self, token: int) -> None:
        """Learn nothing."""

    def close(self) -> None:
        """Nothing is held."""


def costs() -> BatchCosts:
    """What batches take on a processor with two cores."""
    made = BatchCosts()
    for _ in range(20):
        for size, duration_s in ((1, 1.0), (2, 1.2), (4, 2.0), (8, 3.1), (16, 5.6)):
            made.note(size, duration_s)
    return made


def time_of(speculator: Speculator, known: BatchCosts, text: Sequence[int]) -> float:
    """Return how long a text takes that the model says whatever is guessed."""
    place, total_s = 0, 0.0
    while place < len(text):
        guessed, _ = speculator.guess(min(15, len(text) - place - 1), beside=1, gained=1.0)
        accepted = 0
        while accepted < len(guessed) and guessed[accepted] == text[place + accepted]:
            accepted += 1
        said = text[place : place + accepted + 1]
        step_s = known.of(1 + len(guessed))
        for token in said:
            speculator.learn(token)
        speculator.judge(accepted)
        speculator.settle(step_s, known.of(1) * len(said) - step_s)
        place += len(said)
        total_s += step_s
    return total_s


@pytest.mark.parametrize("length", [60, 200, 1000])
def test_who_is_always_wrong_costs_less_than_a_twentieth(length: int) -> None:
    known = costs()
    speculator = Speculator(SaysTheSame(), known)
    assert time_of(speculator, known, [3] * length) <= length * known.of(1) / 0.95
    assert speculator.drafted > 0 == speculator.accepted


def test_who_is_always_right_makes_it_more_than_twice_as_fast() -> None:
    known = costs()
    speculator = Speculator(SaysTheSame(), known)
    assert time_of(speculator, known, [7] * 200) < 200 * known.of(1) / 2
    assert speculator.accepted == speculator.drafted > 150


def test_a_text_that_begins_to_repeat_itself_late_is_noticed() -> None:
    known = costs()
    passage = [11 * n % 97 + 100 for n in range(60)]
    text = [*range(1000, 1300), *passage, *range(2000, 2040), *passage, *passage]
    speculator = Speculator(PromptLookup(range(5)), known)
    assert time_of(speculator, known, text) < 0.9 * len(text) * known.of(1)


def test_half_right_guesses_never_make_it_slower() -> None:
    known = costs()
    speculator = Speculator(SaysTheSame(), known)
    assert time_of(speculator, known, [7, 3] * 300) <= 600 * known.of(1) / 0.95
