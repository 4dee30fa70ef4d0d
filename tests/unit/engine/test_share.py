"""The engine adds next to nothing to llama.cpp."""

from statistics import median

from corral.engine.bare import run_bare
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.llama.sampler_settings import sampler_settings
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.thinking import ThinkingSplitter
from helpers.asking import answer, tokens_of

SEEDED: dict[str, ParameterValue] = {"seed": 5}


async def test_almost_all_of_a_step_is_spent_in_llama_cpp(runner: Runner) -> None:
    prompt = await tokens_of(runner, "The history of the lighthouse keepers and of the ships")
    request = GenerationRequest(
        tokens=prompt,
        parameters=SEEDED,
        stops=("\x00never said\x00",),
        max_tokens=240,
        splitter=ThinkingSplitter(),
    )
    told = await answer(runner, request)
    shares = told.handle.shares
    print(f"llama_share {median(shares):.4f}, {told.usage.tokens_per_second:.1f} tokens/s")
    assert len(shares) >= 200
    assert median(shares) >= 0.97
    assert 0.9 < told.usage.library_s / told.usage.step_s < 1


async def test_a_seeded_text_is_that_of_the_barest_loop(runner: Runner) -> None:
    prompt = await tokens_of(runner, "The history of the lighthouse keepers and of the ships")
    told = await answer(runner, GenerationRequest(tokens=prompt, parameters=SEEDED, max_tokens=60))
    bare = await runner.on_session(
        lambda session: session.model.vocabulary.text(
            run_bare(session, prompt, sampler_settings(SEEDED), 60).tokens
        )
    )
    assert told.text == bare
