"""A tiny BERT: a real model of vectors, with or without a head that ranks."""

from pathlib import Path

from corral.gguf.types import TensorType
from helpers.gguf_files import Value, write_gguf

WIDTH, FEED_FORWARD, BLOCKS, LONGEST = 32, 64, 2, 64
# Words begin with U+2581 in this vocabulary; single letters make any other word.
WORDS = ["the", "cat", "dog", "sat", "on", "a", "mat", "rug", "stock", "market"]
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
TOKENS = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    *(f"\u2581{word}" for word in WORDS),
    *(f"\u2581{letter}" for letter in LETTERS if letter != "a"),
    *LETTERS,
]  # fmt: skip
MEAN_POOLING, RANK_POOLING = 1, 4
_BLOCK = {
    "attn_q": [WIDTH, WIDTH],
    "attn_k": [WIDTH, WIDTH],
    "attn_v": [WIDTH, WIDTH],
    "attn_output": [WIDTH, WIDTH],
    "ffn_up": [WIDTH, FEED_FORWARD],
    "ffn_down": [FEED_FORWARD, WIDTH],
}


def write_tiny_bert(path: Path, *, pooling: int = MEAN_POOLING, has_head: bool = False) -> Path:
    """Write it.

    Args:
        path: The file.
        pooling: In GGUF's numbers.
        has_head: Whether it has the tensors that score.
    """
    metadata: dict[str, Value] = {
        "general.architecture": "bert",
        "general.name": "Tiny BERT",
        "general.file_type": 0,
        "bert.block_count": BLOCKS,
        "bert.context_length": LONGEST,
        "bert.embedding_length": WIDTH,
        "bert.feed_forward_length": FEED_FORWARD,
        "bert.attention.head_count": 4,
        "bert.attention.layer_norm_epsilon": 1e-5,
        "bert.attention.causal": False,
        "bert.pooling_type": pooling,
        "tokenizer.ggml.model": "bert",
        "tokenizer.ggml.token_type_count": 2,
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.token_type": [3] * 5 + [1] * (len(TOKENS) - 5),
        "tokenizer.ggml.unknown_token_id": 1,
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.eos_token_id": 3,
        "tokenizer.ggml.seperator_token_id": 3,
        "tokenizer.ggml.cls_token_id": 2,
        "tokenizer.ggml.padding_token_id": 0,
    }
    shapes = {
        "token_embd.weight": [WIDTH, len(TOKENS)],
        "token_types.weight": [WIDTH, 2],
        "position_embd.weight": [WIDTH, LONGEST],
        "token_embd_norm.weight": [WIDTH],
        "token_embd_norm.bias": [WIDTH],
    }
    for block in range(BLOCKS):
        for name, shape in _BLOCK.items():
            shapes[f"blk.{block}.{name}.weight"] = shape
            shapes[f"blk.{block}.{name}.bias"] = shape[1:]
        for name in ("attn_output_norm", "layer_output_norm"):
            shapes[f"blk.{block}.{name}.weight"] = shapes[f"blk.{block}.{name}.bias"] = [WIDTH]
    if has_head:
        shapes |= {
            "cls.weight": [WIDTH, WIDTH],
            "cls.bias": [WIDTH],
            "cls.output.weight": [WIDTH, 1],
            "cls.output.bias": [1],
        }
    tensors = {name: (shape, TensorType.F32) for name, shape in shapes.items()}
    return write_gguf(path, metadata, tensors)
