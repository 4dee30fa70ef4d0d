"""How full a machine may become by loading a model: the user's choice, and what to do over it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from corral.plan.formula import SMALLEST_CONTEXT_TOKENS, Formula
from corral.plan.keys import Keys
from corral.plan.kv import CELL_MULTIPLE
from corral.plan.machine import Device
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from corral.plan.plan import RESERVED_SHARE, TIGHT_SHARE, Plan
from corral.settings import GuardrailChoice
from corral.units import GIB

_SMALLER = (CacheType.Q8_0, CacheType.Q4_0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """How much of the free memory of a device a load may take without a question.

    Attributes:
        choice: Off, balanced, strict, or an own limit.
        leave_free_bytes: What an own limit leaves free on each device.
    """

    choice: GuardrailChoice = GuardrailChoice.BALANCED
    leave_free_bytes: int = GIB

    def allowed_bytes(self, device: Device) -> int:
        """Return what a load may take on a device."""
        free = device.free_bytes
        match self.choice:
            case GuardrailChoice.OFF:
                return max(free, device.total_bytes) * 1024  # no plan is that large
            case GuardrailChoice.BALANCED:
                return int(free * (1 - RESERVED_SHARE))
            case GuardrailChoice.STRICT:
                return int(free * TIGHT_SHARE)
            case GuardrailChoice.OWN:
                return max(0, free - self.leave_free_bytes)

    def fullest(self, plan: Plan) -> Device | None:
        """Return the device on which a plan is most over the limit, None when it is nowhere."""
        over = {
            device.name: plan.taken_bytes(device) / max(1, self.allowed_bytes(device))
            for device in plan.machine.devices
        }
        name = max(over, key=lambda each: over[each])
        return plan.machine.device(name) if over[name] > 1 else None


class MoveKind(StrEnum):
    """What is changed so that a plan fits."""

    SMALLER_CACHE = "smaller_cache"
    SHORTER_CONTEXT = "shorter_context"
    EXPERTS_IN_RAM = "experts_in_ram"
    FEWER_GPU_LAYERS = "fewer_gpu_layers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change with which a plan fits.

    Attributes:
        kind: What is changed.
        options: How to load then.
    """

    kind: MoveKind
    options: LoadOptions


def moves_that_fit(formula: Formula, plan: Plan, guardrail: Guardrail) -> tuple[Move, ...]:
    """Return single changes with which a plan would be within the limit, by formulas.

    Each changes as little as it can.
    """

    def fits(options: LoadOptions) -> bool:
        return guardrail.fullest(formula.plan(options, plan.machine)) is None

    return tuple(_moves(formula, plan.options, fits))


def _moves(
    formula: Formula, options: LoadOptions, fits: Callable[[LoadOptions], bool]
) -> Iterator[Move]:
    context = options.context
    smaller = [t for t in _SMALLER if t is not context.kv_type and context.kv_type not in _SMALLER]
    for kv_type in smaller:
        tried = _with(options, replace(context, kv_type=kv_type))
        if fits(tried):
            yield Move(kind=MoveKind.SMALLER_CACHE, options=tried)
            break
    cells = _most(
        SMALLEST_CONTEXT_TOKENS // CELL_MULTIPLE,
        (context.n_ctx - 1) // CELL_MULTIPLE,
        lambda n: fits(_with(options, replace(context, n_ctx=n * CELL_MULTIPLE))),
    )
    if cells:
        shorter = _with(options, replace(context, n_ctx=cells * CELL_MULTIPLE))
        yield Move(kind=MoveKind.SHORTER_CONTEXT, options=shorter)
    if options.n_gpu_layers and Keys(formula.header).integer("expert_count"):
        kept = _most(
            0,
            formula.n_blocks - 1 - options.cpu_expert_layers,
            lambda n: fits(replace(options, cpu_expert_layers=formula.n_blocks - n)),
        )
        if kept is not None:
            experts = replace(options, cpu_expert_layers=formula.n_blocks - kept)
            yield Move(kind=MoveKind.EXPERTS_IN_RAM, options=experts)
    layers = _most(0, options.n_gpu_layers - 1, lambda n: fits(replace(options, n_gpu_layers=n)))
    if layers is not None:
        fewer = replace(options, n_gpu_layers=layers)
        yield Move(kind=MoveKind.FEWER_GPU_LAYERS, options=fewer)


def _most(least: int, most: int, fits: Callable[[int], bool]) -> int | None:
    """Return the largest number that fits, None when even the least does not."""
    if most < least or not fits(least):
        return None
    while least < most:
        middle = (least + most + 1) // 2
        if fits(middle):
            least = middle
        else:
            most = middle - 1
    return least


def _with(options: LoadOptions, context: ContextOptions) -> LoadOptions:
    return replace(options, context=context)
