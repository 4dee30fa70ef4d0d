"""A full context ends the answer, or older tokens make room for it."""

import asyncio

from corral.engine.engine import Engine
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.events import ContextShifted, FinishReason
from corral.plan.options import ContextOptions, LoadOptions
from corral.settings import Overflow
from helpers.asking import Answer, answer, ask, tokens_of
from helpers.models import gemma3_path, smollm2_path

COUNT = "one two three four five six seven eight nine ten "


async def beyond(runner: Runner, overflow: Overflow, **parameters: int) -> Answer:
    tokens = (await tokens_of(runner, COUNT * 40))[: runner.info.n_ctx - 10]
    request = GenerationRequest(
        tokens=tokens,
        parameters={"temperature": 0.0, **parameters},
        max_tokens=60,
        overflow=overflow,
    )
    return await answer(runner, request)


def shifts(told: Answer) -> list[ContextShifted]:
    return [event for event in told.events if isinstance(event, ContextShifted)]


async def small(engine: Engine, n_sequences: int = 1) -> Runner:
    context = ContextOptions(n_ctx=256, n_ubatch=128, n_seq_max=n_sequences)
    return await engine.load(smollm2_path(), LoadOptions(context=context))


async def test_a_full_context_stops_unless_something_else_is_wanted(engine: Engine) -> None:
    told = await beyond(await small(engine), Overflow.STOP)
    assert told.end.reason is FinishReason.LENGTH
    assert told.usage.generated_tokens == 11
    assert not shifts(told)


async def test_shifting_lets_the_answer_go_on_and_says_what_was_dropped(engine: Engine) -> None:
    runner = await small(engine)
    told = await beyond(runner, Overflow.SHIFT, num_keep=16)
    assert told.usage.generated_tokens == 60
    assert shifts(told) == [ContextShifted(dropped_tokens=(256 - 16) // 2, context_tokens=256)]
    assert "seven eight" in told.text[-60:]  # it still counts


async def test_what_was_shifted_is_not_taken_for_a_fresh_reading(engine: Engine) -> None:
    runner = await small(engine)
    expected = (await ask(runner, COUNT * 8)).text
    await beyond(runner, Overflow.SHIFT, num_keep=16)
    again = await ask(runner, COUNT * 8)
    assert (again.usage.cached_tokens, again.text) == (16, expected)


async def test_a_shift_does_not_move_what_another_generation_shares(engine: Engine) -> None:
    runner = await small(engine, 2)
    told = await asyncio.gather(*[beyond(runner, Overflow.SHIFT) for _ in range(2)])
    for each in told:
        assert each.end.error is None
        assert bool(shifts(each)) == (each.usage.generated_tokens == 60)
    assert (await ask(runner, COUNT)).text


async def test_a_windowed_model_that_cannot_shift_stops(engine: Engine) -> None:
    context = ContextOptions(n_ctx=1024, n_ubatch=128)
    runner = await engine.load(gemma3_path(), LoadOptions(context=context))
    tokens = (await tokens_of(runner, COUNT * 120))[:1015]
    request = GenerationRequest(
        tokens=tokens,
        parameters={"temperature": 0.0, "num_keep": -5},
        max_tokens=30,
        overflow=Overflow.SHIFT,
    )
    told = await answer(runner, request)
    assert told.end.reason is FinishReason.LENGTH
    assert not shifts(told)
