"""A plan by formulas: at once, without llama.cpp, for any machine."""

from collections.abc import Mapping
from dataclasses import replace

from corral.gguf.header import Header
from corral.plan.compute import compute_bytes, is_streamed
from corral.plan.keys import Keys
from corral.plan.kv import CELL_MULTIPLE, kv_bytes
from corral.plan.layers import model_memory
from corral.plan.machine import Machine
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.placement import layer_count, place
from corral.plan.plan import Kind, Line, Part, Plan, Verdict
from corral.plan.weights import device_weights

# Longer contexts cost memory and time that few conversations need.
DEFAULT_CONTEXT_TOKENS = 8192
# A model that fits nowhere is still planned with some context, to show what is missing.
SMALLEST_CONTEXT_TOKENS = 512
# Longest context tried for a model that does not say what it was trained for.
_LONGEST_CONTEXT_TOKENS = 1 << 20

_F32_BYTES = 4


def plan_by_formula(header: Header, options: LoadOptions, machine: Machine) -> Plan:
    """Return what loading takes.

    Weights, KV cache and output buffer are exact for known architectures, compute buffers about
    ±10 %. Lines that are no more than a guess are of kind `ASSUMED`: an unknown architecture is
    taken for a plain one.

    Args:
        header: Of the model file.
        options: How it is to be loaded.
        machine: Where; may be one that does not exist.
    """
    n_blocks, context = Keys(header).count, options.context
    placement = place(options.n_gpu_layers, n_blocks, machine)
    memory = model_memory(header)
    weights = device_weights(header, placement, options.load_mode, machine)
    kv = kv_bytes(memory, placement, context)
    compute = compute_bytes(header, memory, placement, context, machine)
    kind = Kind.FORMULA if memory.is_known else Kind.ASSUMED
    is_guess = bool(machine.gpus) and is_streamed(placement)
    lines = (
        *_lines(Part.WEIGHTS, {n: w.allocated_bytes for n, w in weights.items()}, Kind.FORMULA),
        *_lines(Part.MAPPED, {n: w.mapped_bytes for n, w in weights.items()}, Kind.FORMULA),
        *_lines(Part.KV, kv, kind),
        *_lines(Part.COMPUTE, compute, Kind.ASSUMED if is_guess else kind),
        *_lines(Part.OUTPUT, {machine.cpu.name: output_bytes(header, context)}, Kind.FORMULA),
    )
    return plan_of_lines(header, options, machine, lines)


def plan_of_lines(
    header: Header, options: LoadOptions, machine: Machine, lines: tuple[Line, ...]
) -> Plan:
    """Return the plan that some figures make, with `n_gpu_layers` as a real number of layers."""
    n_blocks = Keys(header).count
    n_layers = layer_count(options.n_gpu_layers, n_blocks, machine)
    planned = replace(options, n_gpu_layers=n_layers)
    return Plan(options=planned, machine=machine, lines=lines, n_layers=n_blocks + 1)


def output_bytes(header: Header, context: ContextOptions) -> int:
    """Return the output buffer: a row of logits for each output, in main memory."""
    return header.vocab_size * max(context.n_outputs_max, context.n_seq_max) * _F32_BYTES


def default_options(header: Header, machine: Machine) -> LoadOptions:
    """Return how a model is loaded if nobody says otherwise.

    The context is the trained one, at most `DEFAULT_CONTEXT_TOKENS` and what fits; then as many
    layers go to GPUs as fit.
    """
    trained = header.context_length or DEFAULT_CONTEXT_TOKENS
    options = _with_context(LoadOptions(), min(trained, DEFAULT_CONTEXT_TOKENS))
    options = _with_most_layers(header, machine, options)
    fitting = largest_context(header, machine, options)
    wanted = max(min(options.context.n_ctx, fitting), min(SMALLEST_CONTEXT_TOKENS, trained))
    return _with_context(options, wanted)


def largest_context(header: Header, machine: Machine, options: LoadOptions) -> int:
    """Return the longest context, up to the trained one, whose plan is within the budget.

    Returns:
        Tokens, a multiple of 256 or the trained length; 0 if no context fits.
    """
    limit = header.context_length or _LONGEST_CONTEXT_TOKENS
    low, high = 0, -(-limit // CELL_MULTIPLE)
    while low < high:
        middle = (low + high + 1) // 2
        tried = _with_context(options, min(middle * CELL_MULTIPLE, limit))
        if plan_by_formula(header, tried, machine).verdict is Verdict.OVER:
            high = middle - 1
        else:
            low = middle
    return min(low * CELL_MULTIPLE, limit)


def _with_most_layers(header: Header, machine: Machine, options: LoadOptions) -> LoadOptions:
    low, high = 0, layer_count(options.n_gpu_layers, Keys(header).count, machine)
    while low < high:
        middle = (low + high + 1) // 2
        plan = plan_by_formula(header, replace(options, n_gpu_layers=middle), machine)
        if any(plan.size_bytes(gpu.name) > plan.budget_bytes(gpu) for gpu in machine.gpus):
            high = middle - 1
        else:
            low = middle
    return replace(options, n_gpu_layers=low)


def _with_context(options: LoadOptions, n_ctx: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_ctx=n_ctx))


def _lines(part: Part, sizes: Mapping[str, int], kind: Kind) -> tuple[Line, ...]:
    return tuple(
        Line(device=device, part=part, size_bytes=size, kind=kind)
        for device, size in sizes.items()
        if size
    )
