"""Bytes of the KV cache and the recurrent state, layer by layer."""

from collections import Counter
from collections.abc import Iterator

from corral.plan.alignment import GPU_ALIGNMENT, padded, row_padding_bytes
from corral.plan.layers import Cache, ModelMemory
from corral.plan.options import CacheType, ContextOptions
from corral.plan.placement import Placement

CELL_MULTIPLE = 256
_F32_BYTES = 4

# Elements of one block, and its bytes.
_BLOCKS: dict[CacheType, tuple[int, int]] = {
    CacheType.F32: (1, 4),
    CacheType.F16: (1, 2),
    CacheType.BF16: (1, 2),
    CacheType.Q8_0: (32, 34),
    CacheType.Q5_1: (32, 24),
    CacheType.Q5_0: (32, 22),
    CacheType.Q4_1: (32, 20),
    CacheType.Q4_0: (32, 18),
}


def row_bytes(kv_type: CacheType, elements: int) -> int:
    """Return the bytes of one row of keys or values."""
    block, size = _BLOCKS[kv_type]
    return elements // block * size


def context_cells(context: ContextOptions) -> int:
    """Return the cells that a cache really has: each sequence's length, padded by llama.cpp."""
    return padded(context.n_ctx, CELL_MULTIPLE) * context.n_seq_max


def seen_cells(context: ContextOptions) -> int:
    """Return the cells that a token can look at: all of the common cache, or its sequence's own."""
    return context_cells(context) // (1 if context.kv_unified else context.n_seq_max)


def micro_batch(context: ContextOptions) -> int:
    """Return the tokens of one micro-batch: never more than a batch or the context."""
    return min(context.n_ubatch, context.n_batch, context_cells(context))


def window_cells(window: int, context: ContextOptions, n_sequences: int) -> int:
    """Return the cells of windowed layers: the window, and room for one micro-batch."""
    all_cells = context_cells(context) * n_sequences // context.n_seq_max
    if context.swa_full:
        return all_cells
    return padded(min(all_cells, window * n_sequences + micro_batch(context)), CELL_MULTIPLE)


def kv_bytes(model: ModelMemory, placement: Placement, context: ContextOptions) -> dict[str, int]:
    """Return what the layers of each device keep in a context: keys, values, recurrent state."""
    sizes: Counter[str] = Counter()
    for device, cached, state in block_bytes(model, placement, context):
        sizes[device] += cached + state
    return dict(sizes)


def block_bytes(
    model: ModelMemory, placement: Placement, context: ContextOptions
) -> Iterator[tuple[str, int, int]]:
    """Yield for each block the device with its cache, its keys and values, and its state."""
    for device, layer in zip(placement.blocks, model.layers, strict=True):
        holder = device if context.offload_kqv else placement.cpu
        caches = (_cache_bytes(cache, model.window, context, holder) for cache in layer.caches)
        yield holder, sum(caches), layer.state * _F32_BYTES * context.n_seq_max


def _cache_bytes(cache: Cache, window: int, context: ContextOptions, device: str) -> int:
    copies = context.n_seq_max if cache.is_per_sequence or not context.kv_unified else 1
    if cache.is_windowed:
        n_cells = window_cells(window, context, context.n_seq_max // copies)
    else:
        n_cells = context_cells(context) // (1 if cache.is_per_sequence else copies)
    if cache.tokens_per_cell > 1:
        n_cells = padded(-(-n_cells // cache.tokens_per_cell), CELL_MULTIPLE)
    size = 0
    for kv_type, width in ((context.kv_type, cache.keys), (context.value_type, cache.values)):
        if width:
            matrix = copies * n_cells * row_bytes(kv_type, width)
            padding = row_padding_bytes(device, width, *_BLOCKS[kv_type])
            size += padded(matrix + padding, GPU_ALIGNMENT)
    return size
