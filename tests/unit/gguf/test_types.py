import ctypes
from importlib.util import find_spec
from pathlib import Path

import pytest

from corral.gguf.types import FILE_TYPE_LABELS, TensorType, ValueType


def _ggml() -> ctypes.CDLL:
    spec = find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        pytest.skip("llama-cpp-python is not installed")
    found = sorted((Path(spec.origin).parent / "lib").glob("*ggml-base*.so*"))
    if not found:
        pytest.skip("this build of llama.cpp has no libggml-base.so")
    library = ctypes.CDLL(str(found[0]))
    library.ggml_type_name.restype = ctypes.c_char_p
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    return library


def test_tensor_types_are_those_of_the_installed_llama_cpp() -> None:
    library = _ggml()
    known = {int(kind): kind for kind in TensorType}
    for number in range(max(known) + 1):
        kind = known.get(number)
        known_block = (0, 0) if kind is None else (kind.block_size, kind.block_bytes)
        assert (library.ggml_blck_size(number), library.ggml_type_size(number)) == known_block
        if kind is not None:
            assert library.ggml_type_name(number).decode().upper() == kind.label


def test_types_of_the_gguf_package_are_known() -> None:
    gguf = pytest.importorskip("gguf")
    assert {t.name: int(t) for t in gguf.GGMLQuantizationType}.items() <= {
        t.name: int(t) for t in TensorType
    }.items()
    assert {int(t) for t in gguf.GGUFValueType} == {int(t) for t in ValueType}
    for file_type in gguf.LlamaFileType:
        name = file_type.name.removeprefix("MOSTLY_").removeprefix("ALL_").removesuffix("_MOE")
        assert file_type.name == "GUESSED" or FILE_TYPE_LABELS[int(file_type)] == name
