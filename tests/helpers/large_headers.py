"""Headers of large models of several families, as numbers only."""

from corral.gguf.header import Header
from corral.gguf.types import TensorType
from helpers.headers import Key, make_header

Q4, Q6, F32 = TensorType.Q4_K, TensorType.Q6_K, TensorType.F32
Shapes = dict[str, tuple[list[int], TensorType]]
WIDTH, HEAD, KV_HEADS, WORDS = 4096, 128, 4, 151936


def experts_header(blocks: int = 94, *, next_blocks: int = 0) -> Header:
    """A mixture of 128 experts, made like Qwen 3's largest: 12 tensors a block.

    Args:
        blocks: Blocks with those that only predict further tokens.
        next_blocks: How many of them do.
    """
    tensors: Shapes = {"token_embd.weight": ([WIDTH, WORDS], Q4)}
    for i in range(blocks):
        tensors |= _attention(i)
        tensors[f"blk.{i}.ffn_gate_inp.weight"] = ([WIDTH, 128], F32)
        for name, shape in {
            "gate": [WIDTH, 1536],
            "up": [WIDTH, 1536],
            "down": [1536, WIDTH],
        }.items():
            tensors[f"blk.{i}.ffn_{name}_exps.weight"] = (
                [*shape, 128],
                Q6 if name == "down" else Q4,
            )
    tensors |= {"output.weight": ([WIDTH, WORDS], Q6), "output_norm.weight": ([WIDTH], F32)}
    keys = _keys(blocks) | {
        "expert_count": 128,
        "expert_used_count": 8,
        "expert_feed_forward_length": 1536,
        "nextn_predict_layers": next_blocks,
    }
    return make_header("qwen3moe", keys, tensors)


def dense_header(blocks: int = 12, architecture: str = "llama") -> Header:
    """A dense model whose output uses the embeddings of its input, with rope factors."""
    tensors: Shapes = {
        "token_embd.weight": ([WIDTH, WORDS], Q6),
        "rope_freqs.weight": ([HEAD // 2], F32),
        "output_norm.weight": ([WIDTH], F32),
    }
    for i in range(blocks):
        tensors |= _attention(i) | _feed_forward(i)
    return make_header(architecture, _keys(blocks), tensors)


def hybrid_header(blocks: int = 12) -> Header:
    """A model of which every fourth block has attention and the others a recurrent state."""
    tensors: Shapes = {
        "token_embd.weight": ([WIDTH, WORDS], Q4),
        "output.weight": ([WIDTH, WORDS], Q6),
        "output_norm.weight": ([WIDTH], F32),
    }
    for i in range(blocks):
        tensors |= (
            _attention(i)
            if i % 4 == 3
            else {
                f"blk.{i}.attn_norm.weight": ([WIDTH], F32),
                f"blk.{i}.ssm_in.weight": ([WIDTH, 8192], Q4),
                f"blk.{i}.ssm_conv1d.weight": ([4, 8192], F32),
                f"blk.{i}.ssm_out.weight": ([8192, WIDTH], Q4),
            }
        )
        tensors |= _feed_forward(i)
    keys = _keys(blocks) | {
        "full_attention_interval": 4,
        "ssm.conv_kernel": 4,
        "ssm.inner_size": 4096,
        "ssm.state_size": 128,
        "ssm.group_count": 16,
    }
    return make_header("qwen3next", keys, tensors)


def _keys(blocks: int) -> dict[str, Key]:
    return {
        "block_count": blocks,
        "context_length": 262144,
        "embedding_length": WIDTH,
        "feed_forward_length": 12288,
        "attention.head_count": 64,
        "attention.head_count_kv": KV_HEADS,
        "attention.key_length": HEAD,
        "attention.value_length": HEAD,
        "vocab_size": WORDS,
    }


def _attention(i: int) -> Shapes:
    matrices = {
        "q": ([WIDTH, 64 * HEAD], Q4),
        "k": ([WIDTH, KV_HEADS * HEAD], Q4),
        "v": ([WIDTH, KV_HEADS * HEAD], Q6),
        "output": ([64 * HEAD, WIDTH], Q4),
        "norm": ([WIDTH], F32),
        "q_norm": ([HEAD], F32),
        "k_norm": ([HEAD], F32),
    }
    found = {f"blk.{i}.attn_{name}.weight": what for name, what in matrices.items()}
    return found | {f"blk.{i}.ffn_norm.weight": ([WIDTH], F32)}


def _feed_forward(i: int) -> Shapes:
    shapes = {"gate": [WIDTH, 12288], "up": [WIDTH, 12288], "down": [12288, WIDTH]}
    return {f"blk.{i}.ffn_{name}.weight": (shape, Q4) for name, shape in shapes.items()}
