"""Expected tokens a second, as a band: from bandwidth and compute, narrowed by real runs.

A generated token reads every weight it uses once, and what the cache holds; so memory decides.
A prompt is computed in micro-batches; so the matrix units decide, and the link for weights that
stay in main memory. The shares of the peaks that llama.cpp reaches are rough fits to public runs:
without a run of this machine a figure is good to a third, the order of two plans far better.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from corral.plan.formula import Formula
from corral.plan.keys import Keys
from corral.plan.kv import kv_bytes, micro_batch
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.options import LoadOptions
from corral.plan.placement import Placement
from corral.plan.plan import Kind
from corral.plan.weights import tensor_uses

# Tokens that are in the context while one more is generated.
USUAL_POSITION = 1024

# Shares of the peak that are reached.
_GPU_MEMORY_SHARE, _CPU_MEMORY_SHARE = 0.80, 0.65
# Of memory that is made for graphics, processors reach less.
_CPU_UNIFIED_SHARE = 0.30
_GPU_COMPUTE_SHARE = 0.70
# Launching one operation, and handing a hidden state to another device.
_OPERATION_S = {"CUDA": 1.5e-6, "ROCm": 3e-6}
_OTHER_OPERATION_S = 7e-6
_OPERATIONS_PER_BLOCK = 30
_HOP_S = 40e-6
# Main memory and processors that nothing is known of. Assumed: two channels of DDR4.
_USUAL_RAM_GB_S = 45.0
_CORE_TFLOPS = 0.045
# How far the figures may be off: known peaks, assumed ones.
_KNOWN, _ASSUMED = 1.35, 2.2
_EXPERTS = "_exps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Tokens a second.

    Attributes:
        low: Hardly less.
        expected: The likeliest.
        high: Hardly more.
    """

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """How fast a model would be.

    Attributes:
        prompt: Reading a prompt, in tokens a second; None where it is not known.
        generation: Generating; None where it is not known.
        kind: Of generating: ASSUMED from tables, CALIBRATED when real runs have narrowed it.
        prompt_kind: The same of reading a prompt.
    """

    prompt: Speed | None
    generation: Speed | None
    kind: Kind = Kind.ASSUMED
    prompt_kind: Kind = Kind.ASSUMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What real runs on a machine have taught.

    Attributes:
        factor: What was measured, as a multiple of what the tables say.
        spread: How far runs were off from that, as a factor of at least 1.
        runs: How many runs.
    """

    factor: float = 1.0
    spread: float = 1.0
    runs: int = 0


UNCORRECTED = Correction()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a token takes of each device.

    Attributes:
        read_bytes: Bytes that one generated token reads.
        weight_bytes: Bytes of all weights, of which a batch of many tokens uses nearly all.
        multiplied: Weights that one token is multiplied with.
        blocks: Blocks on it.
    """

    read_bytes: dict[str, float]
    weight_bytes: dict[str, int]
    multiplied: dict[str, float]
    blocks: dict[str, int]


def expected_speeds(
    formula: Formula,
    options: LoadOptions,
    machine: Machine,
    *,
    position: int = USUAL_POSITION,
    prompt: Correction = UNCORRECTED,
    generation: Correction = UNCORRECTED,
    weights: Work | None = None,
) -> Speeds:
    """Return how fast a model would be.

    Args:
        formula: The model's formulas.
        options: How it is loaded.
        machine: Where.
        position: Tokens in the context while one more is generated.
        prompt: What runs have taught of reading prompts.
        generation: What they have taught of generating.
        weights: The `weight_work` of this placement, where it is known already.
    """
    placement = formula.placement(options, machine)
    weights = weights or weight_work(formula, placement)
    work = _with_cache(weights, formula, options, placement, position)
    is_assumed = _is_assumed(machine, work)
    return Speeds(
        prompt=_band(_prompt_speed(work, options, machine), prompt, is_assumed=is_assumed),
        generation=_band(_generation_speed(work, machine), generation, is_assumed=is_assumed),
        kind=Kind.CALIBRATED if generation.runs else Kind.ASSUMED,
        prompt_kind=Kind.CALIBRATED if prompt.runs else Kind.ASSUMED,
    )


def work_per_token(formula: Formula, options: LoadOptions, machine: Machine, position: int) -> Work:
    """Return what a token takes of each device."""
    placement = formula.placement(options, machine)
    return _with_cache(weight_work(formula, placement), formula, options, placement, position)


def weight_work(formula: Formula, placement: Placement) -> Work:
    """Return what a token takes of each device while the cache is empty."""
    keys = Keys(formula.header)
    count = keys.integer("expert_count")
    share = keys.integer("expert_used_count") / count if count else 1.0
    read: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    multiplied: dict[str, float] = {}
    for use in tensor_uses(formula.roles, keys.own_count, placement):
        if use.is_lookup:
            continue
        used = share if _EXPERTS in use.tensor.name else 1.0
        weights[use.device] += use.tensor.size_bytes
        multiplied[use.device] = multiplied.get(use.device, 0) + use.tensor.element_count * used
        read[use.device] += int(use.tensor.size_bytes * used)
    return Work(
        read_bytes=dict(read),
        weight_bytes=dict(weights),
        multiplied=multiplied,
        blocks=dict(Counter(placement.blocks)),
    )


def generation_over(
    formula: Formula,
    options: LoadOptions,
    machine: Machine,
    positions: Iterable[int],
    correction: Correction = UNCORRECTED,
) -> tuple[Speed | None, ...]:
    """Return how fast a model generates when so many tokens are in its context.

    Args:
        formula: The model's formulas.
        options: How it is loaded.
        machine: Where.
        positions: Tokens in the context, several times; they may be more than it is loaded with.
        correction: What real runs have taught.

    Returns:
        A speed for each position; None where it is not known.
    """
    positions = tuple(positions)
    if not formula.memory.is_known:
        return (None,) * len(positions)
    placement = formula.placement(options, machine)
    weights = weight_work(formula, placement)
    is_assumed = _is_assumed(machine, weights)
    speeds = []
    for position in positions:
        long = replace(options, context=replace(options.context, n_ctx=position))
        work = _with_cache(weights, formula, long, placement, position)
        speeds.append(_band(_generation_speed(work, machine), correction, is_assumed=is_assumed))
    return tuple(speeds)


def _with_cache(
    work: Work, formula: Formula, options: LoadOptions, placement: Placement, position: int
) -> Work:
    filled = replace(options.context, n_ctx=min(position, options.context.n_ctx), n_seq_max=1)
    read = Counter(work.read_bytes)
    read.update(kv_bytes(formula.memory, placement, filled))
    return replace(work, read_bytes=dict(read))


def bandwidth_gb_s(device: Device) -> float:
    """Return the peak of a device's memory; of main memory a usual one where it is not known."""
    is_cpu = device.kind is DeviceKind.CPU
    return device.bandwidth_gb_s or (_USUAL_RAM_GB_S if is_cpu else 0.0)


def _generation_speed(work: Work, machine: Machine) -> float:
    seconds = 0.0
    cpu_share = _CPU_UNIFIED_SHARE if machine.is_unified else _CPU_MEMORY_SHARE
    for device in machine.devices:
        read = work.read_bytes.get(device.name, 0)
        if not read:
            continue
        peak = bandwidth_gb_s(device) * 1e9
        if not peak:
            return 0.0
        is_gpu = device.kind is DeviceKind.GPU
        seconds += read / peak / (_GPU_MEMORY_SHARE if is_gpu else cpu_share)
        if is_gpu:
            operation_s = _OPERATION_S.get(device.name.rstrip("0123456789"), _OTHER_OPERATION_S)
            seconds += work.blocks.get(device.name, 0) * _OPERATIONS_PER_BLOCK * operation_s
    seconds += _HOP_S * (sum(1 for size in work.read_bytes.values() if size) - 1)
    return 1 / seconds if seconds > 0 else 0.0


def _prompt_speed(work: Work, options: LoadOptions, machine: Machine) -> float:
    """Return the speed of full micro-batches; a GPU takes over what stays in main memory."""
    tokens, seconds = micro_batch(options.context), 0.0
    helper = machine.gpus[0] if machine.gpus else None
    for device in machine.devices:
        is_cpu = device.kind is DeviceKind.CPU
        worker = helper if is_cpu and helper else device
        tflops = worker.fp16_tflops * _GPU_COMPUTE_SHARE
        if worker.kind is DeviceKind.CPU:
            tflops = machine.physical_cores * _CORE_TFLOPS
        if not tflops and work.multiplied.get(device.name):
            return 0.0
        seconds += 2 * work.multiplied.get(device.name, 0) * tokens / (tflops * 1e12 or 1)
        if is_cpu and helper and not machine.is_unified:
            link = helper.link_gb_s or bandwidth_gb_s(device) / 4
            seconds += work.weight_bytes.get(device.name, 0) / (link * 1e9)
    return tokens / seconds if seconds > 0 else 0.0


def _band(value: float, correction: Correction, *, is_assumed: bool) -> Speed | None:
    if value <= 0:
        return None
    spread = _ASSUMED if is_assumed else _KNOWN
    if correction.runs:
        value, spread = value * correction.factor, min(spread, correction.spread)
    return Speed(low=value / spread, expected=value, high=value * spread)


def _is_assumed(machine: Machine, work: Work) -> bool:
    """Whether a device that holds weights has no known bandwidth."""
    used = [d for d in machine.devices if work.weight_bytes.get(d.name)]
    return any(not device.bandwidth_gb_s for device in used)
