"""The engine adds next to nothing to llama.cpp."""

from corral.engine.bench import bench
from corral.engine.engine import Engine
from corral.plan.options import ContextOptions, LoadOptions
from helpers.models import smollm2_path


async def test_almost_all_of_a_step_is_spent_in_llama_cpp(engine: Engine) -> None:
    options = LoadOptions(context=ContextOptions(n_ctx=256))
    runner = await engine.load(smollm2_path(), options)
    rounds: list[int] = []
    result = await bench(runner, rounds.append, generated_tokens=72)
    print(result)
    assert result.is_same_text
    assert result.prompt_tokens == 256 - 72
    assert result.steps >= 200
    assert result.llama_share >= 0.97
    assert rounds == list(range(1, len(rounds) + 1))
