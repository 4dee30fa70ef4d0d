from pathlib import Path

import pytest

from corral.gguf.check import check_file
from corral.gguf.errors import DamagedError, TruncatedError, UnsupportedError
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import (
    Typed,
    Value,
    byte_tokens,
    gguf_bytes,
    tiny_metadata,
    tiny_model,
    tiny_tensors,
    write_gguf,
)
from helpers.models import gemma3_path, smollm2_path

TOKENS = [*byte_tokens(), "<|endoftext|>", "<|im_start|>", "<|im_end|>", "he", "ll"]


@pytest.mark.parametrize("find", [smollm2_path, gemma3_path])
def test_real_models_pass(find) -> None:  # noqa: ANN001
    path = find()
    assert check_file(path) == read_header(path)


def test_the_tiny_model_passes(tmp_path: Path) -> None:
    assert check_file(tiny_model(tmp_path / "a.gguf")).name == "Tiny"


@pytest.mark.parametrize(("missing", "shown"), [(1, "368,799 of 368,800 bytes"), (0, "")])
def test_a_file_is_complete_to_the_byte(tmp_path: Path, missing: int, shown: str) -> None:
    path = tiny_model(tmp_path / "a.gguf")
    with path.open("r+b") as file:
        file.truncate(368_800 - missing)
    if not missing:
        check_file(path)
        return
    with pytest.raises(TruncatedError) as error:
        check_file(path)
    assert error.value.summary == f"The file is incomplete: {shown}."


@pytest.mark.parametrize(
    ("elements", "there", "shown"),
    [
        (1 << 30, 3_100_000_000, "3.1 of 4.3 GB"),
        (1 << 30, 900_000_000, "900 MB of 4.3 GB"),
    ],
)
def test_a_broken_download_is_named_with_both_sizes(
    tmp_path: Path, elements: int, there: int, shown: str
) -> None:
    path = write_gguf(tmp_path / "a.gguf", tiny_metadata(), {"x": ([elements], TensorType.F32)})
    with path.open("r+b") as file:
        file.truncate(there)
    with pytest.raises(TruncatedError) as error:
        check_file(path)
    assert error.value.summary == f"The file is incomplete: {shown}."
    assert error.value.hint


def test_a_tensor_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    tensors = {"a": ([8], TensorType.F32), "b": ([8], TensorType.F32)}
    data = gguf_bytes(tiny_metadata(), tensors)
    name = (1).to_bytes(8, "little") + b"b"
    offset = data.rindex(name) + len(name) + 4 + 8 + 4  # behind dimensions, shape and type
    path = tmp_path / "a.gguf"
    for value in (0, 31, 64, 2**63, 2**64 - 32):
        path.write_bytes(data[:offset] + value.to_bytes(8, "little") + data[offset + 8 :])
        with pytest.raises(DamagedError, match="The data of the tensor 'b' should begin at 32"):
            check_file(path)


def test_an_empty_tensor_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", tiny_metadata(), {"a": ([0, 4], TensorType.F32)})
    with pytest.raises(DamagedError, match="not one value"):
        check_file(path)


def test_a_file_with_a_vocabulary_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="no tensors"):
        check_file(write_gguf(tmp_path / "a.gguf", tiny_metadata()))


def test_a_part_of_a_split_model_is_named(tmp_path: Path) -> None:
    changes: dict[str, Value | None] = {
        "split.count": Typed(ValueType.UINT16, 3),
        "split.no": Typed(ValueType.UINT16, 1),
    }
    with pytest.raises(UnsupportedError, match="file 2 of 3 of one model"):
        check_file(tiny_model(tmp_path / "a.gguf", **changes))


@pytest.mark.parametrize("key", ["block_count", "context_length", "embedding_length"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, key: str) -> None:
    path = tiny_model(tmp_path / "a.gguf", **{f"llama.{key}": None})
    with pytest.raises(UnsupportedError, match=rf"not a language model: it has no 'llama\.{key}'"):
        check_file(path)


def test_a_file_without_an_architecture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="architecture"):
        check_file(tiny_model(tmp_path / "a.gguf", general__architecture=None))


@pytest.mark.parametrize("kind", ["adapter", "mmproj"])
def test_adapters_and_projectors_need_no_vocabulary(tmp_path: Path, kind: str) -> None:
    metadata = {"general.architecture": "llama", "general.type": kind}
    path = write_gguf(tmp_path / "a.gguf", metadata, tiny_tensors())
    assert len(check_file(path).tensors) == len(tiny_tensors())


@pytest.mark.parametrize(
    ("name", "shape", "type_", "said"),
    [
        ("blk.0.attn_norm.weight", [64], TensorType.Q4_1, r"\(64\) is stored as Q4_1; .* as F32"),
        (
            "blk.0.attn_q.bias",
            [64],
            TensorType.F16,
            r"is stored as F16; .* added or scaled with only as F32",
        ),
        ("blk.0.attn_q_norm.weight", [64, 4], TensorType.BF16, r"\(64x4\) is stored as BF16"),
        ("blk.0.time_mix_lerp_fused.weight", [64, 1, 6], TensorType.F16, "stored as F16"),
        ("blk.0.ffn_up.weight", [64, 128], TensorType.Q8_1, "Q8_1; .* with no such type"),
        ("blk.0.ffn_up.weight", [64, 128], TensorType.F64, "F64; .* with no such type"),
        ("token_embd.weight", [256, 8], TensorType.Q8_K, "Q8_K; .* with no such type"),
    ],
)
def test_a_tensor_that_llama_cpp_could_not_compute_with_is_refused(
    tmp_path: Path, name: str, shape: list[int], type_: TensorType, said: str
) -> None:
    """It loads such a model, and ends the process at the first token (measured)."""
    tensors = {**tiny_tensors(), name: (shape, type_)}
    with pytest.raises(DamagedError, match=f"The tensor '{name}' .*{said}"):
        check_file(write_gguf(tmp_path / "a.gguf", tiny_metadata(), tensors))


def test_tables_of_numbers_may_be_whole_numbers(tmp_path: Path) -> None:
    tensors = {**tiny_tensors(), "d2t": ([64], TensorType.I64)}
    check_file(write_gguf(tmp_path / "a.gguf", tiny_metadata(), tensors))


# All of these end the process inside llama.cpp 0.3.36 (measured), or stand for such a rule.
@pytest.mark.parametrize(
    "changes",
    [
        {"block_count": 0},
        {"block_count": 513},
        {"block_count": 2**32 - 1},
        {"block_count": "two"},
        {"block_count": True},
        {"context_length": 3},
        {"context_length": Typed(ValueType.UINT64, 2**31)},
        {"embedding_length": 0},
        {"nextn_predict_layers": 3},
        {"expert_count": 4},
        {"expert_count": 4, "expert_used_count": 5},
        {"expert_count": 4, "expert_used_count": [2, 5]},
        {"expert_count": 1025, "expert_used_count": 2},
        {"expert_used_count": 2},
        {"expert_count": 4, "expert_used_count": 2, "expert_group_count": 4},
        {"expert_count": 8, "expert_used_count": 2, "expert_group_count": 3},
        {"expert_count": 8, "expert_used_count": 2, "expert_group_count": 4},
        {"expert_group_count": 1},
        {"attention.layer_norm_rms_epsilon": -1e-5},
        {"attention.layer_norm_rms_epsilon": float("nan")},
        {"attention.layer_norm_epsilon": float("inf")},
        {"rope.scaling.type": "foo"},
        {"rope.dimension_count": 18},
        {"attention.head_count": 0},
        {"attention.sliding_window": 2**31},
        {"expert_gating_func": 63},
        {"rope.dimension_count": 15},
        {"rope.dimension_count_swa": 3},
        {"rope.dimension_count": 32, "attention.key_length": 31},
    ],
)
def test_numbers_that_end_the_process_are_refused(
    tmp_path: Path, changes: dict[str, Value]
) -> None:
    path = tiny_model(tmp_path / "a.gguf", **{f"llama.{k}": v for k, v in changes.items()})
    with pytest.raises(DamagedError, match=r"'llama\.[a-z_.]+' is .*; llama\.cpp takes"):
        check_file(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"block_count": 512},
        {"block_count": Typed(ValueType.INT64, 2)},
        {"expert_count": 4, "expert_used_count": [1, 4]},
        {
            "expert_count": 8,
            "expert_used_count": 2,
            "expert_group_count": 4,
            "expert_group_used_count": 2,
        },
        {"attention.layer_norm_rms_epsilon": 0.0},
        {"rope.scaling.type": "yarn"},
    ],
)
def test_numbers_at_the_edge_pass(tmp_path: Path, changes: dict[str, Value]) -> None:
    check_file(tiny_model(tmp_path / "a.gguf", **{f"llama.{k}": v for k, v in changes.items()}))


@pytest.mark.parametrize("key", ["tokenizer.chat_template", "tokenizer.chat_template.tool_use"])
def test_an_endless_chat_template_is_refused(tmp_path: Path, key: str) -> None:
    path = tiny_model(tmp_path / "a.gguf", **{key: "x" * ((1 << 20) + 1)})
    with pytest.raises(DamagedError, match="1,048,577 characters"):
        check_file(path)


@pytest.mark.parametrize("name", ["bos", "eos", "eot", "fim_pre"])
def test_a_token_that_ends_answers_must_be_in_the_vocabulary(tmp_path: Path, name: str) -> None:
    path = tiny_model(tmp_path / "a.gguf", **{f"tokenizer.ggml.{name}_token_id": 261})
    with pytest.raises(DamagedError, match="is 261, but the vocabulary has 261 tokens"):
        check_file(path)
    check_file(tiny_model(tmp_path / "b.gguf", **{f"tokenizer.ggml.{name}_token_id": 260}))


def test_special_tokens_that_models_get_wrong_harmlessly_pass(tmp_path: Path) -> None:
    changes = {"padding": 261, "unknown": 2**32 - 1, "eos": 2**32 - 1, "seperator": 70_000}
    path = tiny_model(
        tmp_path / "a.gguf", **{f"tokenizer.ggml.{k}_token_id": v for k, v in changes.items()}
    )
    check_file(path)


@pytest.mark.parametrize(
    ("last", "index"),
    [
        (["a"], 261),
        ([b"zz\0one", b"zz\0two"], 262),  # they end at the zero byte for llama.cpp
        (["[EMPTY_262]", ""], 262),  # its own name for the second
    ],
)
def test_tokens_that_are_there_twice_are_refused(
    tmp_path: Path, last: list[str | bytes], index: int
) -> None:
    path = tiny_model(tmp_path / "a.gguf", tokenizer__ggml__tokens=[*TOKENS, *last])
    with pytest.raises(DamagedError, match=f"Token {index} of the vocabulary") as error:
        check_file(path)
    assert error.value.at > 0
    assert error.value.what == "the key 'tokenizer.ggml.tokens'"


def test_empty_tokens_pass_because_llama_cpp_names_them(tmp_path: Path) -> None:
    check_file(tiny_model(tmp_path / "a.gguf", tokenizer__ggml__tokens=[*TOKENS, "", ""]))


@pytest.mark.parametrize("model", ["none", "no_vocab", "", None])
def test_a_model_without_a_vocabulary_is_refused(tmp_path: Path, model: str | None) -> None:
    with pytest.raises(UnsupportedError, match="no vocabulary"):
        check_file(tiny_model(tmp_path / "a.gguf", tokenizer__ggml__model=model))
    with pytest.raises(UnsupportedError, match="no vocabulary"):
        check_file(tiny_model(tmp_path / "b.gguf", tokenizer__ggml__tokens=None))


@pytest.mark.parametrize("tokens", [[1, 2, 3], Typed(ValueType.STRING, [])])
def test_a_vocabulary_of_something_else_is_refused(tmp_path: Path, tokens: Value) -> None:
    path = tiny_model(
        tmp_path / "a.gguf",
        tokenizer__ggml__tokens=tokens,
        tokenizer__ggml__bos_token_id=None,
        tokenizer__ggml__eos_token_id=None,
    )
    with pytest.raises(DamagedError, match="must be 1 to 1,048,576 texts"):
        check_file(path)


def test_a_sentencepiece_vocabulary_needs_its_bytes(tmp_path: Path) -> None:
    wrong = tiny_model(tmp_path / "a.gguf", tokenizer__ggml__model="llama")
    with pytest.raises(DamagedError, match="no token for the byte"):
        check_file(wrong)
    tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    check_file(
        tiny_model(
            tmp_path / "b.gguf",
            tokenizer__ggml__model="llama",
            tokenizer__ggml__tokens=tokens,
        )
    )
