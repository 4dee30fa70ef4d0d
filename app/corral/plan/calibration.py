"""What a calibration measured on a machine, and what it says of a model's speed there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from corral.plan.formula import Formula
from corral.plan.keys import Keys
from corral.plan.learning import Where
from corral.plan.machine import Machine
from corral.plan.options import LoadOptions
from corral.plan.speed import UNCORRECTED, Correction, Speeds
from corral.plan.weights import tensor_uses

# How far a model of other dimensions may be off what was measured.
SPREAD = 1.30
_EXPERTS = "_exps"


class Build(StrEnum):
    """How a measured model is built: real ones lie between."""

    WIDE = "wide"  # few wide blocks
    NARROW = "narrow"  # many narrow ones


WIDTHS = {Build.WIDE: 2048, Build.NARROW: 768}
# The middle size of their matrices, in weights.
_MATRICES = {Build.WIDE: 7.0e6, Build.NARROW: 1.2e6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measured model.

    Attributes:
        where: Where it computed.
        type: Storage type of its weights ("Q4_K").
        build: Its dimensions.
        weight_bytes: What a generated token reads.
        weights: With how many weights a token is multiplied.
        n_threads: Threads, 0 for the physical cores.
        prompt_per_s: Prompt tokens a second, measured.
        generated_per_s: Generated tokens a second, measured.
        spread: How far three tokens in four were off that, as a factor of at least 1.
    """

    where: Where
    type: str
    build: Build
    weight_bytes: int
    weights: int
    n_threads: int
    prompt_per_s: float
    generated_per_s: float
    spread: float = 1.0

    @property
    def byte_s(self) -> float:
        """Seconds that a byte takes in generating."""
        return 1 / self.generated_per_s / self.weight_bytes

    @property
    def weight_s(self) -> float:
        """Seconds that a weight takes in reading a token of a prompt."""
        return 1 / self.prompt_per_s / self.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All that was measured at once.

    Attributes:
        at: When, in seconds since 1970.
        build: Which build of llama.cpp.
        samples: The measured models.
    """

    at: float
    build: str
    samples: tuple[Sample, ...]

    def of(self, where: Where) -> tuple[Sample, ...]:
        """Return the samples of a place, with the usual threads."""
        return tuple(x for x in self.samples if x.where is where and x.n_threads == 0)


def calibrated(
    calibration: Calibration,
    where: Where,
    formula: Formula,
    options: LoadOptions,
    machine: Machine,
    tables: Speeds,
) -> tuple[Correction, Correction]:
    """Return the corrections for prompts and for generating that a calibration teaches.

    Args:
        calibration: What was measured on the machine.
        where: Where the model would compute.
        formula: Its formulas.
        options: How it is loaded.
        machine: Where.
        tables: What the tables say of it, uncorrected.
    """
    samples = calibration.of(where)
    if not samples:
        return UNCORRECTED, UNCORRECTED
    keys = Keys(formula.header)
    count = keys.integer("expert_count")
    share = keys.integer("expert_used_count") / count if count else 1.0
    prompt_s = generation_s = 0.0
    placement = formula.placement(options, machine)
    for use in tensor_uses(formula.roles, keys.own_count, placement):
        if use.is_lookup:
            continue
        tensor, used = use.tensor, share if _EXPERTS in use.tensor.name else 1.0
        near, matrix = _near(samples, tensor.type.label), math.prod(tensor.shape[:2])
        generation_s += tensor.size_bytes * used * _between(near, matrix, prompt=False)
        prompt_s += tensor.element_count * used * _between(near, matrix, prompt=True)
    prompt = tables.prompt.expected if tables.prompt else 0.0
    generation = tables.generation.expected if tables.generation else 0.0
    return _correction(prompt_s, prompt, samples), _correction(generation_s, generation, samples)


def _near(samples: Iterable[Sample], label: str) -> tuple[Sample, ...]:
    """Return the samples of a type; of one that was not measured, all of them."""
    samples = tuple(samples)
    return tuple(sample for sample in samples if sample.type == label) or samples


def _between(samples: tuple[Sample, ...], matrix: int, *, prompt: bool) -> float:
    """Return seconds for a byte or a weight of a matrix of so many weights.

    A small one costs more for each: what an operation takes by itself weighs more.
    """
    times = {
        build: [s.weight_s if prompt else s.byte_s for s in samples if s.build is build]
        for build in Build
    }
    wide, narrow = (median(times[build]) for build in (Build.WIDE, Build.NARROW))
    low, high = math.log(_MATRICES[Build.NARROW]), math.log(_MATRICES[Build.WIDE])
    share = min(1.0, max(0.0, (math.log(matrix) - low) / (high - low)))
    return math.exp(share * math.log(wide) + (1 - share) * math.log(narrow))


def _correction(seconds: float, table_per_s: float, samples: tuple[Sample, ...]) -> Correction:
    if not seconds or not table_per_s:
        return UNCORRECTED
    # A machine that was busy meanwhile tells less.
    spread = SPREAD * median(sample.spread for sample in samples)
    return Correction(factor=1 / seconds / table_per_s, spread=spread, runs=len(samples))
