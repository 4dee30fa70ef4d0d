"""What a model's own layers for further tokens (MTP) take: a second context on the same weights."""

from collections import Counter
from dataclasses import replace

from corral.plan.keys import Keys
from corral.plan.kv import kv_bytes
from corral.plan.layers import LayerMemory, ModelMemory
from corral.plan.options import ContextOptions
from corral.plan.placement import Placement

# Those whose further layers Corral was tried with, on tiny models.
FURTHER_ARCHITECTURES = (
    "cohere2moe",
    "deepseek2",
    "deepseek32",
    "glm-dsa",
    "glm4moe",
    "hy_v3",
    "step35",
)
_F32_BYTES = 4


def further_context(context: ContextOptions) -> ContextOptions:
    """Return the context of the further layers: as long, with a row of logits for a sequence."""
    most = max(context.n_ubatch, context.n_seq_max) + 1
    return replace(context, n_batch=max(context.n_batch, most), n_outputs_max=context.n_seq_max)


def further_kv_bytes(
    keys: Keys, memory: ModelMemory, placement: Placement, context: ContextOptions
) -> dict[str, int]:
    """Return the caches of the further layers on each device.

    They are as wide as the last own block's, without a window or an index.
    """
    own = max(0, keys.own_count)
    if own >= keys.count:
        return {}
    caches = (replace(cache, is_windowed=False) for cache in memory.layers[own - 1].caches[:1])
    further = LayerMemory(caches=tuple(caches))
    layers = (LayerMemory(),) * own + (further,) * (keys.count - own)
    return kv_bytes(replace(memory, layers=layers), placement, context)


def further_output_bytes(keys: Keys, vocab_size: int, context: ContextOptions) -> int:
    """Return the logits of the further layers, and the hidden rows, all in main memory.

    Both contexts give out a row for each token of a batch; what was not read yet is kept.
    """
    kept = (context.n_seq_max + 1) * (max(context.n_ubatch, context.n_seq_max) + 1)
    hidden = keys.embedding * (2 * context.n_batch + kept)
    return (hidden + vocab_size * context.n_seq_max) * _F32_BYTES


def summed(*sizes: dict[str, int]) -> dict[str, int]:
    """Return bytes by device, added up."""
    total: Counter[str] = Counter()
    for each in sizes:
        total.update(each)
    return dict(total)
