"""The whole way of an answer adds next to nothing to llama.cpp."""

from corral.workbench.benching import LEAST_STEPS, bench
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
