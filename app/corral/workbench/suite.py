"""What batches, shared beginnings and caches on disk are worth, each beside its opposite."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

from corral.engine.bare import run_bare_batch
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.events import Finished, TextAdded, Usage
from corral.llama.sampler_settings import sampler_settings
from corral.plan.options import ContextOptions
from corral.prompt.message import Message, Role
from corral.workbench.benching import SENTENCE, load_for_bench
from corral.workbench.request import ChatRequest

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
OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFigure:
    """Generations side by side.

    Attributes:
        generations: How many.
        tokens_per_s: Tokens of all of them together, prompt reading counted.
        bare_tokens_per_s: The same of a bare loop over the same batches.
        ratio: Corral to bare loop, the best of the rounds each.
        gain: To one generation alone.
    """

    generations: int
    tokens_per_s: float
    bare_tokens_per_s: float
    ratio: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """All figures.

    Attributes:
        batches: Generations side by side.
        turn: Which turn of a chat was looked at.
        turn_prompt_tokens: Length of its prompt.
        turn_computed_tokens: How much of that was computed.
        turn_new_tokens: How much came with this turn: the last reply and the question.
        reopened_tokens: Length of a chat that comes back from disk.
        reopened_s: Time to its first token.
        recomputed_s: Time to the same token without the disk.
        reopened_ratio: The first to the second.
    """

    batches: tuple[BatchFigure, ...]
    turn: int
    turn_prompt_tokens: int
    turn_computed_tokens: int
    turn_new_tokens: int
    reopened_tokens: int
    reopened_s: float
    recomputed_s: float
    reopened_ratio: float


async def run_suite(workbench: Workbench, name: str, on_step: OnStep) -> SuiteResult:
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
        batches = await _batches(runner, before, on_step)
        on_step("a chat")
        last, new_tokens = await _chat(workbench, name)
        on_step("a chat from disk")
        anew, again = await _reopened(runner, before)
    finally:
        await runner.set_context(before)
    return SuiteResult(
        batches=batches,
        turn=TURNS,
        turn_prompt_tokens=last.prompt_tokens,
        turn_computed_tokens=last.prompt_tokens - last.cached_tokens,
        turn_new_tokens=new_tokens,
        reopened_tokens=again.prompt_tokens,
        reopened_s=again.first_token_s,
        recomputed_s=anew.first_token_s,
        reopened_ratio=again.first_token_s / anew.first_token_s,
    )


async def _batches(
    runner: AnyRunner, options: ContextOptions, on_step: OnStep
) -> tuple[BatchFigure, ...]:
    n_most = max(BATCHES)
    await runner.set_context(replace(options, n_ctx=256, n_seq_max=n_most))
    figures: list[BatchFigure] = []
    for number in BATCHES:
        on_step(f"{number} at once")
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(await _together(runner, number))
            bare.append(await _bare_together(runner, number))
        best, best_bare = max(ours), max(bare)
        alone = figures[0].tokens_per_s if figures else best
        figures.append(
            BatchFigure(
                generations=number,
                tokens_per_s=best,
                bare_tokens_per_s=best_bare,
                ratio=best / best_bare,
                gain=best / alone,
            )
        )
    return tuple(figures)


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


async def _prompts(runner: AnyRunner, number: int) -> list[list[int]]:
    words = SENTENCE.split()
    return [
        await runner.tokenize(" ".join(words[:place]), add_special=True, parse_special=False)
        for place in range(4, 4 + number)
    ]


def _request(tokens: Sequence[int]) -> GenerationRequest:
    return GenerationRequest(tokens=tuple(tokens), parameters={"seed": 1}, max_tokens=BATCH_TOKENS)


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
    request = GenerationRequest(
        tokens=tuple(tokens[:LONG_PROMPT_TOKENS]), max_tokens=1, kept_as=OWNER
    )
    anew = await _generate(runner, request)

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
