from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.gguf.errors import DamagedError, TruncatedError
from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.gguf.strip import write_stripped
from corral.gguf.types import ValueType
from helpers.gguf_files import Typed, tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.models import gemma3_path, smollm2_path


def _data_bytes(header: Header) -> int:
    return header.tensors[-1].offset + header.tensors[-1].size_bytes


@pytest.mark.parametrize("find", [smollm2_path, gemma3_path])
def test_only_the_tokenizer_and_the_weights_are_gone(tmp_path: Path, find) -> None:  # noqa: ANN001
    source, target = find(), tmp_path / "new" / "stripped.gguf"
    write_stripped(source, target)
    before, after = read_header(source), read_header(target)
    assert after.tensors == before.tensors
    assert after.vocab_size == before.vocab_size
    kept = {k: v for k, v in before.metadata.items() if not k.startswith("tokenizer.")}
    added = {
        "tokenizer.ggml.model": "no_vocab",
        f"{before.architecture}.vocab_size": before.vocab_size,
    }
    assert {k: v for k, v in after.metadata.items() if k not in added} == {
        k: v for k, v in kept.items() if k not in added
    }
    assert added.items() <= after.metadata.items()
    assert after.file_bytes == after.data_offset + _data_bytes(before)
    assert target.stat().st_blocks * 512 < 100_000


def test_arrays_and_a_wide_alignment_are_carried_over(tmp_path: Path) -> None:
    metadata = tiny_metadata(
        general__alignment=4096,
        general__tags=["a", "b"],
        llama__long=[7] * 5000,
        tokenizer__ggml__token_type_count=2,
    )
    source = write_gguf(tmp_path / "a.gguf", metadata, tiny_tensors(), version=2)
    target = tmp_path / "b.gguf"
    write_stripped(source, target)
    header = read_header(target)
    assert header.version == 2
    assert header.data_offset % 4096 == 0
    assert header.metadata["tokenizer.ggml.token_type_count"] == 2
    data = target.read_bytes()
    assert (7).to_bytes(4, "little") * 5000 in data
    assert header.file_bytes == header.data_offset + _data_bytes(header)


def test_stripping_twice_changes_nothing(tmp_path: Path) -> None:
    once, twice = tmp_path / "b.gguf", tmp_path / "c.gguf"
    write_stripped(tiny_model(tmp_path / "a.gguf"), once)
    write_stripped(once, twice)
    assert once.read_bytes() == twice.read_bytes()


def test_an_incomplete_file_is_not_copied(tmp_path: Path) -> None:
    source = tiny_model(tmp_path / "a.gguf")
    with source.open("r+b") as file:
        file.truncate(300_000)
    with pytest.raises(TruncatedError):
        write_stripped(source, tmp_path / "b.gguf")


def test_an_impossible_number_of_tokens_is_refused(tmp_path: Path) -> None:
    changes = {"tokenizer.ggml.tokens": None, "llama.vocab_size": Typed(ValueType.UINT64, 2**40)}
    with pytest.raises(DamagedError, match="1,099,511,627,776"):
        write_stripped(tiny_model(tmp_path / "a.gguf", **changes), tmp_path / "b.gguf")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    source = tiny_model(tmp_path / "a.gguf")
    with pytest.raises(ExternalError, match="could not be written"):
        write_stripped(source, source / "b.gguf")
