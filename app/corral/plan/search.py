"""The best ways to load a model on a machine: fastest, or with the longest context.

Tried are the type of the KV cache, the micro-batch, and the placement: all on the GPUs, on one card
alone, experts of as few layers as need be in main memory, as few whole layers as need be, no GPU.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corral.gguf.header import Header
from corral.jobs import Progress, Ticket
from corral.plan.companions import ALONE, Companions
from corral.plan.formula import Formula, default_options
from corral.plan.keys import Keys
from corral.plan.machine import Device, Machine
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from corral.plan.plan import Plan, Verdict
from corral.plan.speed import Speeds, expected_speeds

# A usual turn, by which the speeds of prompt and generation are weighed.
_PROMPT_TOKENS, _ANSWER_TOKENS = 1000, 300
_KV_TYPES = (CacheType.F16, CacheType.Q8_0, CacheType.Q4_0)
# How much faster a smaller cache must make a turn to be worth what it costs in quality.
_KV_PRICE = {CacheType.F16: 1.0, CacheType.Q8_0: 1.03, CacheType.Q4_0: 1.12}
_MICRO_BATCHES = (512, 2048)
# A longer context is not worth much when every token takes this long.
_SLOW_TOKENS_PER_S = 1.0
BEST = 3


class Goal(StrEnum):
    """What the best placement is best at."""

    FASTEST = "fastest"
    CONTEXT = "context"


class Reason(StrEnum):
    """Why a way of loading is among the best."""

    ALL_ON_GPU = "all_on_gpu"
    ONE_CARD = "one_card"
    SPLIT = "split"
    EXPERTS_IN_RAM = "experts_in_ram"
    LAYERS_IN_RAM = "layers_in_ram"
    NO_GPU = "no_gpu"
    FULL_CACHE = "full_cache"
    SMALL_CACHE = "small_cache"
    LARGE_BATCH = "large_batch"
    TRAINED_CONTEXT = "trained_context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the search keeps to.

    Attributes:
        n_ctx: Context length in tokens; 0 for what suits the machine. The longest is searched from
            there on.
        leave_free_bytes: Memory that stays free on each device, beside the usual reserve.
        kv_types: Types of the KV cache that may be used.
        n_sequences: Sequences side by side.
    """

    n_ctx: int = 0
    leave_free_bytes: int = 0
    kv_types: tuple[CacheType, ...] = _KV_TYPES
    n_sequences: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to load a model.

    Attributes:
        plan: What it takes, with its options.
        speeds: How fast it would be.
        reasons: What speaks for it, and what it does.
    """

    plan: Plan
    speeds: Speeds
    reasons: tuple[Reason, ...]


def best_choices(
    header: Header,
    machine: Machine,
    goal: Goal,
    limits: Limits | None = None,
    ticket: Ticket | None = None,
    beside: Companions = ALONE,
) -> tuple[Choice, ...]:
    """Return the best ways to load a model, the best one first, at most `BEST`.

    Args:
        header: Of the model file.
        machine: Where; may be one that does not exist.
        goal: What is wanted most.
        limits: What to keep to.
        ticket: For progress and cancel.
        beside: What is loaded with it.

    Returns:
        Ways that fit; none when nothing fits.

    Raises:
        Cancelled: If the ticket was cancelled.
    """
    limits = limits or Limits()
    formula, room = Formula(header, beside), _with_less_free(machine, limits.leave_free_bytes)
    suited = default_options(header, room, limits.n_sequences, beside)
    wanted = limits.n_ctx or suited.context.n_ctx
    found, contexts = [], tuple(_contexts(limits, wanted))
    for done, context in enumerate(contexts):
        if ticket:
            ticket.report(_progress(done, len(contexts)))
        for options in _placements(formula, room, context):
            plan = _grown(formula, room, options) if goal is Goal.CONTEXT else None
            plan = plan or formula.plan(options, room)
            if plan.verdict is not Verdict.OVER:
                found.append(_choice(formula, replace(plan, machine=machine)))
    found.sort(key=lambda choice: _cost(choice, goal))
    return tuple(_distinct(found))[:BEST]


def _progress(done: int, total: int) -> Progress:
    return Progress(phase="Trying ways to load", done=done, total=total, unit="steps")


def _choice(formula: Formula, plan: Plan) -> Choice:
    speeds = expected_speeds(formula, plan.options, plan.machine)
    reasons = _reasons(formula.header, plan.options, plan.machine)
    return Choice(plan=plan, speeds=speeds, reasons=reasons)


def _contexts(limits: Limits, n_ctx: int) -> Iterator[ContextOptions]:
    for kv_type in limits.kv_types:
        for n_ubatch in _MICRO_BATCHES:
            yield ContextOptions(
                n_ctx=n_ctx, kv_type=kv_type, n_ubatch=n_ubatch, n_seq_max=limits.n_sequences
            )


def _placements(
    formula: Formula, machine: Machine, context: ContextOptions
) -> Iterator[LoadOptions]:
    """Yield the placements worth a look, each with as much on the GPUs as fits."""
    no_gpu = LoadOptions(n_gpu_layers=0, context=context)
    if not machine.gpus:
        yield no_gpu
        return
    everything = LoadOptions(context=context)
    splits: list[tuple[int, ...]] = [()]
    if len(machine.gpus) > 1:
        splits += [_alone(i, len(machine.gpus)) for i in range(len(machine.gpus))]
    for split in splits:
        placed = replace(everything, tensor_split=split)
        if _fits_gpus(formula, machine, placed):
            yield placed
            continue
        if Keys(formula.header).integer("expert_count"):
            yield from _with_experts_in_ram(formula, machine, placed)
        yield _with_most_layers(formula, machine, placed)
    yield no_gpu


def _alone(index: int, count: int) -> tuple[int, ...]:
    return tuple(1 if i == index else 0 for i in range(count))


def _with_experts_in_ram(
    formula: Formula, machine: Machine, placed: LoadOptions
) -> Iterator[LoadOptions]:
    low, high = 1, formula.n_blocks
    if not _fits_gpus(formula, machine, replace(placed, cpu_expert_layers=high)):
        return
    while low < high:
        middle = (low + high) // 2
        if _fits_gpus(formula, machine, replace(placed, cpu_expert_layers=middle)):
            high = middle
        else:
            low = middle + 1
    yield replace(placed, cpu_expert_layers=low)


def _with_most_layers(formula: Formula, machine: Machine, placed: LoadOptions) -> LoadOptions:
    low, high = 0, formula.n_blocks + 1
    while low < high:
        middle = (low + high + 1) // 2
        if _fits_gpus(formula, machine, replace(placed, n_gpu_layers=middle)):
            low = middle
        else:
            high = middle - 1
    return replace(placed, n_gpu_layers=low)


def _fits_gpus(formula: Formula, machine: Machine, options: LoadOptions) -> bool:
    plan = formula.plan(options, machine)
    return all(plan.size_bytes(gpu.name) <= plan.budget_bytes(gpu) for gpu in machine.gpus)


def _grown(formula: Formula, machine: Machine, options: LoadOptions) -> Plan | None:
    """Return the plan with the longest context that fits this placement."""
    n_ctx = formula.largest_context(machine, options)
    if n_ctx < options.context.n_ctx:
        return None
    context = replace(options.context, n_ctx=n_ctx)
    return formula.plan(replace(options, context=context), machine)


def turn_s(speeds: Speeds) -> float:
    """Return how long a usual turn takes; without known speeds, as long as it can be."""
    if speeds.generation is None:
        return float("inf")
    prompt = speeds.prompt.expected if speeds.prompt else speeds.generation.expected * 10
    return _PROMPT_TOKENS / prompt + _ANSWER_TOKENS / speeds.generation.expected


def _cost(choice: Choice, goal: Goal) -> tuple[float, ...]:
    """Return what to sort by, the smallest first."""
    options, generation = choice.plan.options, choice.speeds.generation
    price = _KV_PRICE.get(options.context.kv_type, 1.0)
    # Where no speed is known, what is on the GPUs decides.
    seconds = (turn_s(choice.speeds) * price, -options.n_gpu_layers, choice.plan.total_bytes)
    if goal is Goal.FASTEST:
        return seconds
    is_slow = generation is not None and generation.expected < _SLOW_TOKENS_PER_S
    return (float(is_slow), -options.context.n_ctx, *seconds)


def _distinct(choices: Sequence[Choice]) -> Iterator[Choice]:
    """Leave out ways that differ too little from a better one to be a choice."""
    seen = set()
    for choice in choices:
        placed = tuple(reason for reason in choice.reasons if reason in _PLACED)
        key = (choice.plan.options.context.kv_type, placed)
        if key not in seen:
            seen.add(key)
            yield choice


_PLACED = (
    Reason.ALL_ON_GPU,
    Reason.ONE_CARD,
    Reason.SPLIT,
    Reason.EXPERTS_IN_RAM,
    Reason.LAYERS_IN_RAM,
    Reason.NO_GPU,
)


def _reasons(header: Header, options: LoadOptions, machine: Machine) -> tuple[Reason, ...]:
    found = []
    if options.n_gpu_layers == 0:
        found.append(Reason.NO_GPU)
    elif options.n_gpu_layers <= Keys(header).count:
        found.append(Reason.LAYERS_IN_RAM)
    elif options.cpu_expert_layers:
        found.append(Reason.EXPERTS_IN_RAM)
    else:
        found.append(Reason.ALL_ON_GPU)
    if options.n_gpu_layers and len(machine.gpus) > 1:
        is_alone = sum(1 for share in options.tensor_split if share) == 1
        found.append(Reason.ONE_CARD if is_alone else Reason.SPLIT)
    is_full = options.context.kv_type is CacheType.F16
    found.append(Reason.FULL_CACHE if is_full else Reason.SMALL_CACHE)
    if options.context.n_ubatch > ContextOptions().n_ubatch:
        found.append(Reason.LARGE_BATCH)
    if header.context_length and options.context.n_ctx >= header.context_length:
        found.append(Reason.TRAINED_CONTEXT)
    return tuple(found)


def _with_less_free(machine: Machine, bytes_: int) -> Machine:
    def less(device: Device) -> Device:
        return replace(device, free_bytes=max(0, device.free_bytes - bytes_))

    return replace(machine, cpu=less(machine.cpu), gpus=tuple(less(gpu) for gpu in machine.gpus))
