"""Cancel comes through within one token, and within one micro-batch of prompt."""

import asyncio
from time import perf_counter

from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.runner import Runner
from corral.events import Event, FinishReason, Phase, PhaseChanged, Queued, TextAdded
from helpers.asking import Answer, answer, ask, tokens_of

TEXT = "The old harbour lay quiet in the morning, and the boats had not yet come in. "


def cancel_at_text(event: Event, handle: GenerationHandle) -> None:
    if isinstance(event, TextAdded):
        handle.cancel()


async def test_a_cancelled_generation_ends_within_a_token_or_two(runner: Runner) -> None:
    request = GenerationRequest(tokens=await tokens_of(runner, TEXT), max_tokens=400)
    ended = await answer(runner, request, cancel_at_text)
    assert ended.end.reason is FinishReason.CANCELLED
    assert ended.usage.generated_tokens < 20
    assert (await ask(runner, TEXT)).end.reason is FinishReason.LENGTH


async def cancelled_while_reading(runner: Runner, tokens: tuple[int, ...]) -> tuple[Answer, float]:
    """Cancel a little after the second micro-batch; return also how long the end took then."""
    cancelled_at = 0.0

    def cancel_soon(event: Event, handle: GenerationHandle) -> None:
        if isinstance(event, PhaseChanged) and event.done == 256:
            asyncio.get_running_loop().call_later(0.01, cancel, handle)

    def cancel(handle: GenerationHandle) -> None:
        nonlocal cancelled_at
        cancelled_at = perf_counter()
        handle.cancel()

    ended = await answer(runner, GenerationRequest(tokens=tokens), cancel_soon)
    return ended, perf_counter() - cancelled_at


async def test_a_cancelled_prompt_ends_within_a_micro_batch_and_keeps_what_was_read(
    runner: Runner,
) -> None:
    tokens = (await tokens_of(runner, TEXT * 40))[:500]
    ended, latency_s = await cancelled_while_reading(runner, tokens)
    assert ended.end.reason is FinishReason.CANCELLED
    one_batch_s = ended.usage.prompt_s / 2
    assert latency_s < one_batch_s
    again = await ask(runner, tokens, max_tokens=4)
    assert again.usage.cached_tokens in (256, 384)
    assert again.text == (await ask(runner, tokens, max_tokens=4)).text


async def test_one_that_waits_is_told_so_and_can_be_cancelled(runner: Runner) -> None:
    loop = asyncio.get_running_loop()
    tokens = await tokens_of(runner, TEXT)
    first_box, second_box = Mailbox(loop), Mailbox(loop)
    first = runner.generate(GenerationRequest(tokens=tokens), first_box)
    second = runner.generate(GenerationRequest(tokens=tokens), second_box)
    second.cancel()
    first.cancel()
    first_events = [event async for event in first_box]
    second_events = [event async for event in second_box]
    assert second_events[0] == Queued(ahead=1)
    assert first_events[-1].reason is second_events[-1].reason is FinishReason.CANCELLED
    assert not any(
        isinstance(event, PhaseChanged) and event.phase is Phase.GENERATING
        for event in second_events
    )
