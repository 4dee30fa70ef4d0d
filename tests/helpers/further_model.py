"""A tiny GLM 4 MoE with one layer for the tokens after the next one (MTP)."""

import struct
from enum import StrEnum
from pathlib import Path

from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from helpers.architectures import architecture_parts
from helpers.gguf_files import Value, tiny_metadata, tiny_tensors, write_gguf

WIDTH, OWN_BLOCKS, N_VOCAB = 64, 2, 261
_KEYS: dict[str, Value] = {
    "block_count": OWN_BLOCKS + 1,
    "nextn_predict_layers": 1,
    "expert_count": 2,
    "expert_used_count": 1,
    "expert_shared_count": 1,
    "expert_feed_forward_length": 32,
    "leading_dense_block_count": 0,
    "attention.key_length": 16,
    "attention.value_length": 16,
}


class Guesses(StrEnum):
    """What the further layer says."""

    RANDOM = "random"
    RIGHT = "right"  # the model looks at its last token only, and so does the layer
    ECHO = "echo"  # the token again that follows the hidden row, which is the last one


def write_further_architecture(path: Path, name: str, guesses: Guesses) -> Path:
    """Write llama.cpp's own tiny model of an architecture, with such a layer and real tokens."""
    metadata, own = architecture_parts(name)
    count, width = metadata[f"{name}.block_count"], metadata[f"{name}.embedding_length"]
    assert isinstance(count, int)
    assert isinstance(width, int)
    metadata = {key: value for key, value in metadata.items() if "tokenizer" not in key}
    metadata |= {key: value for key, value in tiny_metadata().items() if "tokenizer" in key}
    metadata |= {
        f"{name}.vocab_size": N_VOCAB,
        f"{name}.block_count": count + 1,
        f"{name}.nextn_predict_layers": 1,
        f"{name}.context_length": 512,
    }
    tensors = {key: tensor for key, tensor in own.items() if not key.endswith("scale")}
    last = f"blk.{count - 1}."
    tensors |= {
        key.replace(last, f"blk.{count}."): tensor
        for key, tensor in tensors.items()
        if key.startswith(last)
    }
    for key in ("token_embd.weight", "output.weight"):
        tensors[key] = ([width, N_VOCAB], TensorType.F32)
    return _write(path, metadata, tensors | _further_tensors(count, width), guesses, width)


def write_further_model(path: Path, guesses: Guesses = Guesses.RANDOM, **changes: Value) -> Path:
    """Write it, with other values of its own keys if asked."""
    metadata = {key.replace("llama.", "glm4moe."): value for key, value in tiny_metadata().items()}
    metadata["general.architecture"] = "glm4moe"
    keys = _KEYS | changes
    metadata |= {f"glm4moe.{key}": value for key, value in keys.items()}
    tensors = _tensors(is_dense=keys["leading_dense_block_count"] != 0)
    return _write(path, metadata, tensors, guesses, WIDTH)


def _write(
    path: Path,
    metadata: dict[str, Value],
    tensors: dict[str, tuple[list[int], TensorType]],
    guesses: Guesses,
    width: int,
) -> Path:
    if guesses is not Guesses.RANDOM:
        for name, (shape, _type) in tensors.items():
            if "attn_output" in name or "ffn_down" in name:
                tensors[name] = shape, TensorType.F16  # written as zeros: blocks add nothing
    write_gguf(path, metadata, tensors)
    if guesses is not Guesses.RANDOM:
        _pass_on(path, width, 0 if guesses is Guesses.RIGHT else width)
    return path


def _tensors(*, is_dense: bool) -> dict[str, tuple[list[int], TensorType]]:
    f32 = TensorType.F32
    tensors = {
        name.replace("ffn_norm", "post_attention_norm"): tensor
        for name, tensor in tiny_tensors(blocks=OWN_BLOCKS + 1).items()
        if is_dense or ".ffn_" not in name or "norm" in name
    }
    tensors["output.weight"] = tensors["token_embd.weight"]
    for index in range(OWN_BLOCKS + 1):
        shapes = {
            "ffn_gate_inp.weight": [WIDTH, 2],
            "exp_probs_b.bias": [2],
            **{f"ffn_{name}_exps.weight": [WIDTH, 32, 2] for name in ("gate", "up")},
            "ffn_down_exps.weight": [32, WIDTH, 2],
            **{f"ffn_{name}_shexp.weight": [WIDTH, 32] for name in ("gate", "up")},
            "ffn_down_shexp.weight": [32, WIDTH],
        }
        if not is_dense:
            tensors |= {f"blk.{index}.{name}": (shape, f32) for name, shape in shapes.items()}
    return tensors | _further_tensors(OWN_BLOCKS, WIDTH)


def _further_tensors(block: int, width: int) -> dict[str, tuple[list[int], TensorType]]:
    norms = {
        f"blk.{block}.nextn.{name}.weight": ([width], TensorType.F32)
        for name in ("enorm", "hnorm", "shared_head_norm")
    }
    return {f"blk.{block}.nextn.eh_proj.weight": ([2 * width, width], TensorType.F32), **norms}


def _pass_on(path: Path, width: int, start: int) -> None:
    """Have the layer go on with half of what it gets: the token's embedding, or the hidden row."""
    header = read_header(path)
    tensor = next(tensor for tensor in header.tensors if "eh_proj" in tensor.name)
    rows = [[float(column == start + row) for column in range(2 * width)] for row in range(width)]
    with path.open("r+b") as file:
        file.seek(header.data_offset + tensor.offset)
        file.write(struct.pack(f"<{2 * width * width}f", *(x for row in rows for x in row)))
