"""Adapters that llama.cpp would die of."""

from pathlib import Path

import pytest

from corral.gguf.adapter import check_fit
from corral.gguf.check import check_file
from corral.gguf.errors import DamagedError
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import Tensors, Typed, Value, write_gguf

F32 = TensorType.F32
SOUND: dict[str, Value] = {
    "general.architecture": "llama",
    "general.type": "adapter",
    "adapter.type": "lora",
    "adapter.lora.alpha": 8.0,
}
PAIR: Tensors = {"x.weight.lora_a": ([64, 4], F32), "x.weight.lora_b": ([4, 32], F32)}


def test_a_sound_adapter_passes_and_fits(tmp_path: Path) -> None:
    tokens = Typed(ValueType.UINT32, [1, 2])
    more: dict[str, Value] = {**SOUND, "adapter.alora.invocation_tokens": tokens}
    header = check_file(write_gguf(tmp_path / "a.gguf", more, PAIR))
    check_fit(header, {"x.weight": (64, 32), "y.weight": (9, 9, 9)})


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("adapter.type", 3, "not a text"),
        ("adapter.lora.alpha", 8, "not a number of type F32"),
        ("adapter.lora.alpha", Typed(ValueType.FLOAT64, 8.0), "not a number of type F32"),
        ("adapter.lora.alpha", "8", "not a number of type F32"),
        ("adapter.lora.task_name", True, "not a text"),
        ("adapter.alora.invocation_tokens", [1, 2], "not a list of token numbers"),
        ("adapter.alora.invocation_tokens", 5, "not a list of token numbers"),
    ],
)
def test_a_key_of_another_type_is_refused(
    tmp_path: Path, key: str, value: Value, said: str
) -> None:
    """llama.cpp ends the process over it, in the main one: adapters have no pre-flight."""
    with pytest.raises(DamagedError, match=f"'{key}' of the adapter is {said}"):
        check_file(write_gguf(tmp_path / "a.gguf", {**SOUND, key: value}, PAIR))


def test_a_type_that_cannot_be_computed_with_is_refused(tmp_path: Path) -> None:
    tensors = {**PAIR, "x.weight.lora_a": ([64, 4], TensorType.I16)}
    with pytest.raises(DamagedError, match="stored as I16"):
        check_file(write_gguf(tmp_path / "a.gguf", SOUND, tensors))


def test_a_third_dimension_that_the_model_has_not_is_refused(tmp_path: Path) -> None:
    tensors = {**PAIR, "x.weight.lora_b": ([4, 32, 2], F32)}
    header = read_header(write_gguf(tmp_path / "a.gguf", SOUND, tensors))
    with pytest.raises(DamagedError, match=r"'x\.weight\.lora_b' has the shape 4x32x2, .* 64x32"):
        check_fit(header, {"x.weight": (64, 32)})
    tensors = {name: ([*shape[:2], 2], F32) for name, (shape, _) in PAIR.items()}
    experts = read_header(write_gguf(tmp_path / "b.gguf", SOUND, tensors))
    check_fit(experts, {"x.weight": (64, 32, 2)})
