"""What batches cost, and how many guesses that is worth."""

import pytest

from corral.engine.speculation.costs import BatchCosts


def measured(**sizes: float) -> BatchCosts:
    costs = BatchCosts()
    for _ in range(30):
        for name, duration_s in sizes.items():
            costs.note(int(name[1:]), duration_s)
    return costs


def length(
    costs: BatchCosts, chance: float, *, bearable_s: float = 100.0, token_s: float = 0
) -> int:
    found, _ = costs.best_length(
        15, beside=1, gained=1.0, chance=chance, token_s=token_s, bearable_s=bearable_s
    )
    return found


def test_sizes_between_measured_ones_lie_on_a_line() -> None:
    costs = measured(b1=1.0, b2=1.2, b4=2.0, b8=3.2)
    assert costs.of(4) == pytest.approx(2.0, rel=0.02)
    assert costs.of(3) == pytest.approx(1.6, rel=0.02)
    assert costs.of(6) == pytest.approx(2.6, rel=0.02)
    assert costs.of(12) > costs.of(8)


def test_a_slower_machine_is_slower_for_all_sizes() -> None:
    costs = measured(b1=1.0, b4=2.0)
    for _ in range(40):
        costs.note(4, 4.0)
    assert costs.of(1) > 1.5
    assert costs.of(4) == pytest.approx(4.0, rel=0.1)


def test_one_disturbed_batch_says_little() -> None:
    costs = measured(b1=1.0, b4=2.0)
    costs.note(4, 200.0)
    assert costs.of(4) < 2.9


def test_sure_guesses_are_long_where_batches_are_cheap_and_none_where_they_are_dear() -> None:
    cheap = measured(b1=1.0, b2=1.05, b8=1.2, b16=1.4)
    dear = measured(b1=1.0, b2=1.9, b8=7.5, b16=15.0)
    assert length(cheap, 0.95) == 15
    assert 1 <= length(cheap, 0.4) < 6
    assert length(dear, 0.8) == 0
    assert length(cheap, 0.02) == 0


def test_no_more_is_guessed_than_can_be_borne_or_than_guessing_is_worth() -> None:
    costs = measured(b1=1.0, b2=1.2, b4=1.6, b8=2.4)
    assert length(costs, 0.95, bearable_s=0.7) == 3
    assert length(costs, 0.95, bearable_s=0.1) == 0
    assert length(costs, 0.95, token_s=2.0) == 0


def test_room_that_others_take_makes_guesses_shorter() -> None:
    costs = measured(b1=1.0, b2=1.1, b4=1.3, b8=3.0, b16=7.0)
    alone, _ = costs.best_length(
        15, beside=1, gained=1.0, chance=0.7, token_s=0.0, bearable_s=100.0
    )
    beside_four, _ = costs.best_length(
        15, beside=4, gained=4.0, chance=0.7, token_s=0.0, bearable_s=100.0
    )
    assert alone > beside_four
