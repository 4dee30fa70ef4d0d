"""How fast a model is the whole way that every answer goes, and what that adds to llama.cpp."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from corral.engine.bare import BareRun, run_bare
from corral.engine.protocol import AnyRunner
from corral.engine.session import Session
from corral.errors import ExternalError, UserError
from corral.events import Usage
from corral.llama.sampler_settings import sampler_settings
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.message import Message, Role
from corral.settings import Speculation
from corral.workbench.prompting import Prompting
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench

SENTENCE = "The history of the lighthouse keepers and of the ships that passed them at night. "
PROMPT_TOKENS = 512
GENERATED_TOKENS = 128
# A share over fewer steps than this says little.
LEAST_STEPS = 200
LEAST_ROUNDS = 3
MOST_ROUNDS = 8
# A stop string that no model says: the search for it is part of the work.
NEVER_SAID = "\x02never said\x03"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """Corral beside the barest loop over llama.cpp: one process, one context, turn about.

    Attributes:
        prompt_tokens: Length of the prompt of each round.
        prompt_tokens_per_s: How fast Corral read it (median of the rounds).
        generation_tokens_per_s: How fast Corral generated.
        bare_prompt_tokens_per_s: How fast the bare loop read it.
        bare_generation_tokens_per_s: How fast the bare loop generated.
        prompt_ratio: Corral to bare loop by the clock, the median of the rounds' ratios.
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
    def prompt_rate(self) -> float:
        return self.usage.prompt_tokens / self.usage.prompt_s

    @property
    def bare_prompt_rate(self) -> float:
        return self.usage.prompt_tokens / self.bare.prompt_s

    @property
    def rate(self) -> float:
        return self.usage.generated_tokens / self.usage.generation_s

    @property
    def bare_rate(self) -> float:
        return len(self.bare.tokens) / self.bare.generation_s


async def bench(
    workbench: Workbench, name: str, on_round: Callable[[int], None] | None = None
) -> BenchResult:
    """Measure a model through `conversing`; what its cache holds is lost.

    Args:
        workbench: The services.
        name: Name of the model; it is loaded if it is not.
        on_round: Told before each round which one it is, from 1.

    Raises:
        UserError: If there is no such model, or its context is too short to measure.
        ExternalError: If a run fails, or the model never says enough.
    """
    runner = await load_for_bench(workbench, name)
    course = _Course(workbench, name, runner)
    rounds: list[_Round] = []
    while len(rounds) < LEAST_ROUNDS or sum(len(each.shares) for each in rounds) < LEAST_STEPS:
        if len(rounds) == MOST_ROUNDS:
            raise ExternalError("The model ends its texts too soon to be measured.")
        if on_round:
            on_round(len(rounds) + 1)
        rounds.append(await course.round(seed=len(rounds) + 1))
    return _result(rounds)


async def load_for_bench(workbench: Workbench, name: str) -> AnyRunner:
    """Return the runner of a model, loaded if it was not.

    Raises:
        UserError: If there is no such model, or its context is too short to measure.
        ExternalError: If it cannot be loaded.
    """
    loaded = await workbench.conversing.start(ChatRequest(model=name, messages=None)).wait()
    if loaded.error:
        raise loaded.error
    model = await workbench.modelling.get(name)
    runner = workbench.planning.runner_of(model)
    assert runner is not None
    least = 2 * GENERATED_TOKENS
    if runner.info.n_ctx < least:
        raise UserError(f"The context has {runner.info.n_ctx} tokens; measuring takes {least}.")
    return runner


class _Course:
    """One model's rounds: the same prompt, Corral and the bare loop turn about."""

    def __init__(self, workbench: Workbench, name: str, runner: AnyRunner) -> None:
        self._workbench = workbench
        self._name = name
        self._runner = runner

    async def round(self, seed: int) -> _Round:
        """Run both once; who goes first changes, as a machine warms up and slows down."""
        request = await self._request(seed)
        if seed % 2:
            text, usage, shares = await self._run_corral(request)
            bare, bare_text = await self._run_bare(request)
        else:
            bare, bare_text = await self._run_bare(request)
            text, usage, shares = await self._run_corral(request)
        return _Round(usage=usage, shares=shares, bare=bare, is_same_text=text == bare_text)

    async def _request(self, seed: int) -> ChatRequest:
        room = self._runner.info.n_ctx - 2 * GENERATED_TOKENS
        words = min(PROMPT_TOKENS, room) * 3 // 4
        repeated = (SENTENCE * (words // len(SENTENCE.split()) + 1)).split()
        parameters: dict[str, ParameterValue] = {
            "seed": seed,
            "num_predict": GENERATED_TOKENS,
            "stop": (NEVER_SAID,),
        }
        return ChatRequest(
            model=self._name,
            messages=(Message(role=Role.USER, content=" ".join(repeated[:words])),),
            parameters=parameters,
            speculation=Speculation.OFF,
        )

    async def _run_corral(self, request: ChatRequest) -> tuple[str, Usage, tuple[float, ...]]:
        await self._runner.on_session(Session.forget)
        generation = self._workbench.conversing.start(request)
        end = await generation.wait()
        if end.error:
            raise end.error
        return generation.thinking + generation.answer, end.usage, tuple(generation.step_shares)

    async def _run_bare(self, request: ChatRequest) -> tuple[BareRun, str]:
        model = await self._workbench.modelling.get(self._name)
        prompt = (
            await Prompting(self._workbench.renderer).prepare(model, self._runner, request)
        ).request
        settings = sampler_settings(prompt.parameters)

        def work(session: Session) -> tuple[BareRun, str]:
            run = run_bare(session, prompt.tokens, settings, GENERATED_TOKENS)
            return run, session.model.vocabulary.text(run.tokens)

        return await self._runner.on_session(work)


def _result(rounds: list[_Round]) -> BenchResult:
    return BenchResult(
        prompt_tokens=rounds[0].usage.prompt_tokens,
        prompt_tokens_per_s=median(each.prompt_rate for each in rounds),
        generation_tokens_per_s=median(each.rate for each in rounds),
        bare_prompt_tokens_per_s=median(each.bare_prompt_rate for each in rounds),
        bare_generation_tokens_per_s=median(each.bare_rate for each in rounds),
        prompt_ratio=median(each.prompt_rate / each.bare_prompt_rate for each in rounds),
        generation_ratio=median(each.rate / each.bare_rate for each in rounds),
        llama_share=median(share for each in rounds for share in each.shares),
        steps=sum(len(each.shares) for each in rounds),
        is_same_text=all(each.is_same_text for each in rounds),
    )
