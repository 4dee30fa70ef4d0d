"""Twenty prompts of two models: greedy text is that of the barest loop with the same batches."""

import pytest

from corral.engine.bare import run_bare
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.llama.sampler_settings import SamplerSettings
from helpers.asking import ask, tokens_of

BEGINNINGS = ("The capital of", "def read(", "In the year", "She said that", "1, 2, 3,")
ENDS = ("", " France and", " the old man, who", "\n\nOnce upon a time")
PROMPTS = [beginning + end for beginning in BEGINNINGS for end in ENDS]
FEW = PROMPTS[::5]
TOKENS = 12


async def differing(runner: Runner, prompts: list[str]) -> list[str]:
    wrong = []
    for prompt in prompts:
        tokens = await tokens_of(runner, prompt)

        def bare(session: Session, tokens: tuple[int, ...] = tokens) -> str:
            run = run_bare(session, tokens, SamplerSettings(temperature=0), TOKENS)
            return session.model.vocabulary.text(run.tokens)

        expected = await runner.on_session(bare)
        if (await ask(runner, tokens, max_tokens=TOKENS)).text != expected:
            wrong.append(prompt)
    return wrong


@pytest.mark.parametrize("prompts", [FEW, pytest.param(PROMPTS, marks=pytest.mark.slow)], ids=len)
async def test_smollm2_says_what_the_bare_loop_says(runner: Runner, prompts: list[str]) -> None:
    assert await differing(runner, prompts) == []


@pytest.mark.parametrize("prompts", [FEW, pytest.param(PROMPTS, marks=pytest.mark.slow)], ids=len)
async def test_gemma_says_what_the_bare_loop_says(gemma: Runner, prompts: list[str]) -> None:
    assert await differing(gemma, prompts) == []
