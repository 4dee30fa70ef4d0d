"""What llama.cpp logs when it refuses, made to happen and turned into one reason with numbers."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.children.protocol import encode, error_message, read_answer
from corral.gguf.types import TensorType
from corral.llama.adapters import Adapters
from corral.llama.context import Context, context_params
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model, load_model
from corral.llama.refusals import LoadError, Reason, refusal
from corral.plan.options import CacheType, ContextOptions, FlashAttention, LoadOptions
from helpers.gguf_files import Tensors, Value, tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.models import smollm2_path

Broken = tuple[dict[str, Value | None], Tensors, Reason, str]
UP = "blk.1.ffn_up.weight"
SOUND = tiny_tensors()
F32 = TensorType.F32


def without(name: str) -> Tensors:
    return {key: value for key, value in SOUND.items() if key != name}


def with_tensor(name: str, shape: list[int]) -> Tensors:
    return {**SOUND, name: (shape, F32)}


BROKEN: list[Broken] = [
    ({"general__architecture": "foo"}, SOUND, Reason.UNKNOWN_ARCHITECTURE, "architecture 'foo'"),
    ({"general__architecture": "clip"}, SOUND, Reason.NOT_A_MODEL, "a projector for images"),
    ({}, without(UP), Reason.MISSING_TENSOR, f"lacks the tensor '{UP}'"),
    (
        {},
        with_tensor(UP, [64, 96]),
        Reason.WRONG_SHAPE,
        f"'{UP}' has the shape 64, 96 and its metadata ask for 64, 128",
    ),
    (
        {},
        with_tensor("blk.1.odd.weight", [64]),
        Reason.TENSOR_COUNT,
        "it has 21 tensors, and its architecture uses 20",
    ),
    ({"tokenizer__ggml__model": "foo"}, SOUND, Reason.BAD_VOCABULARY, "tokenizer 'foo'"),
    ({"tokenizer__ggml__pre": "foo"}, SOUND, Reason.BAD_VOCABULARY, "tokenizer 'foo'"),
    ({"tokenizer__ggml__merges": None}, SOUND, Reason.BAD_VOCABULARY, "cannot find .* merges"),
    (
        {"llama__attention__layer_norm_rms_epsilon": None},
        SOUND,
        Reason.MISSING_KEY,
        "lacks the key 'llama.attention.layer_norm_rms_epsilon'",
    ),
    (
        {"llama__attention__head_count": "two"},
        SOUND,
        Reason.WRONG_KEY,
        "'llama.attention.head_count' has the type str and should have u32",
    ),
    (
        {"llama__attention__head_count": [4, 4, 4]},
        SOUND,
        Reason.WRONG_KEY,
        "'llama.attention.head_count' has 3 values and should have 2",
    ),
    ({"llama__rope__dimension_count": 8}, SOUND, Reason.WRONG_KEY, "n_rot: 8, expected 16"),
]


def refused(act: Callable[[], object]) -> LoadError:
    with pytest.raises(LoadError) as caught:
        act()
    return caught.value


@pytest.fixture(scope="module")
def tiny(library: LlamaLibrary, tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tiny_model(tmp_path_factory.mktemp("tiny") / "tiny.gguf")
    return load(library, path)


def load(library: LlamaLibrary, path: Path, options: LoadOptions | None = None) -> Model:
    return load_model(library, path, options or LoadOptions(), lambda _percent: True)


@pytest.mark.parametrize(("changes", "tensors", "reason", "words"), BROKEN)
def test_a_broken_model_is_refused_with_its_reason(
    library: LlamaLibrary,
    tmp_path: Path,
    changes: dict[str, Value | None],
    tensors: Tensors,
    reason: Reason,
    words: str,
) -> None:
    path = write_gguf(tmp_path / "broken.gguf", tiny_metadata(**changes), tensors)
    error = refused(lambda: load(library, path))
    assert (error.reason, bool(error.hint), bool(error.detail)) == (reason, True, True)
    assert re.fullmatch(rf"llama\.cpp refuses broken\.gguf \(\d+ KB\): .*{words}.*", error.summary)


@pytest.mark.parametrize(
    ("kept", "reason", "words"),
    [
        (0, Reason.NOT_A_MODEL, "no GGUF file"),
        (3000, Reason.INCOMPLETE, "its header cannot be read"),
        (-1000, Reason.INCOMPLETE, "ends before the tensor 'blk.1.ffn_down.weight' does"),
    ],
)
def test_a_file_that_was_cut_is_refused_with_its_reason(
    library: LlamaLibrary, tmp_path: Path, kept: int, reason: Reason, words: str
) -> None:
    path = tiny_model(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:kept])
    error = refused(lambda: load(library, path))
    assert error.reason is reason
    assert words in error.summary


def test_values_that_are_no_numbers_are_found_where_that_is_asked(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    path = tiny_model(tmp_path / "nan.gguf")
    path.write_bytes(path.read_bytes()[:-4096] + b"\xff" * 4096)
    load(library, path).close()
    error = refused(lambda: load(library, path, LoadOptions(check_tensors=True)))
    assert error.reason is Reason.BAD_VALUES
    assert "holds values that are no numbers" in error.summary


def test_a_cache_type_that_does_not_divide_the_heads_is_told_with_both_numbers(
    library: LlamaLibrary, tiny: Model
) -> None:
    error = refused(lambda: Context(library, tiny, ContextOptions(kv_type=CacheType.Q8_0)))
    assert error.reason is Reason.CACHE_TYPE
    assert "heads of a multiple of 32 values, and its have 16" in error.summary


def test_quantized_values_without_flash_attention_have_their_reason(
    library: LlamaLibrary, tiny: Model
) -> None:
    mark = library.log.mark()
    options = ContextOptions(v_type=CacheType.Q8_0, flash_attention=FlashAttention.OFF)
    assert not library.api.llama_init_from_model(tiny.pointer, context_params(library.api, options))
    error = refusal("a context", library.log.complaints(mark), lambda _device: 0)
    assert error.reason is Reason.FLASH_ATTENTION


def test_a_context_beyond_all_memory_is_told_with_what_is_left(
    library: LlamaLibrary,
) -> None:
    model = load_model(library, smollm2_path(), LoadOptions(), lambda _percent: True)
    options = ContextOptions(n_ctx=2**21, n_seq_max=2)  # some 90 GiB in few cells
    error = refused(lambda: Context(library, model, options))
    model.close()
    assert error.reason is Reason.OUT_OF_MEMORY
    assert re.search(r"2,097,152 tokens .* for 2 sequences: .* is left", error.summary)


def test_an_adapter_of_another_model_has_its_reason(
    library: LlamaLibrary, tiny: Model, tmp_path: Path
) -> None:
    def adapter(architecture: str) -> Path:
        metadata: dict[str, Value] = {
            "general.architecture": architecture,
            "general.type": "adapter",
            "adapter.type": "lora",
            "adapter.lora.alpha": 1.0,
        }
        tensors = {f"blk.7.attn_q.weight.lora_{side}": ([64, 64], F32) for side in "ab"}
        return write_gguf(tmp_path / f"{architecture}.gguf", metadata, tensors)

    for path, words in ((adapter("llama"), "'blk.7.attn_q"), (adapter("gemma3"), "another arch")):
        adapters = Adapters(library, tiny)
        error = refused(lambda: adapters.load(((path, 1.0),)))  # noqa: B023 (called at once)
        assert error.reason is Reason.WRONG_BASE
        assert words in error.summary


CUDA = """\
ggml_backend_cuda_buffer_type_alloc_buffer: allocating 900.00 MiB on device 0: cudaMalloc failed: \
out of memory
alloc_tensor_range: failed to allocate CUDA0 buffer of size 943718400
"""
TYPES = "llama_init_from_model: model does not support different K (f16) and V (q8_0) cache types"


@pytest.mark.parametrize(
    ("said", "reason", "words"),
    [
        (TYPES, Reason.CACHE_TYPE, "one type in the KV cache, not f16 and q8_0"),
        (CUDA, Reason.OUT_OF_MEMORY, "a piece of 900 MiB was asked for, 1.0 MiB is left"),
        ("llama_model_load: error loading model: of its own kind", Reason.OTHER, "of its own kind"),
        ("", Reason.OTHER, "it gave no reason"),
    ],
)
def test_other_lines_are_read_too(said: str, reason: Reason, words: str) -> None:
    error = refusal("a.gguf", said, lambda _device: 1024**2)
    assert error.reason is reason
    assert words in error.summary


def test_a_reason_comes_out_of_a_child_whole() -> None:
    error = LoadError(Reason.WRONG_SHAPE, "It is odd.", detail="said", hint="mend it")
    with pytest.raises(LoadError) as caught:
        read_answer(encode(error_message(error)))
    assert caught.value.reason is Reason.WRONG_SHAPE
    assert str(caught.value) == "It is odd. mend it"
