"""A common beginning is computed once, whichever sequence holds it."""

import asyncio

import pytest
import pytest_asyncio

from corral.engine.engine import Engine
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.events import TextAdded
from corral.plan.options import ContextOptions, LoadOptions
from helpers.asking import Answer, ask, tokens_of
from helpers.models import gemma3_path, smollm2_path

TEXT = "The old harbour lay quiet in the morning, and the boats had not yet come in. "
THREE = LoadOptions(context=ContextOptions(n_ctx=1024, n_ubatch=128, n_seq_max=3))


@pytest_asyncio.fixture
async def three(engine: Engine) -> Runner:
    return await engine.load(smollm2_path(), THREE)


@pytest_asyncio.fixture
async def gemma_three(engine: Engine) -> Runner:
    return await engine.load(gemma3_path(), THREE)


def computed(answers: list[Answer]) -> int:
    return sum(each.usage.prompt_tokens - each.usage.cached_tokens for each in answers)


async def test_variants_of_one_prompt_pay_for_it_once(three: Runner) -> None:
    tokens = await tokens_of(three, TEXT * 12 + "Three words came to his mind, and they were")
    answers = await asyncio.gather(
        *[ask(three, tokens, temperature=2.0, seed=seed, max_tokens=20) for seed in (1, 2, 3)]
    )
    assert computed(answers) == len(tokens) + 2
    assert len({each.text for each in answers}) == 3


async def test_a_chat_beside_another_shares_its_system_text(three: Runner) -> None:
    system = await tokens_of(three, TEXT * 12)
    question = await tokens_of(three, "In the evening they")
    mailbox = Mailbox(asyncio.get_running_loop())
    first = three.generate(
        GenerationRequest(tokens=(*system, *range(400, 430)), max_tokens=400), mailbox
    )
    async for event in mailbox:
        if isinstance(event, TextAdded) and not first.abort.is_set:
            beside = await ask(three, (*system, *question))
            first.cancel()
    assert beside.usage.cached_tokens == len(system)
    assert beside.text


async def test_a_short_chat_does_not_cost_a_long_one_its_cache(three: Runner) -> None:
    system = await tokens_of(three, TEXT)
    long = (*system, *(await tokens_of(three, "And so it went on and on. " * 60)))[:500]
    await ask(three, long, max_tokens=1)
    short = await ask(three, (*system, *range(500, 520)), max_tokens=1)
    again = await ask(three, long, max_tokens=1)
    assert short.usage.cached_tokens == len(system)
    assert again.usage.cached_tokens == len(long) - 1


async def test_the_sequence_that_was_idle_longest_gives_way(three: Runner) -> None:
    prompts = [tuple(range(start, start + 40)) for start in (100, 200, 300, 400)]
    for prompt in prompts:
        await ask(three, prompt, max_tokens=1)
    newest_first = [(await ask(three, prompt, max_tokens=1)).usage for prompt in prompts[:0:-1]]
    assert [usage.cached_tokens for usage in newest_first] == [39, 39, 39]
    assert (await ask(three, prompts[0], max_tokens=1)).usage.cached_tokens == 0


async def test_branches_of_a_windowed_model_are_whole(gemma_three: Runner) -> None:
    base = (await tokens_of(gemma_three, TEXT * 60))[:820]
    await ask(gemma_three, base, max_tokens=1)
    branches = [(*base[:800], *range(first, first + 20)) for first in (700, 900)]
    warm = [await ask(gemma_three, branch, max_tokens=8) for branch in branches]
    assert [each.usage.cached_tokens for each in warm] == [800, 800]
    await gemma_three.on_session(Session.forget)
    assert (await ask(gemma_three, branches[0], max_tokens=8)).text == warm[0].text


@pytest.mark.slow
async def test_a_windowed_model_reads_anew_what_its_window_has_lost(gemma_three: Runner) -> None:
    base = (await tokens_of(gemma_three, TEXT * 70))[:1000]
    await ask(gemma_three, base, max_tokens=1)
    await ask(gemma_three, tuple(range(1000, 2000)), max_tokens=1)  # takes what base can spare
    branch = (*base[:300], *range(700, 720))
    warm = await ask(gemma_three, branch)
    assert warm.usage.cached_tokens == 0
    await gemma_three.on_session(Session.forget)
    assert (await ask(gemma_three, branch)).text == warm.text


async def test_sequences_with_caches_of_their_own_share_a_beginning_too(engine: Engine) -> None:
    """Between them llama.cpp copies whole sequences only, and ends the process over a part."""
    said: set[str] = set()
    for is_unified in (True, False):
        context = ContextOptions(n_ctx=512, n_ubatch=128, n_seq_max=2, kv_unified=is_unified)
        runner = await engine.load(smollm2_path(), LoadOptions(context=context))
        system = await tokens_of(runner, TEXT)
        await ask(runner, (*system, *range(400, 700)), max_tokens=1)
        asked = (*system, *(await tokens_of(runner, "In the evening they")))
        short = await ask(runner, asked, max_tokens=8, temperature=0.0)
        assert short.usage.cached_tokens == len(system)
        said.add(short.text)
    assert len(said) == 1
