"""Writes real GGUF files, tiny ones: sound, odd or broken, as a test asks.

`tiny_model` is complete: llama.cpp loads it, tokenizes any text with it and answers nonsense.
"""

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from corral.gguf.types import TensorType, ValueType

_CODES = {
    ValueType.UINT8: "B",
    ValueType.INT8: "b",
    ValueType.UINT16: "H",
    ValueType.INT16: "h",
    ValueType.UINT32: "I",
    ValueType.INT32: "i",
    ValueType.FLOAT32: "f",
    ValueType.BOOL: "?",
    ValueType.UINT64: "Q",
    ValueType.INT64: "q",
    ValueType.FLOAT64: "d",
}
Plain = bool | int | float | str | bytes


@dataclass(frozen=True, slots=True)
class Typed:
    """A value or a list of values of a type of our choice."""

    type: ValueType
    value: Plain | Sequence[Plain]


Value = Plain | Sequence[Plain] | Typed
Tensors = Mapping[str, tuple[Sequence[int], TensorType | int]]

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def byte_tokens() -> list[str]:
    """Return the 256 byte tokens of GPT-2's alphabet, in its own order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [chr(256 + n) for n in range(256 - len(printable))]
    return [*map(chr, printable), *others]


def tiny_metadata(**changes: Value | None) -> dict[str, Value]:
    """Return the metadata of the tiny model.

    Args:
        changes: Other values, by key with "." written as "__"; None takes the key out.
    """
    tokens = SPECIAL_TOKENS + byte_tokens() + ["he", "ll"]
    metadata: dict[str, Value] = {
        "general.architecture": "llama",
        "general.name": "Tiny",
        "general.file_type": 0,
        "llama.block_count": 2,
        "llama.context_length": 512,
        "llama.embedding_length": 64,
        "llama.feed_forward_length": 128,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 16,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3] * len(SPECIAL_TOKENS)
        + [1] * (len(tokens) - len(SPECIAL_TOKENS)),
        "tokenizer.ggml.merges": ["h e", "l l"],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }
    for key, value in changes.items():
        metadata.pop(key.replace("__", "."), None)
        if value is not None:
            metadata[key.replace("__", ".")] = value
    return metadata


def tiny_tensors(n_vocab: int = 261, blocks: int = 2) -> dict[str, tuple[list[int], TensorType]]:
    """Return the tensors of the tiny model: a Llama with 64 wide embeddings, tied to its output."""
    block = {
        "attn_norm": [64],
        "attn_q": [64, 64],
        "attn_k": [64, 32],
        "attn_v": [64, 32],
        "attn_output": [64, 64],
        "ffn_norm": [64],
        "ffn_gate": [64, 128],
        "ffn_up": [64, 128],
        "ffn_down": [128, 64],
    }
    tensors = {"token_embd.weight": ([64, n_vocab], TensorType.F32)}
    for index in range(blocks):
        for name, shape in block.items():
            tensors[f"blk.{index}.{name}.weight"] = (shape, TensorType.F32)
    tensors["output_norm.weight"] = ([64], TensorType.F32)
    return tensors


def tiny_model(path: Path, **changes: Value | None) -> Path:
    """Write the tiny model, with changed metadata if asked (see `tiny_metadata`)."""
    return write_gguf(path, tiny_metadata(**changes), tiny_tensors())


def tiny_experts_tensors() -> dict[str, tuple[list[int], TensorType]]:
    """Return the tensors of the tiny model as a mixture of four experts."""
    tensors = {name: shape for name, shape in tiny_tensors().items() if ".ffn_" not in name}
    for index in range(2):
        for name, shape in {
            "ffn_norm": [64],
            "ffn_gate_inp": [64, 4],
            "ffn_gate_exps": [64, 128, 4],
            "ffn_up_exps": [64, 128, 4],
            "ffn_down_exps": [128, 64, 4],
        }.items():
            tensors[f"blk.{index}.{name}.weight"] = (shape, TensorType.F32)
    return tensors


def write_tiny_experts(path: Path, **changes: Value | None) -> Path:
    """Write the tiny model as a mixture of four experts, two of them used at a time."""
    experts = {"llama__expert_count": 4, "llama__expert_used_count": 2}
    return write_gguf(path, tiny_metadata(**{**experts, **changes}), tiny_experts_tensors())


def write_gguf(
    path: Path,
    metadata: Mapping[str, Value],
    tensors: Tensors | None = None,
    *,
    version: int = 3,
    byte_order: str = "<",
) -> Path:
    """Write a GGUF file.

    Args:
        path: The file; its folder is created.
        metadata: Keys and values. Whole numbers become u32, fractions f32, lists of whole numbers
            i32, lists of fractions f32; `Typed` says otherwise.
        tensors: Shape (row length first) and type of each tensor; they follow one another.
        version: Version of the format.
        byte_order: "<" little-endian, ">" big-endian.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gguf_bytes(metadata, tensors, version=version, byte_order=byte_order))
    return path


def gguf_bytes(
    metadata: Mapping[str, Value],
    tensors: Tensors | None = None,
    *,
    version: int = 3,
    byte_order: str = "<",
) -> bytes:
    """Return the bytes of a GGUF file, as `write_gguf` writes them."""
    alignment = _alignment(metadata)
    head, _ = _head(metadata, tensors or {}, version, byte_order, _data_bytes)
    sizes = [
        (name, tensor_type, _data_bytes(shape, tensor_type))
        for name, (shape, tensor_type) in (tensors or {}).items()
    ]
    data = b"".join(
        _data(name, tensor_type, size).ljust(_padded(size, alignment), b"\0")
        for name, tensor_type, size in sizes
    )
    return head + data


def write_sparse(path: Path, metadata: Mapping[str, Value], tensors: Tensors) -> Path:
    """Write a GGUF file whose data section is a hole: as large as it says, and all zeros."""
    head, data_bytes = _head(metadata, tensors, 3, "<", _stored_bytes)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + data_bytes)
    return path


def _head(
    metadata: Mapping[str, Value],
    tensors: Tensors,
    version: int,
    byte_order: str,
    size_of: Callable[[Sequence[int], TensorType | int], int],
) -> tuple[bytes, int]:
    """Return the header, padded, and the bytes of the data section."""
    writer, alignment = _Writer(byte_order), _alignment(metadata)
    writer.number("I", version)
    writer.number("Q", len(tensors))
    writer.number("Q", len(metadata))
    for key, value in metadata.items():
        writer.string(key)
        writer.value(value)
    offset = 0
    for name, (shape, tensor_type) in tensors.items():
        writer.tensor(name, shape, tensor_type, offset)
        offset += _padded(size_of(shape, tensor_type), alignment)
    head = b"GGUF" + b"".join(writer.pieces)
    return head.ljust(_padded(len(head), alignment), b"\0"), offset


def _alignment(metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", 32)
    return alignment if isinstance(alignment, int) and alignment > 0 else 32


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def _data_bytes(shape: Sequence[int], tensor_type: TensorType | int) -> int:
    return 0 if prod(shape) > 1 << 24 else _stored_bytes(shape, tensor_type)


def _stored_bytes(shape: Sequence[int], tensor_type: TensorType | int) -> int:
    if not isinstance(tensor_type, TensorType):
        return 0
    return prod(shape) // tensor_type.block_size * tensor_type.block_bytes


def _data(name: str, tensor_type: TensorType | int, size: int) -> bytes:
    """Return small random weights for F32 (ones for norms), zeros for the others."""
    if tensor_type is not TensorType.F32:
        return bytes(size)
    count = size // 4
    if "norm" in name:
        return struct.pack(f"<{count}f", *[1.0] * count)
    chance = random.Random(name)
    return struct.pack(f"<{count}f", *(chance.uniform(-0.2, 0.2) for _ in range(count)))


class _Writer:
    def __init__(self, byte_order: str) -> None:
        self.order = byte_order
        self.pieces: list[bytes] = []

    def number(self, code: str, value: float) -> None:
        self.pieces.append(struct.pack(self.order + code, value))

    def string(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        self.number("Q", len(data))
        self.pieces.append(data)

    def value(self, value: Value) -> None:
        typed = value if isinstance(value, Typed) else Typed(_type_of(value), value)
        if isinstance(typed.value, str | bytes) or not isinstance(typed.value, Sequence):
            self.number("I", typed.type)
            self.element(typed.type, typed.value)
            return
        self.number("I", ValueType.ARRAY)
        self.number("I", typed.type)
        self.number("Q", len(typed.value))
        for element in typed.value:
            self.element(typed.type, element)

    def element(self, value_type: ValueType, value: Plain) -> None:
        if isinstance(value, str | bytes):
            self.string(value)
        else:
            self.number(_CODES[value_type], value)

    def tensor(
        self, name: str, shape: Sequence[int], tensor_type: TensorType | int, offset: int
    ) -> None:
        self.string(name)
        self.number("I", len(shape))
        for size in shape:
            self.number("Q", size)
        self.number("I", tensor_type)
        self.number("Q", offset)


def _type_of(value: Plain | Sequence[Plain]) -> ValueType:
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    first = (value[0] if value else 0) if is_list else value
    match first:
        case bool():
            return ValueType.BOOL
        case int():
            return ValueType.INT32 if is_list else ValueType.UINT32
        case float():
            return ValueType.FLOAT32
        case _:
            return ValueType.STRING
