"""Several generations of one model run together."""

import asyncio
import threading
from pathlib import Path

import pytest_asyncio

from corral.engine.bare import run_bare_batch
from corral.engine.engine import Engine
from corral.engine.limits import Limits
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.runner import Runner
from corral.errors import ExternalError
from corral.events import Event, FinishReason, Phase, PhaseChanged, Queued, TextAdded
from corral.llama.library import LlamaLibrary
from corral.llama.sampler_settings import SamplerSettings
from corral.plan.options import ContextOptions, LoadOptions
from helpers.asking import Answer, answer, ask, tokens_of
from helpers.models import smollm2_path

TEXT = "The old harbour lay quiet in the morning, and the boats had not yet come in. "
PROMPTS = ("one two three four five", "def main():", "Rain fell on", "The capital of France")
FOUR = LoadOptions(context=ContextOptions(n_ctx=512, n_ubatch=128, n_seq_max=4))


@pytest_asyncio.fixture
async def four(engine: Engine) -> Runner:
    """SmolLM2 with four sequences of 512 tokens each."""
    return await engine.load(smollm2_path(), FOUR)


async def begin_together(runner: Runner, requests: list[GenerationRequest]) -> list[Answer]:
    """Ask all before the engine's thread comes to any of them."""
    gate = threading.Event()
    held = asyncio.create_task(runner.on_session(lambda _session: gate.wait(30)))
    await asyncio.sleep(0)
    asked = [asyncio.create_task(answer(runner, request)) for request in requests]
    await asyncio.sleep(0.05)
    gate.set()
    await held
    return await asyncio.gather(*asked)


async def test_what_runs_together_says_what_a_bare_loop_says_with_the_same_batches(
    four: Runner,
) -> None:
    prompts = [await tokens_of(four, prompt) for prompt in PROMPTS]
    bare = await four.on_session(
        lambda session: [
            session.model.vocabulary.text(tokens)
            for tokens in run_bare_batch(session, prompts, SamplerSettings(temperature=0), 40)
        ]
    )
    greedy = {"temperature": 0.0}
    requests = [GenerationRequest(tokens=p, parameters=greedy, max_tokens=40) for p in prompts]
    together = await begin_together(four, requests)
    assert [each.text for each in together] == bare
    assert len(set(bare)) == 4


async def test_each_sequence_has_the_whole_context(four: Runner) -> None:
    assert four.info.n_ctx == 512
    tokens = (await tokens_of(four, TEXT * 40))[:500]
    ended = await asyncio.gather(*[ask(four, tokens, max_tokens=-1) for _ in range(4)])
    for each in ended:
        assert each.end.reason is FinishReason.LENGTH
        assert each.usage.prompt_tokens + each.usage.generated_tokens == 513


async def test_who_comes_later_joins_and_may_end_earlier(four: Runner) -> None:
    later: list[asyncio.Task[Answer]] = []

    def start_another(event: Event, _handle: GenerationHandle) -> None:
        if isinstance(event, TextAdded) and not later:
            later.append(asyncio.create_task(ask(four, PROMPTS[1], max_tokens=4)))
            later[0].add_done_callback(lambda _: long.cancel())

    mailbox = Mailbox(asyncio.get_running_loop())
    request = GenerationRequest(tokens=await tokens_of(four, PROMPTS[0]), max_tokens=450)
    long = four.generate(request, mailbox)
    async for event in mailbox:
        start_another(event, long)
    assert event.reason is FinishReason.CANCELLED
    assert later[0].result().usage.generated_tokens == 4


async def test_a_long_prompt_does_not_stop_running_text(four: Runner) -> None:
    tokens = (await tokens_of(four, TEXT * 40))[:480]
    steps_at_progress: list[int] = []

    def note(event: Event, _handle: GenerationHandle) -> None:
        if isinstance(event, PhaseChanged) and event.phase is Phase.READING_PROMPT:
            steps_at_progress.append(len(running.shares))

    async def follow() -> None:
        async for event in mailbox:
            if isinstance(event, TextAdded) and not reading.done() and not begun.is_set():
                begun.set()

    begun, mailbox = asyncio.Event(), Mailbox(asyncio.get_running_loop())
    reading: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    request = GenerationRequest(tokens=await tokens_of(four, PROMPTS[0]), max_tokens=450)
    running = four.generate(request, mailbox)
    following = asyncio.create_task(follow())
    await begun.wait()
    told = await answer(four, GenerationRequest(tokens=tokens, max_tokens=1), note)
    progress = [
        event
        for event in told.events
        if isinstance(event, PhaseChanged) and event.phase is Phase.READING_PROMPT
    ]
    running.cancel()
    await following
    # Each part of the prompt shares its step with a token of the running text.
    assert len(progress) >= 4
    assert steps_at_progress[-1] - steps_at_progress[0] >= len(progress) // 2


async def test_cancelling_one_leaves_the_others_as_they_were(four: Runner) -> None:
    tokens = await tokens_of(four, PROMPTS[0])
    expected = (await ask(four, tokens, max_tokens=30)).text

    def cancel_at_text(event: Event, handle: GenerationHandle) -> None:
        if isinstance(event, TextAdded):
            handle.cancel()

    doomed = GenerationRequest(tokens=await tokens_of(four, PROMPTS[1]), max_tokens=400)
    kept, ended = await asyncio.gather(
        ask(four, tokens, max_tokens=30), answer(four, doomed, cancel_at_text)
    )
    assert ended.end.reason is FinishReason.CANCELLED
    assert kept.text == expected


async def test_who_finds_no_sequence_waits_and_is_told_how_many_come_first(four: Runner) -> None:
    asked = [asyncio.create_task(ask(four, TEXT, max_tokens=3)) for _ in range(6)]
    answers = await asyncio.gather(*asked)
    firsts = [each.events[0] for each in answers]
    assert [e for e in firsts if isinstance(e, Queued)] == [Queued(ahead=1), Queued(ahead=2)]
    assert all(each.usage.generated_tokens == 3 for each in answers)


async def test_a_full_queue_refuses_more(library: LlamaLibrary, tmp_path: Path) -> None:
    engine = Engine(tmp_path / "busy.json", lambda: library, Limits(max_queue=1))
    runner = await engine.load(smollm2_path(), LoadOptions(context=ContextOptions(n_ctx=256)))
    answers = await asyncio.gather(*[ask(runner, (1, 2, 3), max_tokens=3) for _ in range(3)])
    assert [each.end.error is None for each in answers] == [True, True, False]
    assert isinstance(answers[2].end.error, ExternalError)
    assert "1 requests wait" in answers[2].end.error.summary
    assert (await ask(runner, (1, 2, 3), max_tokens=3)).text == answers[0].text
    await engine.close()


async def test_one_bad_request_does_not_hurt_those_beside_it(four: Runner) -> None:
    good, bad, worse = await asyncio.gather(
        ask(four, PROMPTS[0], max_tokens=20),
        ask(four, (1, 2, 10_000_000)),
        ask(four, PROMPTS[1], temperature=float("nan")),
    )
    assert good.usage.generated_tokens == 20
    assert "49151" in str(bad.end.error)
    assert worse.end.reason is FinishReason.FAILED


async def test_text_is_tokenized_while_others_run(four: Runner) -> None:
    running = asyncio.create_task(ask(four, PROMPTS[0], max_tokens=400))
    await asyncio.sleep(0.1)
    assert await four.tokenize("hello", add_special=False, parse_special=False)
    assert not running.done()
    for handle in list(four._running):
        handle.cancel()
    await running


async def test_a_new_context_waits_for_what_runs(four: Runner) -> None:
    running = asyncio.create_task(ask(four, PROMPTS[0], max_tokens=40))
    await asyncio.sleep(0.05)
    await four.set_context(ContextOptions(n_ctx=256))
    assert (await running).usage.generated_tokens == 40
    assert four.info.n_ctx == 256
    assert (await ask(four, PROMPTS[1])).text
