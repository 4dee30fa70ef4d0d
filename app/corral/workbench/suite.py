"""What batches, shared beginnings and caches on disk are worth, each beside its opposite."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

from corral.engine.bare import run_bare_batch
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.events import Finished, TextAdded, Usage
from corral.llama.sampler_settings import sampler_settings
from corral.plan.options import GUESSED_TOKENS, ContextOptions
from corral.prompt.message import Message, Role
from corral.workbench.bench_rows import Row, ratio_row
from corral.workbench.benching import SENTENCE, BenchResult, load_for_bench
from corral.workbench.request import ChatRequest
from corral.workbench.suite_speculation import probability_row, speculation_rows

if TYPE_CHECKING:
    from corral.engine.protocol import AnyRunner
    from corral.engine.session import Session
    from corral.workbench.workbench import Workbench

BATCHES = (1, 2, 4, 8)
BATCH_TOKENS = 64
ROUNDS = 3
TURNS = 20
TURN_TOKENS = 8
CHAT_CONTEXT = 2048
LONG_PROMPT_TOKENS = 4000
OWNER = "corral bench"
GUESSING_CONTEXT = 1536
# What the suite asks for.
LEAST_SHARE, LEAST_RATIO = 0.98, 0.90
LEAST_GAIN_AT_FOUR = 1.6
MOST_REOPENING = 0.1
OnStep = Callable[[str], None]


async def run_suite(workbench: Workbench, name: str, on_step: OnStep) -> tuple[Row, ...]:
    """Measure a model; its context is as before afterwards, and empty.

    Args:
        workbench: The services.
        name: Name of the model; it is loaded if it is not.
        on_step: Told what is measured.

    Raises:
        UserError: If there is no such model.
        ExternalError: If a run fails, or there is no memory for the contexts.
    """
    runner = await load_for_bench(workbench, name)
    before = runner.info.requested.context
    try:
        rows = await _batches(runner, before, on_step)
        on_step("a chat")
        rows.append(await _chat_row(workbench, name))
        on_step("a chat from disk")
        rows.append(await _reopened_row(runner, before))
        guessing = replace(before, n_ctx=GUESSING_CONTEXT, n_outputs_max=1 + GUESSED_TOKENS)
        await runner.set_context(replace(guessing, n_seq_max=1))
        on_step("probabilities")
        rows.append(await probability_row(runner))
        on_step("guessed tokens")
        rows += await speculation_rows(runner)
    finally:
        await runner.set_context(before)
    return tuple(rows)


def bench_rows(result: BenchResult) -> list[Row]:
    """Return the rows of one generation beside the barest loop."""
    note = "" if result.is_same_text else "the two did not say the same"
    share = result.llama_share
    return [
        Row(
            name="share of a step inside llama.cpp",
            corral=share,
            beside=None,
            unit="",
            value=share,
            bound=LEAST_SHARE,
            note=f"median of {result.steps} steps",
        ),
        ratio_row(
            f"reading a prompt of {result.prompt_tokens} tokens",
            result.prompt_tokens_per_s,
            result.bare_prompt_tokens_per_s,
            bound=LEAST_RATIO,
            note=note,
        ),
        ratio_row(
            "generation",
            result.generation_tokens_per_s,
            result.bare_generation_tokens_per_s,
            bound=LEAST_RATIO,
            note=note,
        ),
    ]


async def _batches(runner: AnyRunner, options: ContextOptions, on_step: OnStep) -> list[Row]:
    n_most = max(BATCHES)
    await runner.set_context(replace(options, n_ctx=256, n_seq_max=n_most, n_outputs_max=n_most))
    rows: list[Row] = []
    for number in BATCHES:
        on_step(f"{number} at once")
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(await _together(runner, number))
            bare.append(await _bare_together(runner, number))
        gain = max(ours) / rows[0].corral if rows else 1.0
        rows.append(
            ratio_row(
                f"{number} at once, beside a bare loop of the same batches",
                max(ours),
                max(bare),
                bound=LEAST_RATIO,
                note=f"{gain:.2f} times one alone",
            )
        )
    four = rows[BATCHES.index(4)]
    bound = LEAST_GAIN_AT_FOUR
    return [*rows, ratio_row("4 at once, beside 1", four.corral, rows[0].corral, bound=bound)]


async def _together(runner: AnyRunner, number: int) -> float:
    """Begin some generations at the same moment; return their tokens per second."""
    prompts = await _prompts(runner, number)
    begun, gate = asyncio.get_running_loop(), threading.Event()

    def hold(session: Session) -> float:
        session.forget()
        gate.wait(10)
        return perf_counter()

    held = asyncio.ensure_future(runner.on_session(hold))
    await asyncio.sleep(0)
    boxes = [Mailbox(begun) for _ in prompts]
    for prompt, box in zip(prompts, boxes, strict=True):
        runner.generate(_request(prompt), box)
    gate.set()
    ends = await asyncio.gather(*[_end_of(box) for box in boxes])
    return sum(end.usage.generated_tokens for end in ends) / (perf_counter() - await held)


async def _bare_together(runner: AnyRunner, number: int) -> float:
    prompts = await _prompts(runner, number)
    settings = sampler_settings(_request(prompts[0]).parameters)

    def work(session: Session) -> float:
        began = perf_counter()
        texts = run_bare_batch(session, prompts, settings, BATCH_TOKENS)
        return sum(map(len, texts)) / (perf_counter() - began)

    return await runner.on_session(work)


def batch_starts(number: int) -> list[str]:
    """Return texts that begin alike, for generations side by side."""
    words = SENTENCE.split()
    return [" ".join(words[:place]) for place in range(4, 4 + number)]


async def _prompts(runner: AnyRunner, number: int) -> list[list[int]]:
    return [
        await runner.tokenize(text, add_special=True, parse_special=False)
        for text in batch_starts(number)
    ]


def _request(tokens: Sequence[int]) -> GenerationRequest:
    return GenerationRequest(tokens=tuple(tokens), parameters={"seed": 1}, max_tokens=BATCH_TOKENS)


async def _chat_row(workbench: Workbench, name: str) -> Row:
    last, new_tokens = await _chat(workbench, name)
    computed = last.prompt_tokens - last.cached_tokens
    return Row(
        name=f"turn {TURNS} of a chat, tokens computed",
        corral=computed,
        beside=new_tokens,
        unit="tokens",
        value=computed / new_tokens,
        bound=1.0,
        is_ceiling=True,
        note=f"of {last.prompt_tokens}; beside: those that were new",
    )


async def _reopened_row(runner: AnyRunner, options: ContextOptions) -> Row:
    anew, again = await _reopened(runner, options)
    return Row(
        name=f"first token of a chat of {again.prompt_tokens} tokens from disk",
        corral=again.first_token_s,
        beside=anew.first_token_s,
        unit="s",
        value=again.first_token_s / anew.first_token_s,
        bound=MOST_REOPENING,
        is_ceiling=True,
        note="beside: computed anew",
    )


async def _chat(workbench: Workbench, name: str) -> tuple[Usage, int]:
    """Have a chat; return the last turn's usage and how many tokens were new in it."""
    messages: list[Message] = []
    before = 0
    for turn in count(1):
        messages.append(Message(role=Role.USER, content=f"Say a word about the number {turn}."))
        request = ChatRequest(
            model=name,
            messages=tuple(messages),
            parameters={"num_predict": TURN_TOKENS, "num_ctx": CHAT_CONTEXT, "seed": 1},
        )
        generation = workbench.conversing.start(request)
        end = _checked(await generation.wait())
        if turn == TURNS:
            break
        before = end.usage.prompt_tokens
        messages.append(Message(role=Role.ASSISTANT, content=generation.answer))
    return end.usage, end.usage.prompt_tokens - before


async def _reopened(runner: AnyRunner, options: ContextOptions) -> tuple[Usage, Usage]:
    """Read a long prompt, let it go to disk and bring it back; return the usage of both."""
    await runner.set_context(replace(options, n_ctx=LONG_PROMPT_TOKENS + 96, n_seq_max=1))
    text = SENTENCE * (LONG_PROMPT_TOKENS // 8)
    tokens = await runner.tokenize(text, add_special=True, parse_special=False)
    request = GenerationRequest(tokens=tuple(tokens[:LONG_PROMPT_TOKENS]), max_tokens=1)
    anew = await _generate(runner, request)  # not from what an earlier run has kept on disk
    request = replace(request, kept_as=OWNER)
    await _generate(runner, request)

    def put_away(session: Session) -> None:
        session.slots.keep_all()
        session.forget()

    await runner.on_session(put_away)
    return anew, await _generate(runner, request)


async def _generate(runner: AnyRunner, request: GenerationRequest) -> Usage:
    box = Mailbox(asyncio.get_running_loop())
    runner.generate(request, box)
    return (await _end_of(box)).usage


async def _end_of(box: Mailbox) -> Finished:
    events = [event async for event in box if not isinstance(event, TextAdded)]
    assert isinstance(events[-1], Finished)
    return _checked(events[-1])


def _checked(end: Finished) -> Finished:
    if end.error:
        raise end.error
    return end
