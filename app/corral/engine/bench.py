"""How fast a loaded model is, and what the engine adds to llama.cpp itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from corral.engine.bare import BareRun, run_bare
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.errors import ExternalError, UserError
from corral.events import Finished, FinishReason, TextAdded, Usage
from corral.llama.sampler import sampler_settings
from corral.prompt.thinking import ThinkingSplitter

PROMPT = "The history of the lighthouse keepers and of the ships that passed them at night. "
PROMPT_TOKENS = 512
GENERATED_TOKENS = 128
# A share over fewer steps than this says little.
LEAST_STEPS = 200
LEAST_ROUNDS = 3
MOST_ROUNDS = 8
# A stop string that no model says: the search for it is part of the work.
STOPS = ("\x00never said\x00",)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """Corral's engine beside the barest loop, in one process, one context and turn about.

    Attributes:
        prompt_tokens: Length of the prompt of each round.
        prompt_tokens_per_s: How fast the engine read it (median of the rounds).
        generation_tokens_per_s: How fast the engine generated.
        bare_prompt_tokens_per_s: How fast the bare loop read it.
        bare_generation_tokens_per_s: How fast the bare loop generated.
        prompt_ratio: Engine to bare loop, the median of the rounds' ratios.
        generation_ratio: The same for generating.
        llama_share: Share of a generation step inside llama.cpp (median of the steps).
        steps: How many steps were measured.
        is_same_text: Whether both generated the same in every round.
    """

    prompt_tokens: int
    prompt_tokens_per_s: float
    generation_tokens_per_s: float
    bare_prompt_tokens_per_s: float
    bare_generation_tokens_per_s: float
    prompt_ratio: float
    generation_ratio: float
    llama_share: float
    steps: int
    is_same_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    usage: Usage
    shares: tuple[float, ...]
    bare: BareRun
    is_same_text: bool

    @property
    def engine_prompt_rate(self) -> float:
        return self.usage.prompt_tokens / self.usage.prompt_s

    @property
    def bare_prompt_rate(self) -> float:
        return self.usage.prompt_tokens / self.bare.prompt_s

    @property
    def engine_rate(self) -> float:
        return self.usage.generated_tokens / self.usage.generation_s

    @property
    def bare_rate(self) -> float:
        return len(self.bare.tokens) / self.bare.generation_s


async def bench(
    runner: Runner,
    on_round: Callable[[int], None] | None = None,
    generated_tokens: int = GENERATED_TOKENS,
) -> BenchResult:
    """Measure a loaded model; what its cache holds is lost.

    Args:
        runner: The model, idle.
        on_round: Told before each round which one it is, from 1.
        generated_tokens: Most tokens to generate in one round.

    Raises:
        ExternalError: If a run fails, or the model never says enough to measure.
    """
    prompt = await _prompt(runner, generated_tokens)
    rounds: list[_Round] = []
    while len(rounds) < LEAST_ROUNDS or sum(len(each.shares) for each in rounds) < LEAST_STEPS:
        if len(rounds) == MOST_ROUNDS:
            raise ExternalError("The model ends its texts too soon to be measured.")
        if on_round:
            on_round(len(rounds) + 1)
        rounds.append(await _round(runner, prompt, len(rounds) + 1, generated_tokens))
    return BenchResult(
        prompt_tokens=len(prompt),
        prompt_tokens_per_s=median(each.engine_prompt_rate for each in rounds),
        generation_tokens_per_s=median(each.engine_rate for each in rounds),
        bare_prompt_tokens_per_s=median(each.bare_prompt_rate for each in rounds),
        bare_generation_tokens_per_s=median(each.bare_rate for each in rounds),
        prompt_ratio=median(each.engine_prompt_rate / each.bare_prompt_rate for each in rounds),
        generation_ratio=median(each.engine_rate / each.bare_rate for each in rounds),
        llama_share=median(share for each in rounds for share in each.shares),
        steps=sum(len(each.shares) for each in rounds),
        is_same_text=all(each.is_same_text for each in rounds),
    )


async def _prompt(runner: Runner, generated_tokens: int) -> tuple[int, ...]:
    length = min(PROMPT_TOKENS, runner.info.n_ctx - generated_tokens)
    if length < 1:
        raise UserError(
            f"The context has {runner.info.n_ctx} tokens; measuring takes {generated_tokens + 1}."
        )
    text = PROMPT * (PROMPT_TOKENS // len(PROMPT.split()) + 1)
    tokens = await runner.tokenize(text, add_special=True, parse_special=False)
    return tuple(tokens[:length])


async def _round(runner: Runner, prompt: tuple[int, ...], seed: int, count: int) -> _Round:
    """Run both once; who goes first changes, as a machine warms up and slows down."""
    if seed % 2:
        text, usage, shares = await _run_engine(runner, prompt, seed, count)
        bare, bare_text = await _run_bare(runner, prompt, seed, count)
    else:
        bare, bare_text = await _run_bare(runner, prompt, seed, count)
        text, usage, shares = await _run_engine(runner, prompt, seed, count)
    return _Round(usage=usage, shares=shares, bare=bare, is_same_text=text == bare_text)


async def _run_engine(
    runner: Runner, prompt: tuple[int, ...], seed: int, count: int
) -> tuple[str, Usage, tuple[float, ...]]:
    await runner.on_session(Session.forget)
    mailbox = Mailbox(asyncio.get_running_loop())
    request = GenerationRequest(
        tokens=prompt,
        parameters={"seed": seed},
        stops=STOPS,
        max_tokens=count,
        splitter=ThinkingSplitter(),
    )
    handle = runner.generate(request, mailbox)
    text, end = "", Finished(reason=FinishReason.FAILED)
    async for event in mailbox:
        if isinstance(event, TextAdded):
            text += event.text
        elif isinstance(event, Finished):
            end = event
    if end.error:
        raise end.error
    return text, end.usage, tuple(handle.shares)


async def _run_bare(
    runner: Runner, prompt: tuple[int, ...], seed: int, count: int
) -> tuple[BareRun, str]:
    settings = sampler_settings({"seed": seed})

    def work(session: Session) -> tuple[BareRun, str]:
        run = run_bare(session, prompt, settings, count)
        return run, session.model.vocabulary.text(run.tokens)

    return await runner.on_session(work)
