"""What each layer of a model keeps between decode calls, in numbers of elements.

The rules were checked against llama.cpp's dry run for every architecture it knows.
"""

from dataclasses import dataclass

from corral.gguf.header import Header
from corral.plan.architectures import (
    Architecture,
    Indexer,
    Recurrent,
    Windowed,
    find_architecture,
)
from corral.plan.keys import Keys
from corral.plan.state import compressor_elements, ple_elements, state_elements

_COMPRESSED = "deepseek4"
# Elements of a cell or a state: a thousand times what the largest models have.
_MOST_ELEMENTS = 1 << 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Keys and values that a layer keeps for the tokens of a context.

    Attributes:
        keys: Elements of the keys of one cell.
        values: Elements of the values of one cell.
        is_windowed: Whether there are only the cells of the sliding window.
        tokens_per_cell: More than 1 where tokens are compressed into one cell.
        is_per_sequence: Whether each sequence has a cache of its own.
    """

    keys: int
    values: int = 0
    is_windowed: bool = False
    tokens_per_cell: int = 1
    is_per_sequence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerMemory:
    """What one layer keeps.

    Attributes:
        caches: Its caches, none for a layer without attention.
        state: Elements of its recurrent state, for each sequence.
    """

    caches: tuple[Cache, ...] = ()
    state: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMemory:
    """What the layers of a model keep.

    Attributes:
        layers: One for each block.
        window: Tokens that the windowed layers see, 0 if there are none.
        is_known: False when the architecture is not in the table, or its keys make no sense; the
            layers are then a guess.
    """

    layers: tuple[LayerMemory, ...]
    window: int
    is_known: bool


def model_memory(header: Header) -> ModelMemory:
    """Return what the layers of a model keep, from its keys."""
    found = find_architecture(header.architecture)
    known = found or Architecture()
    keys = Keys(header)
    window = _window(keys, known)
    if not known.has_cache:
        layers: tuple[LayerMemory, ...] = (LayerMemory(),) * keys.count
    elif header.architecture == _COMPRESSED:
        layers = _compressed_layers(keys)
    else:
        layers = _layers(keys, known, window)
    is_known = found is not None and all(map(_is_sound, layers)) and window >= 0
    return ModelMemory(layers=layers, window=window, is_known=is_known)


def _is_sound(layer: LayerMemory) -> bool:
    """Whether a layer keeps what one can keep: of a file that says otherwise nothing is known."""
    sizes = (size for cache in layer.caches for size in (cache.keys, cache.values))
    return 0 <= layer.state < _MOST_ELEMENTS and all(0 <= x < _MOST_ELEMENTS for x in sizes)


def _window(keys: Keys, known: Architecture) -> int:
    if known.windowed is Windowed.NONE:
        return 0
    if known.only_block_count and keys.own_count != known.only_block_count:
        return 0
    window = keys.integer("attention.sliding_window", known.window)
    return known.fixed_window if window and known.fixed_window else window


def _layers(keys: Keys, known: Architecture, window: int) -> tuple[LayerMemory, ...]:
    has_state = _with_state(keys, known)
    has_attention = _with_attention(keys, known, has_state)
    is_windowed = _windowed(keys, known) if window else [False] * keys.count
    has_index = _indexed(keys, known, has_attention)
    state, ple = state_elements(keys, known.state), ple_elements(keys)
    return tuple(
        LayerMemory(
            caches=(
                *((_own_cache(keys, known, i, is_windowed[i]),) if has_attention[i] else ()),
                *((_index_cache(keys, known),) if has_index[i] else ()),
            ),
            state=state + ple.get(i, 0) if has_state[i] else 0,
        )
        for i in range(keys.count)
    )


def _with_state(keys: Keys, known: Architecture) -> list[bool]:
    blocks = range(keys.count)
    match known.recurrent:
        case Recurrent.NONE:
            return [False] * keys.count
        case Recurrent.ALL | Recurrent.BESIDE:
            return [True] * keys.count
        case Recurrent.NO_HEADS:
            return [keys.kv_heads[i] == 0 for i in blocks]
        case Recurrent.NO_HEADS_NO_FFN:
            ffn = keys.header.per_layer("feed_forward_length", 0)
            return [keys.kv_heads[i] == 0 and ffn[i] == 0 and i < keys.own_count for i in blocks]
        case Recurrent.INTERVAL:
            interval = keys.integer("full_attention_interval", known.interval) or 1
            listed = keys.flags("attention.recurrent_layers", 0)
            return listed or [i < keys.own_count and (i + 1) % interval != 0 for i in blocks]


def _with_attention(keys: Keys, known: Architecture, has_state: list[bool]) -> list[bool]:
    if known.max_cached_layers:
        cached = min(known.max_cached_layers, keys.own_count)
    else:
        cached = keys.own_count - keys.integer("attention.shared_kv_layers")
    blocks = range(keys.count)
    if known.recurrent is Recurrent.BESIDE:
        return [i < cached for i in blocks]
    ffn = keys.header.per_layer("feed_forward_length", 0)
    is_split = known.recurrent is Recurrent.NO_HEADS_NO_FFN
    return [i < cached and not has_state[i] and not (is_split and ffn[i]) for i in blocks]


def _windowed(keys: Keys, known: Architecture) -> list[bool]:
    key = "attention.sliding_window_pattern"
    if known.windowed is Windowed.ATTENTION:
        return [heads != 0 for heads in keys.kv_heads]
    listed = keys.flags(key, 0)
    period = keys.integer(key, known.window_period)
    if listed is not None or not period:
        return listed or [False] * keys.count
    full = 0 if known.is_full_first else period - 1
    return [i % period != full and i < keys.own_count for i in range(keys.count)]


def _own_cache(keys: Keys, known: Architecture, i: int, is_windowed: bool) -> Cache:  # noqa: FBT001 (an attribute of the layer)
    suffix = "_swa" if is_windowed else ""
    k = keys.integer(f"attention.key_length{suffix}", keys.key_length)
    v = keys.integer(f"attention.value_length{suffix}", keys.value_length)
    is_latent = known.has_latent_keys and keys.integer("attention.key_length_mla") > 0
    heads = keys.kv_heads[i]
    return Cache(keys=k * heads, values=0 if is_latent else v * heads, is_windowed=is_windowed)


def _indexed(keys: Keys, known: Architecture, has_attention: list[bool]) -> list[bool]:
    listed = keys.flags("attention.indexer.types", 1) or [True] * keys.count
    blocks = range(keys.count)
    match known.indexer:
        case Indexer.NONE:
            return [False] * keys.count
        case Indexer.ALL:
            return [i < keys.own_count for i in blocks]
        case Indexer.LISTED:
            return [i < keys.own_count and listed[i] for i in blocks]
        case Indexer.POOLED:
            return [has_attention[i] and listed[i] for i in blocks]
        case Indexer.ATTENTION:
            return has_attention
        case Indexer.AFTER_DENSE:
            dense = keys.integer("leading_dense_block_count")
            return [dense <= i < keys.own_count for i in blocks]


def _index_cache(keys: Keys, known: Architecture) -> Cache:
    width = keys.integer("attention.indexer.key_length")
    if known.indexer is Indexer.POOLED and keys.integer("attention.indexer.kpool"):
        width *= 3
    values = keys.value_length if known.indexer is Indexer.AFTER_DENSE else 0
    return Cache(keys=width, values=values)


def _compressed_layers(keys: Keys) -> tuple[LayerMemory, ...]:
    """Return DeepSeek V4's layers: windowed raw keys, and compressed ones on some layers."""
    ratios = keys.header.per_layer("attention.compress_ratios", 0)
    widths = {
        4: (keys.key_length, keys.integer("attention.indexer.key_length")),
        128: (keys.key_length,),
    }
    return tuple(
        LayerMemory(
            caches=(
                Cache(
                    keys=keys.key_length * keys.kv_heads[i], is_windowed=True, is_per_sequence=True
                ),
                *(
                    Cache(keys=width, tokens_per_cell=ratios[i], is_per_sequence=True)
                    for width in widths.get(ratios[i], ())
                ),
            ),
            state=compressor_elements(keys, ratios[i]),
        )
        for i in range(keys.count)
    )
