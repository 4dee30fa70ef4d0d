"""Bytes of the compute buffers: the working memory of one micro-batch. About ±10 %.

llama.cpp packs all intermediate results of its largest graph into one buffer for each device, so
only its own allocator knows the exact size. These formulas find the widest stage of the graph.
Widths are numbers of F32 values for each token of a micro-batch.
"""

from dataclasses import dataclass

from corral.gguf.header import Header
from corral.plan.keys import Keys
from corral.plan.kv import context_cells, micro_batch, seen_cells, window_cells
from corral.plan.layers import Cache, ModelMemory
from corral.plan.machine import Machine
from corral.plan.options import ContextOptions, FlashAttention
from corral.plan.placement import Placement
from corral.plan.streaming import NOTHING_STREAMED, UNQUANTIZED, Streamed, is_streamed

_F32_BYTES = 4
_F16_BYTES = 2
_INDEX_BYTES = 8
# For fewer rows a GPU does not fetch the output layer from main memory.
_STREAMED_ROWS = 32
# Positions, indices and the like.
_SMALL_WIDTH = 6
# With several GPUs so many micro-batches are on their way at once, each with inputs of its own.
_PIPELINE_COPIES = 4
# What the first, the last and the other cards need for it besides, in hidden states: later ones
# take over what the card before hands on. Measured for layers with a cache and with a state.
_CACHE_ROOM = (0, _PIPELINE_COPIES, _PIPELINE_COPIES)
_STATE_ROOM = (7, 19.5, 27.5)
# The gated activation of the others is one matrix wider.
_TWO_MATRIX_EXPERTS = "gpt-oss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Sizes of the parts of the largest graph.

    Attributes:
        stage_bytes: The widest stage of a block, without its inputs.
        output_bytes: The stage of the output layer.
        n_outputs: Rows of logits.
        embedding_bytes: One hidden state of a micro-batch.
        mask_bytes: The attention masks.
        attending_bytes: The stage that reads the cache.
        computing_bytes: The stage that multiplies with the largest matrices.
    """

    stage_bytes: int
    output_bytes: int
    n_outputs: int
    embedding_bytes: int
    mask_bytes: int
    attending_bytes: int
    computing_bytes: int


def compute_bytes(
    header: Header,
    memory: ModelMemory,
    placement: Placement,
    context: ContextOptions,
    machine: Machine,
    streamed: Streamed = NOTHING_STREAMED,
) -> dict[str, int]:
    """Return the compute buffer of each device.

    Args:
        header: Of the model file.
        memory: What its layers keep.
        placement: Where the blocks go.
        context: The context.
        machine: Where.
        streamed: What is copied to a GPU for each micro-batch.
    """
    graph = _graph(header, memory, context, has_gpu=bool(machine.gpus))
    cpu, embedding, mask = placement.cpu, graph.embedding_bytes, graph.mask_bytes
    if not machine.gpus:
        return {cpu: max(graph.stage_bytes + mask, graph.output_bytes) + embedding}
    gpus = list(dict.fromkeys(x for x in (*placement.blocks, placement.output) if x != cpu))
    is_piped = len(gpus) > 1 and not is_streamed(placement)
    sizes = (
        _piped(graph, memory, gpus) if is_piped else dict.fromkeys(gpus, graph.stage_bytes + mask)
    )
    if is_streamed(placement):
        stage = streamed.stage_bytes(
            memory, placement, context, graph.attending_bytes, graph.computing_bytes
        )
        sizes[machine.gpus[0].name] = max(graph.stage_bytes, stage) + mask
    output = graph.output_bytes
    if graph.n_outputs >= _STREAMED_ROWS:
        output += streamed.output_bytes
    last = placement.output if placement.output != cpu else machine.gpus[0].name
    if is_piped:  # all inputs stay until the end
        sizes[last] += max(0, output - graph.stage_bytes)
        return {cpu: _PIPELINE_COPIES * (embedding + mask) + embedding, **sizes}
    sizes[last] = max(sizes.get(last, 0), output)
    return {cpu: 2 * embedding + mask, **sizes}


def _piped(graph: Graph, memory: ModelMemory, gpus: list[str]) -> dict[str, int]:
    """Return what several GPUs need that work on several micro-batches at once."""
    first, later, middle = _STATE_ROOM if _is_state_only(memory) else _CACHE_ROOM
    base = graph.stage_bytes + _PIPELINE_COPIES * (graph.embedding_bytes + graph.mask_bytes)
    sizes = dict.fromkeys(gpus, base + int(middle * graph.embedding_bytes))
    sizes[gpus[-1]] = base + int(later * graph.embedding_bytes)
    sizes[gpus[0]] = base + int(first * graph.embedding_bytes)
    return sizes


def is_unusual(context: ContextOptions) -> bool:
    """Whether the context computes attention in a way that the formulas do not follow."""
    return not context.offload_kqv or not context.op_offload


def _graph(header: Header, memory: ModelMemory, context: ContextOptions, *, has_gpu: bool) -> Graph:
    keys, u = Keys(header), micro_batch(context)
    caches = [cache for layer in memory.layers for cache in layer.caches]
    attention = max(keys.heads, default=0) * keys.key_length
    base = 2 * keys.embedding + attention + _SMALL_WIDTH
    width = _F32_BYTES * u
    scratch = _scratch_bytes(caches, context) if has_gpu else 0
    outputs = min(u, max(context.n_outputs_max, context.n_seq_max))
    attending = width * 4 * attention + scratch
    if context.flash_attention is FlashAttention.OFF:
        attending = width * (_score_width(keys, context) + 4 * attention)
    stages = (
        width * (_feed_forward_width(keys) + base),
        width * _state_space_width(keys) + _F32_BYTES * _state_size(keys),
        attending,
    )
    return Graph(
        stage_bytes=max(stages),
        n_outputs=outputs,
        output_bytes=_F32_BYTES * outputs * (header.vocab_size + keys.embedding),
        embedding_bytes=width * keys.embedding,
        mask_bytes=_mask_bytes(memory, context),
        attending_bytes=attending,
        computing_bytes=width * (_streamed_width(keys) + base),
    )


def _is_state_only(memory: ModelMemory) -> bool:
    return all(layer.state and not layer.caches for layer in memory.layers)


def _state_space_width(keys: Keys) -> int:
    """Return the width of a state space's inputs, their convolution and its result."""
    inner, size = keys.integer("ssm.inner_size"), keys.integer("ssm.state_size")
    if not inner or keys.integer("full_attention_interval"):  # delta nets are narrower than the FFN
        return 0
    mixed = inner + 2 * keys.integer("ssm.group_count") * size
    projected = inner + mixed + keys.integer("ssm.time_step_rank")
    return keys.embedding + projected + 3 * mixed + inner


def _state_size(keys: Keys) -> int:
    return keys.integer("ssm.inner_size") * keys.integer("ssm.state_size")


def _feed_forward_width(keys: Keys) -> int:
    dense = 3 * max(keys.header.per_layer("feed_forward_length", 0), default=0)
    used = keys.integer("expert_used_count")
    if not used:
        return dense
    matrices = 2 if keys.header.architecture == _TWO_MATRIX_EXPERTS else 3
    experts = used * (matrices * _expert_width(keys) + keys.embedding)
    is_mixed = keys.integer("leading_dense_block_count") > 0
    return max(experts, dense) if is_mixed else experts


def _streamed_width(keys: Keys) -> int:
    """Return the width while the largest matrix is used: the last but one, or the experts' last."""
    used = keys.integer("expert_used_count")
    if used:
        return used * (_expert_width(keys) + keys.embedding)
    return 2 * (max(keys.header.per_layer("feed_forward_length", 0), default=0) + keys.embedding)


def _expert_width(keys: Keys) -> int:
    dense = max(keys.header.per_layer("feed_forward_length", 0), default=0)
    return keys.integer("expert_feed_forward_length") or dense


def _score_width(keys: Keys, context: ContextOptions) -> int:
    """Return the width of the matrix of all scores, which only flash attention does without."""
    return max(keys.heads, default=0) * seen_cells(context)


def _mask_bytes(memory: ModelMemory, context: ContextOptions) -> int:
    """Return the attention masks: one for full layers, one for windowed ones.

    They are in F16 for flash attention. Without it they are in F32, and where values go, which lie
    across then, is an input too.
    """
    kinds = {cache.is_windowed for layer in memory.layers for cache in layer.caches}
    cells = 0
    if False in kinds:
        cells += seen_cells(context)
    if True in kinds:
        streams = 1 if context.kv_unified else context.n_seq_max
        cells += window_cells(memory.window, context, context.n_seq_max // streams)
    if context.flash_attention is not FlashAttention.OFF:
        return _F16_BYTES * cells * micro_batch(context)
    values = max((cache.values for layer in memory.layers for cache in layer.caches), default=0)
    indices = _INDEX_BYTES * values * len(kinds)
    return (_F32_BYTES * cells + indices) * micro_batch(context)


def _scratch_bytes(caches: list[Cache], context: ContextOptions) -> int:
    """Return the room in which a GPU unpacks one layer's quantized keys and values to F16."""
    types = (context.kv_type, context.value_type)
    is_packed, are_packed = (kv_type not in UNQUANTIZED for kv_type in types)
    width = max((is_packed * cache.keys + are_packed * cache.values for cache in caches), default=0)
    return _F16_BYTES * context_cells(context) * width
