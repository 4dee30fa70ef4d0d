"""Model files whose weights are all zero: sparse, for measuring how fast a machine computes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corral.gguf.header import TensorInfo
from corral.gguf.strip import tensor_line, text_entry, u32_entry, write_hole
from corral.gguf.types import TensorType, ValueType

_ALIGNMENT = 32
_WORDS = 512
_VERSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The dimensions of a model made like Llama.

    Attributes:
        width: Length of an embedding.
        ffn: Width of the feed-forward part.
        heads: Attention heads.
        blocks: Blocks.
    """

    width: int
    ffn: int
    heads: int
    blocks: int


def write_zero_model(path: Path, shape: Shape, type_: TensorType) -> None:
    """Write a model that llama.cpp computes like any other; it says nothing.

    Args:
        path: The file.
        shape: Its dimensions; widths are multiples of the type's block.
        type_: Storage type of its matrices.
    """
    tensors, data_bytes = _placed(shape, type_)
    entries = _entries(shape)
    counts = struct.pack("<IQQ", _VERSION, len(tensors), len(entries))
    head = b"".join([b"GGUF", counts, *entries, *map(tensor_line, tensors)])
    head = head.ljust(_padded(len(head)), b"\0")
    write_hole(path, head, len(head) + data_bytes)


def _entries(shape: Shape) -> list[bytes]:
    numbers = {
        "vocab_size": _WORDS,
        "context_length": 4096,
        "embedding_length": shape.width,
        "block_count": shape.blocks,
        "feed_forward_length": shape.ffn,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.heads,
        "rope.dimension_count": shape.width // shape.heads,
    }
    return [
        text_entry("general.architecture", "llama"),
        text_entry("tokenizer.ggml.model", "no_vocab"),
        *(u32_entry(f"llama.{key}", number) for key, number in numbers.items()),
        _f32_entry("llama.attention.layer_norm_rms_epsilon", 1e-5),
    ]


def _f32_entry(key: str, number: float) -> bytes:
    name = key.encode()
    head = struct.pack("<Q", len(name)) + name
    return head + struct.pack("<If", ValueType.FLOAT32, number)


def _placed(shape: Shape, type_: TensorType) -> tuple[list[TensorInfo], int]:
    """Return the tensors one behind the other, and the bytes of all."""
    found, offset = [], 0
    for name, dimensions, kind in _tensors(shape, type_):
        tensor = TensorInfo(name=name, shape=tuple(dimensions), type=kind, offset=offset)
        found.append(tensor)
        offset += _padded(tensor.size_bytes)
    return found, offset


def _tensors(shape: Shape, type_: TensorType) -> list[tuple[str, Sequence[int], TensorType]]:
    width, ffn, plain = shape.width, shape.ffn, TensorType.F32
    tensors: list[tuple[str, Sequence[int], TensorType]] = [
        ("token_embd.weight", (width, _WORDS), type_),
        ("output.weight", (width, _WORDS), type_),
        ("output_norm.weight", (width,), plain),
    ]
    for i in range(shape.blocks):
        tensors += [
            (f"blk.{i}.attn_norm.weight", (width,), plain),
            *((f"blk.{i}.attn_{x}.weight", (width, width), type_) for x in "qkv"),
            (f"blk.{i}.attn_output.weight", (width, width), type_),
            (f"blk.{i}.ffn_norm.weight", (width,), plain),
            (f"blk.{i}.ffn_gate.weight", (width, ffn), type_),
            (f"blk.{i}.ffn_up.weight", (width, ffn), type_),
            (f"blk.{i}.ffn_down.weight", (ffn, width), type_),
        ]
    return tensors


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
