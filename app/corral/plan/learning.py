"""What real runs teach about the speed of a machine: the tables' figures are corrected by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from corral.events import Usage
from corral.plan.options import LoadOptions
from corral.plan.speed import UNCORRECTED, Correction, Speeds

# Older runs may be of another driver or build.
_MOST_RUNS = 20
# Shorter ones say more of the start than of the speed.
_LEAST_PROMPT_TOKENS, _LEAST_TOKENS = 64, 16
_LEAST_SPREAD = 1.10
# Runs of other models say less about this one.
_OTHERS_SPREAD = 1.20


class Where(StrEnum):
    """Where a run computed: the shares of the peaks that are reached differ by it."""

    GPU = "gpu"
    MIXED = "mixed"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRun:
    """One real generation beside what the tables had said.

    Attributes:
        at: When it ended, in seconds since 1970.
        model: Name of the model.
        where: Where it computed.
        prompt_per_s: Prompt tokens a second, 0 when too few were read to tell.
        generated_per_s: Generated tokens a second, 0 when too few were.
        expected_prompt: What the tables say of the prompt, uncorrected; 0 where they do not know.
        expected_generation: What they say of generating.
    """

    at: float
    model: str
    where: Where
    prompt_per_s: float
    generated_per_s: float
    expected_prompt: float = 0.0
    expected_generation: float = 0.0

    def beside(self, speeds: Speeds) -> SpeedRun:
        """Return the run beside what the tables say."""
        return replace(
            self,
            expected_prompt=speeds.prompt.expected if speeds.prompt else 0.0,
            expected_generation=speeds.generation.expected if speeds.generation else 0.0,
        )


def speed_run(model: str, where: Where, usage: Usage, at: float) -> SpeedRun | None:
    """Return a run as the ledger keeps it, None when it was too short to tell a speed.

    Args:
        model: Name of the model.
        where: Where it computed.
        usage: Its counts and times.
        at: When it ended, in seconds since 1970.
    """
    read = usage.prompt_tokens - usage.cached_tokens
    has_prompt = read >= _LEAST_PROMPT_TOKENS and usage.prompt_s > 0
    # Text that could be guessed says little about how fast other text comes.
    is_plain = usage.accepted_tokens == 0
    has_answer = is_plain and usage.generated_tokens >= _LEAST_TOKENS and usage.generation_s > 0
    if not has_prompt and not has_answer:
        return None
    return SpeedRun(
        at=at,
        model=model,
        where=where,
        prompt_per_s=read / usage.prompt_s if has_prompt else 0.0,
        generated_per_s=usage.generated_tokens / usage.generation_s if has_answer else 0.0,
    )


def where_of(options: LoadOptions, n_layers: int) -> Where:
    """Return where a plan computes.

    Args:
        options: The plan's.
        n_layers: Layers of the model with the output layer.
    """
    if options.n_gpu_layers == 0:
        return Where.CPU
    is_whole = options.n_gpu_layers >= n_layers and not options.cpu_expert_layers
    return Where.GPU if is_whole else Where.MIXED


def learn(runs: Sequence[SpeedRun], model: str, where: Where) -> tuple[Correction, Correction]:
    """Return the corrections for prompts and for generating, from the runs of one machine.

    Args:
        runs: The runs, the newest first.
        model: Name of the model that is planned; its own runs teach most.
        where: Where it would compute.
    """
    near = [run for run in runs if run.where is where]
    own = [run for run in near if run.model == model]
    prompt = [(run.prompt_per_s, run.expected_prompt) for run in own]
    generation = [(run.generated_per_s, run.expected_generation) for run in own]
    others_prompt = [(run.prompt_per_s, run.expected_prompt) for run in near]
    others = [(run.generated_per_s, run.expected_generation) for run in near]
    return (
        _correction(prompt, _LEAST_SPREAD) or _correction(others_prompt, _OTHERS_SPREAD)
    ) or UNCORRECTED, (
        _correction(generation, _LEAST_SPREAD) or _correction(others, _OTHERS_SPREAD)
    ) or UNCORRECTED


def _correction(pairs: Sequence[tuple[float, float]], least: float) -> Correction | None:
    ratios = [real / table for real, table in pairs if real > 0 and table > 0][:_MOST_RUNS]
    if not ratios:
        return None
    factor = median(ratios)
    # Three runs in four lay within it.
    off = sorted(max(ratio / factor, factor / ratio) for ratio in ratios)
    spread = max(least, off[(len(off) - 1) * 3 // 4])
    return Correction(factor=factor, spread=spread, runs=len(ratios))
