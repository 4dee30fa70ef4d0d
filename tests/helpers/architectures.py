"""A tiny model of every architecture that llama.cpp knows, without weights.

The headers (`tests/data/architectures.jsonl.xz`) were made once: llama.cpp 0c1e57098 was given the
dimensions of its own test-llama-archs (MIT) and asked which tensors it wants. Here they become
files; the weights are a hole. Those "of many layers" leave out the keys for which llama.cpp has
defaults of its own: which layers look through a window, which keep a state.
"""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import Typed, Value, write_sparse

_FILE = Path(__file__).parents[1] / "data" / "architectures.jsonl.xz"


@cache
def _models() -> dict[str, dict[str, Any]]:
    lines = lzma.decompress(_FILE.read_bytes()).decode().splitlines()
    models = [json.loads(line) for line in lines]
    return {model["name"]: model for model in models}


def architectures() -> tuple[str, ...]:
    """Return the names of all models: of each architecture one, of some another of many layers."""
    return tuple(_models())


def write_architecture(folder: Path, name: str) -> Path:
    """Write the tiny model of an architecture."""
    return write_sparse(folder / f"{name}.gguf", *architecture_parts(name))


def architecture_parts(
    name: str,
) -> tuple[dict[str, Value], dict[str, tuple[list[int], TensorType]]]:
    """Return metadata and tensors of the tiny model of an architecture, to be changed at will."""
    model = _models()[name]
    metadata = {key: _value(value) for key, value in model["keys"].items()}
    tensors = {tensor: (shape, TensorType(type_)) for tensor, shape, type_ in model["tensors"]}
    return metadata, tensors


def _value(value: Any) -> Value:
    """Return a value as the writer takes it: lists are kept with the type of their elements."""
    if not isinstance(value, list):
        return value  # type: ignore[no-any-return]
    type_, elements = value
    return Typed(ValueType(type_), elements)
