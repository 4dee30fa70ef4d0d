"""A tiny GLM 4 MoE with one layer for the tokens after the next one (MTP)."""

import struct
from enum import StrEnum
from pathlib import Path

from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from helpers.gguf_files import Value, tiny_metadata, tiny_tensors, write_gguf

WIDTH, OWN_BLOCKS = 64, 2
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


def write_further_model(path: Path, guesses: Guesses = Guesses.RANDOM, **changes: Value) -> Path:
    """Write it, with other values of its own keys if asked."""
    metadata = {key.replace("llama.", "glm4moe."): value for key, value in tiny_metadata().items()}
    metadata["general.architecture"] = "glm4moe"
    keys = _KEYS | changes
    metadata |= {f"glm4moe.{key}": value for key, value in keys.items()}
    tensors = _tensors(is_dense=keys["leading_dense_block_count"] != 0)
    if guesses is not Guesses.RANDOM:
        for name, (shape, _type) in tensors.items():
            if "attn_output" in name or "ffn_down" in name:
                tensors[name] = shape, TensorType.F16  # written as zeros: blocks add nothing
    write_gguf(path, metadata, tensors)
    if guesses is not Guesses.RANDOM:
        _pass_on(path, 0 if guesses is Guesses.RIGHT else WIDTH)
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
    further = f"blk.{OWN_BLOCKS}.nextn"
    tensors[f"{further}.eh_proj.weight"] = ([2 * WIDTH, WIDTH], f32)
    for name in ("enorm", "hnorm", "shared_head_norm"):
        tensors[f"{further}.{name}.weight"] = ([WIDTH], f32)
    return tensors


def _pass_on(path: Path, start: int) -> None:
    """Have the layer go on with half of what it gets: the token's embedding, or the hidden row."""
    header = read_header(path)
    tensor = next(tensor for tensor in header.tensors if "eh_proj" in tensor.name)
    rows = [[float(column == start + row) for column in range(2 * WIDTH)] for row in range(WIDTH)]
    with path.open("r+b") as file:
        file.seek(header.data_offset + tensor.offset)
        file.write(struct.pack(f"<{2 * WIDTH * WIDTH}f", *(x for row in rows for x in row)))
