from pathlib import Path

import pytest

from corral.errors import UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.check import check_model
from corral.gguf.errors import DamagedError, TruncatedError
from corral.gguf.reader import read_header
from corral.gguf.shards import shard_name, shard_paths
from corral.gguf.strip import write_stripped
from helpers.gguf_files import tiny_model
from helpers.splits import split_gguf


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "whole.gguf")


@pytest.fixture
def shards(whole: Path, tmp_path: Path) -> list[Path]:
    return split_gguf(whole, tmp_path / "split")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a-00001-of-00003.gguf", ("a", 1, 3)),
        ("a-b.Q4_0-00003-of-00003.gguf", ("a-b.Q4_0", 3, 3)),
        ("a-00004-of-00003.gguf", None),
        ("a-00000-of-00003.gguf", None),
        ("a-00001-of-00001.gguf", None),
        ("a-00001-of-99999.gguf", None),
        ("a-1-of-3.gguf", None),
        ("-00001-of-00003.gguf", None),
        ("a.gguf", None),
    ],
)
def test_the_name_tells_the_place_among_the_files(
    name: str, expected: tuple[str, int, int] | None
) -> None:
    found = shard_name(name)
    assert (found and (found.prefix, found.number, found.count)) == expected


def test_only_the_first_file_stands_for_all(shards: list[Path], whole: Path) -> None:
    assert list(shard_paths(shards[0])) == shards
    assert shard_paths(shards[1]) == ()
    assert shard_paths(whole) == ()


def test_the_files_together_are_the_model_that_was_split(
    shards: list[Path], whole: Path, tmp_path: Path
) -> None:
    joined, before = HeaderCache(tmp_path / "headers").read_model(shards[0]), read_header(whole)
    assert joined.tensors == before.tensors
    assert joined.metadata == before.metadata
    assert joined.file_bytes == sum(path.stat().st_size for path in shards)
    assert check_model(shards[0]) == joined


def test_a_header_only_copy_is_of_all_files_in_one(
    shards: list[Path], whole: Path, tmp_path: Path
) -> None:
    write_stripped(shards[0], tmp_path / "of-shards.gguf")
    write_stripped(whole, tmp_path / "of-whole.gguf")
    assert (tmp_path / "of-shards.gguf").read_bytes() == (tmp_path / "of-whole.gguf").read_bytes()


def test_a_whole_file_with_the_name_of_a_shard_is_a_whole_file(whole: Path, tmp_path: Path) -> None:
    path = whole.rename(tmp_path / "whole-00001-of-00002.gguf")
    header = read_header(path)
    assert HeaderCache(tmp_path / "headers").read_model(path) == header
    assert check_model(path) == header
    write_stripped(path, tmp_path / "copy.gguf")
    assert read_header(tmp_path / "copy.gguf").tensors == header.tensors


def test_a_missing_file_is_named(shards: list[Path]) -> None:
    shards[1].unlink()
    with pytest.raises(UserError, match="00002-of-00003"):
        check_model(shards[0])


def test_a_cut_file_is_noticed(shards: list[Path]) -> None:
    with shards[2].open("r+b") as file:
        file.truncate(shards[2].stat().st_size - 1000)
    with pytest.raises(TruncatedError):
        check_model(shards[0])


def test_files_that_do_not_belong_together_are_refused(shards: list[Path]) -> None:
    shards[2].write_bytes(shards[1].read_bytes())
    with pytest.raises(DamagedError, match="File 3 of 3 says that it is file 2 of 3"):
        check_model(shards[0])


def test_files_with_too_few_tensors_are_refused(shards: list[Path], tmp_path: Path) -> None:
    first = shards[0].read_bytes()
    at = first.index(b"split.tensors.count") + len("split.tensors.count") + 4
    shards[0].write_bytes(first[:at] + (999).to_bytes(4, "little") + first[at + 4 :])
    with pytest.raises(TruncatedError, match="20 of 999 tensors"):
        check_model(shards[0])
