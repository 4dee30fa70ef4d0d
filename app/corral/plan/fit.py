"""Whether a model fits this machine, said with how sure that is; also before it is downloaded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from corral.gguf.header import Header
from corral.plan.formula import SMALLEST_CONTEXT_TOKENS, default_options, plan_by_formula
from corral.plan.machine import Machine
from corral.plan.options import LoadOptions
from corral.plan.plan import Kind, Line, Part, Plan, Verdict


class FitKind(StrEnum):
    """Where a verdict comes from."""

    EXACT = "exact"  # llama.cpp's own allocator looked at this file's header
    FORMULA = "formula"  # by formulas from this file's header
    ESTIMATED = "estimated"  # from the size of the file and the header of another of its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Whether a model fits.

    Attributes:
        verdict: Fits, tight, or over.
        size_bytes: Memory it takes, on all devices together.
        kind: How that was found.
        plan: The figures.
    """

    verdict: Verdict
    size_bytes: int
    kind: FitKind
    plan: Plan


def fit_of(plan: Plan) -> Fit:
    """Return the verdict of a plan that was made from the model's own header."""
    kind = FitKind.EXACT if plan.kind is Kind.EXACT else FitKind.FORMULA
    return _fit(plan, kind)


def estimated_fits(header: Header, sizes: Iterable[int], machine: Machine) -> dict[int, Fit]:
    """Return the verdicts for models of which only the size is known, by their sizes.

    Their weights are taken to be spread over the layers as in a model that differs only in its
    quantization; context and KV cache are the same then.

    Args:
        header: Of the other model.
        sizes: Sizes of their files in bytes.
        machine: Where.
    """
    options = default_options(header, machine)

    @cache
    def of_the_other(tried: LoadOptions) -> Plan:
        return plan_by_formula(header, tried, machine)

    def estimate(size_bytes: int) -> Fit:
        share = max(0, size_bytes - header.data_offset) / max(1, _weights_bytes(header))

        def plan(tried: LoadOptions) -> Plan:
            return _scaled(of_the_other(tried), share)

        placed = _with_layers_that_fit(options, plan)
        return _fit(_with_context_that_fits(placed, plan), FitKind.ESTIMATED)

    return {size_bytes: estimate(size_bytes) for size_bytes in {*sizes}}


def _fit(plan: Plan, kind: FitKind) -> Fit:
    return Fit(verdict=plan.verdict, size_bytes=plan.total_bytes, kind=kind, plan=plan)


def _weights_bytes(header: Header) -> int:
    return sum(tensor.size_bytes for tensor in header.tensors)


def _scaled(plan: Plan, share: float) -> Plan:
    return replace(plan, lines=tuple(_scaled_line(line, share) for line in plan.lines))


def _scaled_line(line: Line, share: float) -> Line:
    if line.part not in {Part.WEIGHTS, Part.MAPPED}:
        return line
    return replace(line, size_bytes=int(line.size_bytes * share), kind=Kind.ASSUMED)


def _with_layers_that_fit(options: LoadOptions, plan: Callable[[LoadOptions], Plan]) -> LoadOptions:
    """Take layers from the GPUs until what is left there fits."""
    low, high = 0, plan(options).options.n_gpu_layers
    while low < high:
        middle = (low + high + 1) // 2
        tried = plan(replace(options, n_gpu_layers=middle))
        if any(tried.size_bytes(gpu.name) > tried.budget_bytes(gpu) for gpu in tried.machine.gpus):
            high = middle - 1
        else:
            low = middle
    return replace(options, n_gpu_layers=low)


def _with_context_that_fits(options: LoadOptions, plan: Callable[[LoadOptions], Plan]) -> Plan:
    """Halve the context until the plan is not over, as far as that makes sense."""
    made = plan(options)
    while made.verdict is Verdict.OVER and options.context.n_ctx > SMALLEST_CONTEXT_TOKENS:
        n_ctx = max(SMALLEST_CONTEXT_TOKENS, options.context.n_ctx // 2)
        options = replace(options, context=replace(options.context, n_ctx=n_ctx))
        made = plan(options)
    return made
