"""What a GPU copies from main memory for each micro-batch, and the room that takes there.

Layers that stay in main memory are still computed by the first GPU when a micro-batch is large:
weights, and keys and values, come one matrix after the other. How the allocator packs the copies
is chance in part; these rules are what it did for the sizes of two dozen well-known models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from corral.plan.kv import context_cells, row_bytes, window_cells
from corral.plan.layers import Cache, ModelMemory
from corral.plan.options import CacheType, ContextOptions
from corral.plan.placement import Placement
from corral.plan.weights import Place, TensorUse
from corral.units import MIB

UNQUANTIZED = (CacheType.F32, CacheType.F16, CacheType.BF16)

# The room of one layer's keys and values is free again for those of the next, or half of it not.
_CACHE_COPIES = 1.25
# From here on a quarter of it is as much as these rules may be off.
_LARGE_CACHE_BYTES = 256 * MIB
# In models with a gated shared expert nothing frees one room for two matrices of experts.
_OUTPUT = (Place.OUTPUT, Place.BOTH)
_SHARED_GATE = ".ffn_gate_inp_shexp."


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """The weights in main memory that a GPU multiplies with.

    Attributes:
        matrix_bytes: The largest of them in a block.
        output_bytes: The output layer's matrix.
        has_shared_gate: Whether the model has a gated shared expert.
    """

    matrix_bytes: int = 0
    output_bytes: int = 0
    has_shared_gate: bool = False

    @classmethod
    def of(cls, uses: Sequence[TensorUse], placement: Placement) -> Self:
        """Return what is streamed of the tensors of a model."""
        blocks = [use for use in uses if use.role.place is Place.BLOCK]
        sizes = (use.tensor.size_bytes for use in blocks if use.device == placement.cpu)
        outputs = (
            use.tensor.size_bytes
            for use in uses
            if use.role.place in _OUTPUT and not use.is_lookup and use.device == placement.cpu
        )
        return cls(
            matrix_bytes=max(sizes, default=0),
            output_bytes=max(outputs, default=0),
            has_shared_gate=any(_SHARED_GATE in use.tensor.name for use in blocks),
        )

    def stage_bytes(
        self,
        memory: ModelMemory,
        placement: Placement,
        context: ContextOptions,
        attending_bytes: int,
        computing_bytes: int,
    ) -> int:
        """Return the widest stage with what is copied for it.

        Args:
            memory: What the layers keep.
            placement: Where they are.
            context: The context.
            attending_bytes: The stage that reads the cache.
            computing_bytes: The stage that multiplies with the largest matrices.
        """
        computing, cache = (
            computing_bytes + self.matrix_bytes,
            _cache_bytes(memory, context, placement),
        )
        if not cache:
            again = self.matrix_bytes if self.has_shared_gate else 0
            return max(attending_bytes, computing + again)
        # The next layer's cache comes before the room of the last matrix can be used again.
        is_late = context.kv_type in UNQUANTIZED or _is_latent(memory)
        beside = cache + (self.matrix_bytes if is_late else 0)
        copies = 1.0 if _is_sparse(memory) else _CACHE_COPIES
        return max(computing, attending_bytes + max(beside, int(copies * cache)))


NOTHING_STREAMED = Streamed()


def is_streamed(placement: Placement) -> bool:
    """Whether layers stay in main memory: a GPU, if there is one, copies them for each batch."""
    is_partial = placement.cpu in (*placement.blocks, placement.output)
    return is_partial or placement.cpu_expert_layers > 0 or bool(placement.overrides)


def is_left_to_chance(memory: ModelMemory, placement: Placement, context: ContextOptions) -> bool:
    """Whether it matters how the allocator packs the copies.

    It does where a large cache is copied, and on a GPU that holds nothing else.
    """
    is_bare = all(device == placement.cpu for device in placement.blocks)
    return is_bare or _cache_bytes(memory, context, placement) > _LARGE_CACHE_BYTES


def _cache_bytes(memory: ModelMemory, context: ContextOptions, placement: Placement) -> int:
    """Return the largest keys and values of a layer whose cache is in main memory."""
    return max(
        (
            _copied_bytes(cache, memory.window, context)
            for device, layer in zip(placement.blocks, memory.layers, strict=True)
            if device == placement.cpu
            for cache in layer.caches
        ),
        default=0,
    )


def _copied_bytes(cache: Cache, window: int, context: ContextOptions) -> int:
    """Return what is copied of a cache; values that are a part of the keys are copied once more."""
    if cache.is_windowed:
        cells = window_cells(window, context, context.n_seq_max)
    else:
        cells = context_cells(context) // cache.tokens_per_cell
    keys = row_bytes(context.kv_type, cache.keys)
    return cells * (keys + (row_bytes(context.value_type, cache.values) or keys))


def _is_latent(memory: ModelMemory) -> bool:
    return any(cache.keys and not cache.values for layer in memory.layers for cache in layer.caches)


def _is_sparse(memory: ModelMemory) -> bool:
    """Whether layers with a cache for all tokens stand alone, at least two others between them."""
    full = [any(not cache.is_windowed for cache in layer.caches) for layer in memory.layers]
    return not any(full[i] and (full[i + 1] or full[i + 2]) for i in range(len(full) - 2))
