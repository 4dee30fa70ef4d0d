"""A plan by formulas: at once, without llama.cpp, for any machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from corral.gguf.header import Header
from corral.plan.companions import (
    ALONE,
    Companions,
    adapter_lines,
    as_draft,
    draft_options,
    projector_lines,
)
from corral.plan.compute import compute_bytes, is_unusual
from corral.plan.further import (
    further_context,
    further_kv_bytes,
    further_output_bytes,
    summed,
)
from corral.plan.keys import Keys
from corral.plan.kv import CELL_MULTIPLE, kv_bytes
from corral.plan.layers import ModelMemory, model_memory
from corral.plan.machine import Machine
from corral.plan.options import (
    GUESSED_TOKENS,
    ContextOptions,
    FlashAttention,
    LoadMode,
    LoadOptions,
)
from corral.plan.placement import Placement, chosen_machine, layer_count, place_by
from corral.plan.plan import Kind, Line, Part, Plan, Verdict
from corral.plan.streaming import Streamed, is_left_to_chance, is_streamed
from corral.plan.weights import device_weights, tensor_roles, tensor_uses

# Longer contexts cost memory and time that few conversations need.
DEFAULT_CONTEXT_TOKENS = 8192
# A model that fits nowhere is still planned with some context, to show what is missing.
SMALLEST_CONTEXT_TOKENS = 512
# Longest context tried for a model that does not say what it was trained for.
_LONGEST_CONTEXT_TOKENS = 1 << 20

# A mapped file counts with its gaps; up to this it is still the better way.
_TOLERATED_GAPS = 1.1

_F32_BYTES = 4
# No machine has more.
_MOST_BYTES = 1 << 60
_NO_CONTEXT = ContextOptions()


def plan_by_formula(header: Header, options: LoadOptions, machine: Machine) -> Plan:
    """Return what loading takes.

    Weights, KV cache and output buffer are exact for known architectures, compute buffers about
    ±10 %, and no more than assumed where a GPU copies large caches from main memory. Of an unknown
    architecture cache and compute buffers are unknown.

    Args:
        header: Of the model file.
        options: How it is to be loaded.
        machine: Where; may be one that does not exist.
    """
    return Formula(header).plan(options, machine)


class Formula:
    """The formulas for one model: what does not change from plan to plan is found once.

    Attributes:
        header: Of the model file.
        beside: What is loaded beside it.
        roles: What its tensors are.
        memory: What its layers keep.

    Thread: one at a time.
    """

    def __init__(self, header: Header, beside: Companions = ALONE) -> None:
        self.header = header
        self.beside = beside
        self._draft = Formula(beside.drafts[0]) if beside.drafts else None
        self.roles = tensor_roles(header)
        self.memory = model_memory(header)
        self._fixed: tuple[tuple[LoadOptions, Machine], _FixedPart] | None = None

    @property
    def n_blocks(self) -> int:
        """Blocks of the model."""
        return len(self.memory.layers)

    def plan(self, options: LoadOptions, machine: Machine) -> Plan:
        """Return what loading takes; see `plan_by_formula`."""
        plan = _plan(self._fixed_part(options, machine), options, machine)
        return self._with_draft(plan) if self._draft else plan

    def companion_lines(
        self, options: LoadOptions, machine: Machine, *parts: Part
    ) -> tuple[Line, ...]:
        """Return what some of the companions take: those that are loaded with the model."""
        plan = self.plan(options, machine)
        return tuple(line for line in plan.lines if line.part in parts)

    def placement(self, options: LoadOptions, machine: Machine) -> Placement:
        """Return where the blocks go."""
        return place_by(options, self.n_blocks, machine)

    def largest_context(self, machine: Machine, options: LoadOptions) -> int:
        """Return the longest context that fits; see the function of that name."""
        limit = self.header.context_length or _LONGEST_CONTEXT_TOKENS
        low, high = 0, -(-limit // CELL_MULTIPLE)
        while low < high:
            middle = (low + high + 1) // 2
            tried = _with_context(options, min(middle * CELL_MULTIPLE, limit))
            if self.plan(tried, machine).verdict is Verdict.OVER:
                high = middle - 1
            else:
                low = middle
        return min(low * CELL_MULTIPLE, limit)

    def _with_draft(self, plan: Plan) -> Plan:
        assert self._draft
        drafted = self._draft.plan(draft_options(plan.options), plan.machine)
        unknown = (*plan.unknown, *((Part.DRAFT,) if drafted.unknown else ()))
        return replace(plan, lines=(*plan.lines, *as_draft(drafted.lines)), unknown=unknown)

    def _fixed_part(self, options: LoadOptions, machine: Machine) -> _FixedPart:
        """Return what does not change with the context; the next question is mostly of the same."""
        key = (replace(options, context=_NO_CONTEXT), machine)
        if self._fixed is None or self._fixed[0] != key:
            placement = self.placement(options, machine)
            used = chosen_machine(options, machine)
            weights = device_weights(
                self.header, placement, options.load_mode, used, self.roles, is_mtp=options.mtp
            )
            uses = tuple(tensor_uses(self.roles, Keys(self.header).own_count, placement))
            allocated = {name: weight.allocated_bytes for name, weight in weights.items()}
            mapped = {name: weight.mapped_bytes for name, weight in weights.items()}
            fixed = _FixedPart(
                header=self.header,
                placement=placement,
                memory=self.memory,
                streamed=Streamed.of(uses, placement),
                weights=(
                    *_lines(Part.WEIGHTS, allocated, Kind.FORMULA),
                    *_lines(Part.MAPPED, mapped, Kind.FORMULA),
                    *projector_lines(self.beside.projectors, options, machine),
                    *adapter_lines(self.beside.adapters, uses, machine.cpu.name),
                ),
            )
            self._fixed = key, fixed
        return self._fixed[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _FixedPart:
    """What does not change with the context; `weights` has the projector and adapters too."""

    header: Header
    placement: Placement
    memory: ModelMemory
    streamed: Streamed
    weights: tuple[Line, ...]


def _plan(fixed: _FixedPart, options: LoadOptions, machine: Machine) -> Plan:
    header, memory, context = fixed.header, fixed.memory, options.context
    output = {machine.cpu.name: output_bytes(header, context)}
    lines = (*fixed.weights, *_lines(Part.OUTPUT, output, Kind.FORMULA))
    if not memory.is_known:
        return plan_of_lines(header, options, machine, lines, (Part.KV, Part.COMPUTE))
    used = chosen_machine(options, machine)
    compute = compute_bytes(header, memory, fixed.placement, context, used, fixed.streamed)
    is_odd = is_unusual(context) or bool(fixed.placement.overrides)
    # What is streamed was measured with flash attention.
    is_flash = context.flash_attention is not FlashAttention.OFF
    is_odd |= bool(used.gpus) and not is_flash and is_streamed(fixed.placement)
    guessed = {device.name for device in machine.devices if is_odd}
    if used.gpus and is_left_to_chance(memory, fixed.placement, context):
        guessed.add(used.gpus[0].name)
    if options.mtp:
        lines = (*lines, *_further_lines(fixed, context, machine, compute))
    lines = (
        *lines,
        *_lines(Part.KV, kv_bytes(memory, fixed.placement, context), Kind.FORMULA),
        *(
            replace(line, kind=Kind.ASSUMED) if line.device in guessed else line
            for line in _lines(Part.COMPUTE, compute, Kind.FORMULA)
        ),
    )
    return plan_of_lines(header, options, machine, lines)


def _further_lines(
    fixed: _FixedPart, context: ContextOptions, machine: Machine, compute: Mapping[str, int]
) -> tuple[Line, ...]:
    """Return what the context of the layers for further tokens takes.

    Its compute buffers are taken to be as large as the model's own.
    """
    keys, further = Keys(fixed.header), further_context(context)
    kv = further_kv_bytes(keys, fixed.memory, fixed.placement, further)
    rows = further_output_bytes(keys, fixed.header.vocab_size, further)
    kept = summed(kv, {machine.cpu.name: rows})
    return (
        *_lines(Part.DRAFT, kept, Kind.FORMULA),
        *_lines(Part.DRAFT, compute, Kind.ASSUMED),
    )


def plan_of_lines(
    header: Header,
    options: LoadOptions,
    machine: Machine,
    lines: tuple[Line, ...],
    unknown: tuple[Part, ...] = (),
) -> Plan:
    """Return the plan that some figures make, with `n_gpu_layers` as a real number of layers.

    Parts with senseless figures are unknown: the header they come from may be anybody's.
    """
    odd = {line.part for line in lines if not 0 <= line.size_bytes < _MOST_BYTES}
    lines = tuple(line for line in lines if line.part not in odd)
    unknown = (*unknown, *(part for part in Part if part in odd and part not in unknown))
    n_blocks = Keys(header).count
    n_layers = layer_count(options.n_gpu_layers, n_blocks, chosen_machine(options, machine))
    planned = replace(options, n_gpu_layers=n_layers)
    return Plan(
        options=planned, machine=machine, lines=lines, n_layers=n_blocks + 1, unknown=unknown
    )


def output_bytes(header: Header, context: ContextOptions) -> int:
    """Return the output buffer: a row of logits for each output, in main memory."""
    return header.vocab_size * max(context.n_outputs_max, context.n_seq_max) * _F32_BYTES


def default_options(
    header: Header, machine: Machine, n_sequences: int = 1, beside: Companions = ALONE
) -> LoadOptions:
    """Return how a model is loaded if nobody says otherwise.

    As many layers go to GPUs as fit; the file is mapped unless most of it would be copied anyway;
    the context is the trained one, at most `DEFAULT_CONTEXT_TOKENS` and what fits.

    Args:
        header: Of the model file.
        machine: Where.
        n_sequences: Sequences side by side.
        beside: What is loaded with it.
    """
    formula = Formula(header, beside)
    trained = header.context_length or DEFAULT_CONTEXT_TOKENS
    options = LoadOptions(
        context=ContextOptions(n_seq_max=n_sequences, n_outputs_max=n_sequences + GUESSED_TOKENS)
    )
    options = _with_context(options, min(trained, DEFAULT_CONTEXT_TOKENS))
    options = _with_most_layers(formula, machine, options)
    options = replace(options, load_mode=_better_mode(formula, machine, options))
    fitting = formula.largest_context(machine, options)
    wanted = max(min(options.context.n_ctx, fitting), min(SMALLEST_CONTEXT_TOKENS, trained))
    return _with_context(options, wanted)


def largest_context(header: Header, machine: Machine, options: LoadOptions) -> int:
    """Return the longest context, up to the trained one, whose plan is within the budget.

    Returns:
        Tokens, a multiple of 256 or the trained length; 0 if no context fits.
    """
    return Formula(header).largest_context(machine, options)


def _with_most_layers(formula: Formula, machine: Machine, options: LoadOptions) -> LoadOptions:
    low, high = 0, layer_count(options.n_gpu_layers, formula.n_blocks, machine)
    while low < high:
        middle = (low + high + 1) // 2
        plan = formula.plan(replace(options, n_gpu_layers=middle), machine)
        if any(plan.size_bytes(gpu.name) > plan.budget_bytes(gpu) for gpu in machine.gpus):
            high = middle - 1
        else:
            low = middle
    return replace(options, n_gpu_layers=low)


def _better_mode(formula: Formula, machine: Machine, options: LoadOptions) -> LoadMode:
    """Return how to load: mapped pages of weights that are repacked are memory spent twice."""
    mapped, read = (
        formula.plan(replace(options, load_mode=mode), machine).total_bytes
        for mode in (LoadMode.MMAP, LoadMode.NONE)
    )
    return LoadMode.NONE if mapped > read * _TOLERATED_GAPS else LoadMode.MMAP


def _with_context(options: LoadOptions, n_ctx: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_ctx=n_ctx))


def _lines(part: Part, sizes: Mapping[str, int], kind: Kind) -> tuple[Line, ...]:
    return tuple(
        Line(device=device, part=part, size_bytes=size, kind=kind)
        for device, size in sizes.items()
        if size
    )
