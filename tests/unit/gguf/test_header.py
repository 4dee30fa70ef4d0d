from pathlib import Path

from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import Typed, tiny_metadata, tiny_model, write_gguf
from helpers.models import smollm2_path


def _header(path: Path, **changes: object) -> Header:
    return read_header(tiny_model(path / "a.gguf", **changes))  # type: ignore[arg-type]


def test_the_starter_model_says_what_it_is() -> None:
    header = read_header(smollm2_path())
    assert header.architecture == "llama"
    assert header.block_count == 30
    assert header.context_length == 8192
    assert header.embedding_length == 576
    assert header.vocab_size == 49_152
    assert header.parameter_count == 134_515_008
    assert header.quantization == "Q4_1"
    assert "<|im_start|>" in (header.chat_template or "")


def test_a_model_without_a_template_says_so(tmp_path: Path) -> None:
    assert _header(tmp_path, tokenizer__chat_template=None).chat_template is None
    assert _header(tmp_path, tokenizer__chat_template="").chat_template is None


def test_a_missing_or_odd_value_gives_the_default(tmp_path: Path) -> None:
    header = _header(tmp_path, llama__context_length="many", llama__flag=True)
    assert header.context_length == 0
    assert header.arch_value("flag", 7) == 7
    assert header.arch_value("flag", False) is True
    assert header.arch_value("context_length", "") == "many"
    assert header.arch_value("missing", 1.5) == 1.5
    assert header.arch_value("missing", None) is None


def test_a_value_for_all_layers_is_repeated(tmp_path: Path) -> None:
    header = _header(tmp_path)
    assert header.per_layer("attention.head_count", 0) == (4, 4)
    assert header.per_layer("missing", 9) == (9, 9)


def test_an_array_is_taken_layer_by_layer(tmp_path: Path) -> None:
    header = _header(tmp_path, llama__a=[1, 2, 3], llama__b=[5], llama__c=[True, False])
    assert header.per_layer("a", 0) == (1, 2)
    assert header.per_layer("b", 8) == (5, 8)
    assert header.per_layer("c", 0) == (1, 0)


def test_a_hostile_block_count_builds_no_endless_tuple(tmp_path: Path) -> None:
    header = _header(tmp_path, llama__block_count=2**32 - 1)
    assert len(header.per_layer("attention.head_count", 0)) == 512


def test_quantization_falls_back_to_the_type_of_most_bytes(tmp_path: Path) -> None:
    tensors = {"big": ([256, 64], TensorType.Q6_K), "small": ([256], TensorType.F32)}
    for file_type in (None, 999, "Q4"):
        metadata = tiny_metadata(general__file_type=file_type)
        path = write_gguf(tmp_path / "a.gguf", metadata, tensors)
        assert read_header(path).quantization == "Q6_K"
    metadata = tiny_metadata(general__file_type=15 + 1024)
    assert read_header(write_gguf(path, metadata, tensors)).quantization == "Q4_K_M"
    assert read_header(write_gguf(path, {})).quantization == ""


def test_vocab_size_comes_from_where_it_can(tmp_path: Path) -> None:
    assert _header(tmp_path).vocab_size == 261
    assert _header(tmp_path, tokenizer__ggml__tokens=None).vocab_size == 261
    changes = {"tokenizer.ggml.tokens": None, "llama.vocab_size": 77}
    assert _header(tmp_path, **changes).vocab_size == 77


def test_adapters_and_projectors_are_told_apart(tmp_path: Path) -> None:
    assert not _header(tmp_path).is_adapter
    assert not _header(tmp_path).is_projector
    assert _header(tmp_path, general__type="adapter").is_adapter
    assert _header(tmp_path, general__architecture="clip").is_projector
    assert _header(tmp_path, split__count=Typed(ValueType.INT32, -5)).split_count == 1
