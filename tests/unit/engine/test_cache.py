"""What a prompt shares with the KV cache is not computed again."""

import pytest

from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.engine.slots import common_length
from helpers.asking import Answer, ask, tokens_of

TEXT = "The old harbour lay quiet in the morning, and the boats had not yet come in. "


@pytest.mark.parametrize(
    ("cached", "tokens", "length"),
    [([], (1, 2), 0), ([1, 2, 3], (1, 2, 4), 2), ([1, 2], (1, 2, 3), 2), ([1, 2, 3], (1,), 1)],
)
def test_the_common_beginning_is_counted(
    cached: list[int], tokens: tuple[int, ...], length: int
) -> None:
    assert common_length(cached, tokens) == length


async def read_so_far(runner: Runner) -> int:
    return await runner.on_session(lambda session: session.n_past)


async def test_a_second_turn_reads_only_what_is_new(runner: Runner) -> None:
    first = "<|im_start|>user\nHello, who are you?<|im_end|>\n<|im_start|>assistant\n"
    told = await ask(runner, first, max_tokens=20)
    held = await read_so_far(runner)
    second = first + told.text + "<|im_end|>\n<|im_start|>user\nAnd me?<|im_end|>\n"
    usage = (await ask(runner, second)).usage
    assert usage.cached_tokens >= held - 1
    assert usage.prompt_tokens - usage.cached_tokens < 20


async def test_the_same_prompt_again_computes_one_token(runner: Runner) -> None:
    once, again = [await ask(runner, TEXT) for _ in range(2)]
    assert again.usage.cached_tokens == again.usage.prompt_tokens - 1
    assert again.text == once.text


async def test_an_earlier_change_goes_on_from_where_it_was_made(runner: Runner) -> None:
    tokens = await tokens_of(runner, TEXT * 4)
    await ask(runner, tokens)
    changed = (*tokens[:40], tokens[3], *tokens[41:])
    warm = await ask(runner, changed)
    assert warm.usage.cached_tokens == 40
    await runner.on_session(Session.forget)
    assert (await ask(runner, changed)).text == warm.text


async def fresh(runner: Runner, tokens: tuple[int, ...]) -> Answer:
    await runner.on_session(Session.forget)
    return await ask(runner, tokens)


async def test_rolling_back_within_reach_of_the_window_keeps_the_cache(gemma: Runner) -> None:
    tokens = (await tokens_of(gemma, TEXT * 60))[:850]
    await ask(gemma, tokens, max_tokens=1)
    part = tokens[:840]
    warm = await ask(gemma, part)
    assert warm.usage.cached_tokens == 839
    assert (await fresh(gemma, part)).text == warm.text


@pytest.mark.slow
async def test_rolling_back_beyond_the_window_computes_afresh(gemma: Runner) -> None:
    tokens = (await tokens_of(gemma, TEXT * 60))[:900]
    await ask(gemma, tokens, max_tokens=1)
    part = tokens[:300]
    warm = await ask(gemma, part)
    assert warm.usage.cached_tokens == 0
    assert (await fresh(gemma, part)).text == warm.text
