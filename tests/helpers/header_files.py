"""Header-only GGUF files with the dimensions of real models: sparse, no weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from corral.gguf.types import TensorType
from helpers.gguf_files import Value, write_sparse

Tensor = tuple[str, Sequence[int], TensorType]
Q4, Q6, F32 = TensorType.Q4_K, TensorType.Q6_K, TensorType.F32


def write_header(
    path: Path, architecture: str, keys: Mapping[str, Value], tensors: Sequence[Tensor]
) -> Path:
    """Write a file whose data section is a hole."""
    metadata = {
        "general.architecture": architecture,
        "tokenizer.ggml.model": "no_vocab",
        **{f"{architecture}.{key}": value for key, value in keys.items()},
    }
    return write_sparse(path, metadata, {name: (shape, type_) for name, shape, type_ in tensors})


def write_dense(path: Path, blocks: int = 20) -> Path:
    """Write a dense model of a few gigabytes, made like Llama."""
    width, ffn, heads, kv_heads, head, words = 3072, 8192, 24, 8, 128, 128256
    tensors: list[Tensor] = [
        ("token_embd.weight", (width, words), Q4),
        ("output.weight", (width, words), Q6),
        ("output_norm.weight", (width,), F32),
    ]
    for i in range(blocks):
        tensors += [
            *_attention(i, width, heads * head, kv_heads * head),
            (f"blk.{i}.ffn_gate.weight", (width, ffn), Q4),
            (f"blk.{i}.ffn_up.weight", (width, ffn), Q4),
            (f"blk.{i}.ffn_down.weight", (ffn, width), Q6 if i % 2 else Q4),
        ]
    keys = _keys(blocks, width, heads, kv_heads, head, words)
    return write_header(path, "llama", {**keys, "feed_forward_length": ffn}, tensors)


def write_experts(path: Path, blocks: int = 12) -> Path:
    """Write a mixture of experts, made like Qwen 3."""
    width, ffn, heads, kv_heads, head, words, experts = 2048, 768, 32, 4, 128, 151936, 64
    tensors: list[Tensor] = [
        ("token_embd.weight", (width, words), Q4),
        ("output.weight", (width, words), Q6),
        ("output_norm.weight", (width,), F32),
    ]
    for i in range(blocks):
        tensors += [
            *_attention(i, width, heads * head, kv_heads * head),
            (f"blk.{i}.attn_q_norm.weight", (head,), F32),
            (f"blk.{i}.attn_k_norm.weight", (head,), F32),
            (f"blk.{i}.ffn_gate_inp.weight", (width, experts), F32),
            (f"blk.{i}.ffn_gate_exps.weight", (width, ffn, experts), Q4),
            (f"blk.{i}.ffn_up_exps.weight", (width, ffn, experts), Q4),
            (f"blk.{i}.ffn_down_exps.weight", (ffn, width, experts), Q6),
        ]
    keys = _keys(blocks, width, heads, kv_heads, head, words)
    more = {"expert_count": experts, "expert_used_count": 8, "expert_feed_forward_length": ffn}
    return write_header(path, "qwen3moe", {**keys, "feed_forward_length": 3 * ffn, **more}, tensors)


def _attention(i: int, width: int, queries: int, keys: int) -> list[Tensor]:
    return [
        (f"blk.{i}.attn_norm.weight", (width,), F32),
        (f"blk.{i}.attn_q.weight", (width, queries), Q4),
        (f"blk.{i}.attn_k.weight", (width, keys), Q4),
        (f"blk.{i}.attn_v.weight", (width, keys), Q6),
        (f"blk.{i}.attn_output.weight", (queries, width), Q4),
        (f"blk.{i}.ffn_norm.weight", (width,), F32),
    ]


def _keys(
    blocks: int, width: int, heads: int, kv_heads: int, head: int, words: int
) -> dict[str, Value]:
    return {
        "block_count": blocks,
        "context_length": 131072,
        "embedding_length": width,
        "vocab_size": words,
        "attention.head_count": heads,
        "attention.head_count_kv": kv_heads,
        "attention.key_length": head,
        "attention.value_length": head,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.freq_base": 500000.0,
    }
