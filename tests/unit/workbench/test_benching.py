"""The whole way of an answer adds next to nothing to llama.cpp."""

from dataclasses import replace

import pytest

from corral.workbench.bench_rows import ratio_row
from corral.workbench.benching import LEAST_STEPS, bench
from corral.workbench.suite import BATCHES, run_suite
from corral.workbench.workbench import Workbench
from helpers.homes import STARTER


@pytest.mark.slow  # test_share asks the engine the same
async def test_almost_all_of_a_step_is_spent_inside_llama_cpp(workbench: Workbench) -> None:
    rounds: list[int] = []
    result = await bench(workbench, STARTER, rounds.append)
    print(result)
    assert result.is_same_text
    assert result.steps >= LEAST_STEPS
    assert result.llama_share >= 0.97
    assert rounds == list(range(1, len(rounds) + 1))


@pytest.mark.slow
async def test_the_suite_shows_what_shared_beginnings_and_kept_caches_save(
    workbench: Workbench,
) -> None:
    steps: list[str] = []
    rows = await run_suite(workbench, STARTER, steps.append)
    print(*rows, sep="\n")
    by_name = {row.name: row for row in rows}
    at_once = [row for row in rows if "at once, beside a bare loop" in row.name]
    assert len(at_once) == len(BATCHES)
    assert all(row.value > 0.5 for row in at_once)
    for name in (
        "turn 20 of a chat, tokens computed",
        "first token of a chat of 4000 tokens from disk",
        "log-probabilities, largest difference",
    ):
        assert by_name[name].has_passed
    copied = by_name["guessed from the prompt, a copied text"]
    assert copied.bound is not None
    assert copied.value > 1
    assert len(steps) == len(BATCHES) + 4


def test_a_bound_is_a_floor_or_a_ceiling() -> None:
    floor = ratio_row("speed", 9.0, 10.0, bound=0.9)
    assert floor.has_passed
    assert not replace(floor, value=0.89).has_passed
    ceiling = replace(floor, is_ceiling=True)
    assert not replace(ceiling, value=0.91).has_passed
    assert replace(floor, bound=None).has_passed is None
