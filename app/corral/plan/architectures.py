"""What llama.cpp keeps per layer for each architecture, as a table.

The keys of a file decide first; this table holds what llama.cpp has written into its own code:
which layers look through a window, which keep a recurrent state instead of keys and values, which
keep nothing at all.

Source: llama.cpp 0c1e57098 (MIT), the version in llama-cpp-python 0.3.36.
"""

from dataclasses import dataclass
from enum import StrEnum


class Windowed(StrEnum):
    """Which layers look through the sliding window."""

    NONE = "none"
    EVERY = "every"  # all but one in `window_period`; a file may list them instead
    LISTED = "listed"  # those that the file lists, none if it lists none
    ATTENTION = "attention"  # all that have attention
    ALL = "all"


class Recurrent(StrEnum):
    """Which layers keep a recurrent state."""

    NONE = "none"
    ALL = "all"  # and no layer has attention
    BESIDE = "beside"  # all, beside attention
    NO_HEADS = "no_heads"  # those without key-value heads
    NO_HEADS_NO_FFN = "no_heads_no_ffn"  # attention: heads and no feed-forward
    INTERVAL = "interval"  # all but one in `full_attention_interval`, or those listed


class State(StrEnum):
    """What the recurrent state of a layer consists of."""

    SSM = "ssm"
    SSM_UNGROUPED = "ssm_ungrouped"
    WKV = "wkv"
    SHORT_CONV = "short_conv"
    KDA = "kda"
    LIGHTNING = "lightning"


class Indexer(StrEnum):
    """Which layers keep keys of a sparse-attention indexer beside their own."""

    NONE = "none"
    ALL = "all"
    LISTED = "listed"
    POOLED = "pooled"  # attention layers that are listed, three keys where pooling is on
    ATTENTION = "attention"
    AFTER_DENSE = "after_dense"  # with one head of values


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What llama.cpp keeps for the layers of one architecture.

    Attributes:
        has_cache: False for models without any memory between decode calls.
        windowed: Which layers look through the sliding window.
        window_period: One layer in so many is full.
        is_full_first: Whether the first of each period is the full one, else the last.
        window: Window where the file names none; 0 is no window.
        fixed_window: Window that holds whatever the file says, unless that is 0.
        only_block_count: The window exists only in models of this depth; 0 for all.
        recurrent: Which layers keep a recurrent state.
        state: What that state consists of.
        interval: `full_attention_interval` where the file names none.
        has_latent_keys: Whether files with MLA keys store keys only.
        indexer: Which layers keep indexer keys.
        max_cached_layers: Layers beyond use the cache of an earlier one; 0 for no limit.
    """

    has_cache: bool = True
    windowed: Windowed = Windowed.NONE
    window_period: int = 0
    is_full_first: bool = False
    window: int = 0
    fixed_window: int = 0
    only_block_count: int = 0
    recurrent: Recurrent = Recurrent.NONE
    state: State = State.SSM
    interval: int = 4
    has_latent_keys: bool = False
    indexer: Indexer = Indexer.NONE
    max_cached_layers: int = 0


_PLAIN = Architecture()
_NO_CACHE = Architecture(has_cache=False)
_LISTED = Architecture(windowed=Windowed.LISTED)
_LATENT = Architecture(has_latent_keys=True)
_KDA = Architecture(has_latent_keys=True, recurrent=Recurrent.NO_HEADS, state=State.KDA)
_RWKV = Architecture(recurrent=Recurrent.ALL, state=State.WKV)
_DELTA_NET = Architecture(recurrent=Recurrent.INTERVAL)
_NEMOTRON_H = Architecture(recurrent=Recurrent.NO_HEADS_NO_FFN)


def _every(period: int, *, window: int = 0, is_full_first: bool = False) -> Architecture:
    return Architecture(
        windowed=Windowed.EVERY,
        window_period=period,
        window=window,
        is_full_first=is_full_first,
    )


_NO_CACHE_NAMES = """
    bert jina-bert-v2 jina-bert-v3 nomic-bert nomic-bert-moe neo-bert eurobert modern-bert
    gemma-embedding dream llada llada-moe rnd1
"""
_WITHOUT_OUTPUT_NAMES = """
    bert jina-bert-v2 jina-bert-v3 nomic-bert nomic-bert-moe neo-bert eurobert modern-bert
    gemma-embedding t5encoder llama-embed bitnet
"""
_PLAIN_NAMES = """
    arcee arctic apertus baichuan bailingmoe bailingmoe2 bitnet bloom chameleon chatglm codeshell
    cogvlm command-r dbrx deci deepseek dots1 ernie4_5 ernie4_5-moe exaone falcon gemma glm4 glm4moe
    gpt2 gptneox granite granitemoe graniteswitch grok grovemoe hrm_text hunyuan-dense hunyuan-moe
    hunyuan_vl hy_v3 internlm2 jais jais2 llama llama-embed maincoder minicpm minicpm3 minimax-m2
    mistral3 mpt nanbeige nemotron olmo olmoe openelm orion paddleocr pangu-embedded phi2 phi3
    phimoe plamo plm qwen qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3tts qwen3vl qwen3vlmoe refact
    seed_oss smollm3 stablelm starcoder starcoder2 t5 t5encoder talkie xverse
"""

ARCHITECTURES: dict[str, Architecture] = {
    "gemma2": _every(2, window=4096),
    "gemma3": _every(6),
    "gemma3n": Architecture(windowed=Windowed.EVERY, window_period=5, max_cached_layers=20),
    "gemma4": _LISTED,
    "gpt-oss": _every(2),
    "llama4": Architecture(
        windowed=Windowed.EVERY, window_period=4, window=8192, fixed_window=8192
    ),
    "cohere2": _every(4),
    "cohere2moe": _every(4, is_full_first=True),
    "exaone4": Architecture(
        windowed=Windowed.EVERY, window_period=4, window=4096, only_block_count=64
    ),
    "exaone-moe": _every(4, window=128),
    "olmo2": _every(4),
    "afmoe": _every(4),
    "laguna": _every(4, is_full_first=True),
    "plamo3": _every(8),
    "smallthinker": Architecture(
        windowed=Windowed.EVERY,
        window_period=4,
        is_full_first=True,
        window=4096,
        fixed_window=4096,
    ),
    "mellum": _every(4),
    "muse-glimmer": _every(4),
    "mimo2": _LISTED,
    "step35": _LISTED,
    "spark2_5": _LISTED,
    "granite_swa": _LISTED,
    "maple": _LISTED,
    "lfm2": Architecture(
        windowed=Windowed.ATTENTION, recurrent=Recurrent.NO_HEADS, state=State.SHORT_CONV
    ),
    "lfm2moe": Architecture(recurrent=Recurrent.NO_HEADS, state=State.SHORT_CONV),
    "mamba": Architecture(recurrent=Recurrent.ALL, state=State.SSM_UNGROUPED),
    "mamba2": Architecture(recurrent=Recurrent.ALL),
    "rwkv6": _RWKV,
    "rwkv7": _RWKV,
    "rwkv6qwen2": _RWKV,
    "arwkv7": _RWKV,
    "jamba": Architecture(recurrent=Recurrent.NO_HEADS, state=State.SSM_UNGROUPED),
    "plamo2": Architecture(recurrent=Recurrent.NO_HEADS),
    "granitehybrid": Architecture(recurrent=Recurrent.NO_HEADS),
    "nemotron_h": _NEMOTRON_H,
    "nemotron_h_moe": _NEMOTRON_H,
    "falcon-h1": Architecture(recurrent=Recurrent.BESIDE),
    "qwen3next": _DELTA_NET,
    "qwen35": _DELTA_NET,
    "qwen35moe": _DELTA_NET,
    "qwen4exp": Architecture(recurrent=Recurrent.INTERVAL, indexer=Indexer.ATTENTION),
    "minimax-01": Architecture(recurrent=Recurrent.INTERVAL, state=State.LIGHTNING, interval=8),
    "minimax-m3": Architecture(indexer=Indexer.AFTER_DENSE),
    "kimi-linear": _KDA,
    "kimi-k3": _KDA,
    "bailingmoe3": _KDA,
    "glm5-next": Architecture(
        has_latent_keys=True,
        recurrent=Recurrent.NO_HEADS,
        state=State.KDA,
        indexer=Indexer.POOLED,
    ),
    "deepseek2": _LATENT,
    "deepseek2-ocr": _LATENT,
    "mistral4": _LATENT,
    "deepseek32": Architecture(has_latent_keys=True, indexer=Indexer.ALL),
    "glm-dsa": Architecture(has_latent_keys=True, indexer=Indexer.LISTED),
    "hy_v4": Architecture(has_latent_keys=True, indexer=Indexer.LISTED),
    "dots3note": Architecture(
        has_latent_keys=True, windowed=Windowed.LISTED, indexer=Indexer.LISTED
    ),
    "deepseek4": Architecture(windowed=Windowed.ALL),
    **dict.fromkeys(_NO_CACHE_NAMES.split(), _NO_CACHE),
}

# Models that make vectors, not text, and one that multiplies with the input's own embeddings: the
# embeddings are never copied for the output layer.
WITHOUT_OUTPUT = frozenset(_WITHOUT_OUTPUT_NAMES.split())

# Architectures whose every layer keeps full keys and values.
PLAIN = frozenset(_PLAIN_NAMES.split())


def find_architecture(name: str) -> Architecture | None:
    """Return what is known of an architecture, None if nothing is."""
    return _PLAIN if name in PLAIN else ARCHITECTURES.get(name)
