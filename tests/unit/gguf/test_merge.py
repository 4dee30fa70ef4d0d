from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corral.gguf.check import check_file
from corral.gguf.errors import GgufError, TruncatedError
from corral.gguf.merge import plan_merge
from corral.gguf.types import TensorType
from helpers.gguf_files import tiny_model, write_gguf
from helpers.models import smollm2_path
from helpers.splits import split_gguf


def merged(shards: list[Path]) -> bytes:
    merge = plan_merge(shards)
    data = b"".join(merge.chunks())
    assert len(data) == merge.size_bytes
    return data


@pytest.mark.parametrize("count", [2, 3, 7])
def test_joined_files_are_the_file_that_was_split(tmp_path: Path, count: int) -> None:
    whole = tiny_model(tmp_path / "tiny.gguf")
    shards = split_gguf(whole, tmp_path / "split", count)
    assert merged(shards) == whole.read_bytes()


@settings(max_examples=60, deadline=None)
@given(
    shapes=st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 9), st.sampled_from(["F32", "F16", "Q4_0"])),
        min_size=1,
        max_size=9,
    ),
    count=st.integers(2, 6),
    alignment=st.sampled_from([8, 32, 64, 4096]),
)
def test_any_file_that_was_split_is_joined_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    shapes: list[tuple[int, int, str]],
    count: int,
    alignment: int,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    metadata = {"general.architecture": "llama", "general.alignment": alignment, "text": "ü" * 9}
    tensors = {
        f"t{index}": ([32 * width, rows], TensorType[kind])
        for index, (width, rows, kind) in enumerate(shapes)
    }
    whole = write_gguf(folder / "x.gguf", metadata, tensors)
    assert merged(split_gguf(whole, folder / "split", count)) == whole.read_bytes()


def test_a_real_model_joined_is_the_model_that_was_split(tmp_path: Path) -> None:
    shards = split_gguf(smollm2_path(), tmp_path, 3)
    target = tmp_path / "joined.gguf"
    with target.open("wb") as file:
        file.writelines(plan_merge(shards).chunks())
    assert target.read_bytes() == smollm2_path().read_bytes()
    check_file(target)


def test_files_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    shards = split_gguf(tiny_model(tmp_path / "tiny.gguf"), tmp_path / "split", 3)
    with pytest.raises(GgufError, match="File 2 of 3 says that it is file 3 of 3"):
        plan_merge([shards[0], shards[2], shards[1]])


def test_a_file_that_is_cut_short_is_noticed(tmp_path: Path) -> None:
    shards = split_gguf(tiny_model(tmp_path / "tiny.gguf"), tmp_path / "split", 2)
    merge = plan_merge(shards)
    with shards[1].open("r+b") as file:
        file.truncate(shards[1].stat().st_size - 4096)
    with pytest.raises(TruncatedError):
        plan_merge(shards)
    with pytest.raises(TruncatedError, match="cut short"):
        list(merge.chunks())
