"""Elements of the recurrent state that one layer keeps for one sequence. Always F32."""

from corral.plan.architectures import State
from corral.plan.keys import Keys


def state_elements(keys: Keys, state: State) -> int:
    """Return the elements of a layer's state: the last inputs of its convolution, and the sum."""
    n = keys.integer
    match state:
        case State.SSM | State.SSM_UNGROUPED:
            groups = n("ssm.group_count") if state is State.SSM else 0
            size, inner = n("ssm.state_size"), n("ssm.inner_size")
            return (n("ssm.conv_kernel") - 1) * (inner + 2 * groups * size) + size * inner
        case State.WKV:
            return keys.embedding * (n("token_shift_count", 2) + n("wkv.head_size"))
        case State.SHORT_CONV:
            return keys.embedding * (n("shortconv.l_cache") - 1)
        case State.KDA:
            size = n("kda.head_dim")
            return keys.first_heads * size * (3 * (n("ssm.conv_kernel") - 1) + size)
        case State.LIGHTNING:
            return keys.first_heads * keys.key_length**2


def ple_elements(keys: Keys) -> dict[int, int]:
    """Return what layers with n-gram embeddings keep beside their state, by layer."""
    n = keys.integer
    rows = max(0, n("ple.conv_kernel") - 1) * n("ple.ngram_size")
    elements = rows * n("hyper_connection.count") * keys.embedding
    return dict.fromkeys(keys.array("ple.layers") or (), elements)


def compressor_elements(keys: Keys, tokens_per_cell: int) -> int:
    """Return the state of DeepSeek V4's compressors: two copies of what is not compressed yet."""
    index = keys.integer("attention.indexer.key_length")
    per_ratio = {4: 16 * (keys.key_length + index), 128: 128 * keys.key_length}
    return 2 * per_ratio.get(tokens_per_cell, 0)
