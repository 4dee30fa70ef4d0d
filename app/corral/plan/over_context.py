"""One plan at many context lengths: what it takes of each device, whether it fits, how fast."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corral.plan.alignment import padded
from corral.plan.formula import Formula
from corral.plan.kv import CELL_MULTIPLE
from corral.plan.machine import Machine
from corral.plan.options import LoadOptions
from corral.plan.plan import Plan
from corral.plan.speed import UNCORRECTED, Correction, Speed, generation_over

# The shortest context of the table, and of models that were trained for less.
_FIRST_TOKENS, _FIRST_SHORT_TOKENS = 4096, 256
# What a table ends with for a model that does not say what it was trained for.
_UNKNOWN_TRAINED_TOKENS = 131072


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextStep:
    """A plan with one context length.

    Attributes:
        plan: What it takes, by formulas.
        generation: Tokens a second when the whole context is full; None where it is not known.
        is_trained: Whether this is the length that the model was trained for.
    """

    plan: Plan
    generation: Speed | None
    is_trained: bool = False

    @property
    def n_ctx(self) -> int:
        """The context length of one sequence in tokens."""
        return self.plan.options.context.n_ctx


def with_plan(step: ContextStep, plan: Plan) -> ContextStep:
    """Return a step with the figures of a plan, which may be exact, if it is of that plan.

    Args:
        step: A step of any plan.
        plan: What is planned now.
    """
    is_same = plan.options.context.n_ctx == step.n_ctx
    return replace(step, plan=plan) if is_same and _is_alike(plan, step.plan) else step


def _is_alike(first: Plan, second: Plan) -> bool:
    """Whether both are of the same devices, though their memory may not be as free."""
    names = (
        [device.name for device in plan.machine.devices] + [plan.machine.name]
        for plan in (first, second)
    )
    return next(names) == next(names)


def table_lengths(trained_tokens: int) -> tuple[int, ...]:
    """Return the context lengths worth a row: 4 096, doubled up to the trained one, and that.

    Args:
        trained_tokens: What the model was trained for, 0 if that is not known.
    """
    most = trained_tokens or _UNKNOWN_TRAINED_TOKENS
    first = _FIRST_TOKENS if most > _FIRST_TOKENS else _FIRST_SHORT_TOKENS
    lengths = []
    while first < most:
        lengths.append(first)
        first *= 2
    return (*lengths, most)


def curve_lengths(trained_tokens: int, n_per_doubling: int = 4) -> tuple[int, ...]:
    """Return the context lengths of a curve: those of the table, and some between them."""
    lengths = table_lengths(trained_tokens)
    found = set(lengths)
    for low, high in itertools.pairwise(lengths):
        for step in range(1, n_per_doubling):
            between = low * (high / low) ** (step / n_per_doubling)
            found.add(padded(int(between), CELL_MULTIPLE))
    return tuple(sorted(length for length in found if length <= lengths[-1]))


def over_context(
    formula: Formula,
    options: LoadOptions,
    machine: Machine,
    lengths: Sequence[int],
    generation: Correction = UNCORRECTED,
) -> Iterator[ContextStep]:
    """Yield the plan for each context length, in their order; each takes about a millisecond.

    Args:
        formula: The model's formulas.
        options: How it is loaded; all but the context length stays.
        machine: Where; may be one that does not exist.
        lengths: Context lengths in tokens.
        generation: What real runs have taught.
    """
    speeds = generation_over(formula, options, machine, lengths, generation)
    trained = formula.header.context_length
    for n_ctx, speed in zip(lengths, speeds, strict=True):
        longer = replace(options, context=replace(options.context, n_ctx=n_ctx))
        plan = formula.plan(longer, machine)
        yield ContextStep(plan=plan, generation=speed, is_trained=n_ctx == trained)
