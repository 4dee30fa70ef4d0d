"""The whole way of an answer adds next to nothing to llama.cpp."""

import pytest

from corral.workbench.benching import LEAST_STEPS, bench
from corral.workbench.suite import BATCHES, run_suite
from corral.workbench.workbench import Workbench
from helpers.homes import STARTER


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
    result = await run_suite(workbench, STARTER, steps.append)
    print(result)
    assert [figure.generations for figure in result.batches] == list(BATCHES)
    assert all(figure.ratio > 0.5 for figure in result.batches)
    assert result.turn_computed_tokens <= result.turn_new_tokens
    assert result.reopened_tokens == 4000
    assert result.reopened_ratio <= 0.1
    assert len(steps) == len(BATCHES) + 2
