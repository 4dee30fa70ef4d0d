import os
from pathlib import Path

import pytest

from corral.errors import UserError
from corral.gguf.errors import (
    DamagedError,
    GgufError,
    NotGgufError,
    TruncatedError,
    UnsupportedError,
)
from corral.gguf.header import ArrayValue
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import (
    Typed,
    gguf_bytes,
    tiny_metadata,
    tiny_model,
    tiny_tensors,
    write_gguf,
)
from helpers.models import gemma3_path, smollm2_path


def test_a_small_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    header = read_header(tiny_model(tmp_path / "tiny.gguf"))
    assert header.version == 3
    assert header.metadata["llama.block_count"] == 2
    assert header.metadata["general.name"] == "Tiny"
    assert [(t.name, list(t.shape), t.type) for t in header.tensors] == [
        (name, shape, kind) for name, (shape, kind) in tiny_tensors().items()
    ]
    last = header.tensors[-1]
    assert header.data_offset + last.offset + last.size_bytes == header.file_bytes


def test_every_type_of_value_is_read(tmp_path: Path) -> None:
    values = {
        ValueType.UINT8: 200,
        ValueType.INT8: -100,
        ValueType.UINT16: 60_000,
        ValueType.INT16: -30_000,
        ValueType.UINT32: 2**32 - 1,
        ValueType.INT32: -(2**31),
        ValueType.FLOAT32: 0.5,
        ValueType.BOOL: True,
        ValueType.STRING: "häh\n🙂",
        ValueType.UINT64: 2**64 - 1,
        ValueType.INT64: -(2**63),
        ValueType.FLOAT64: 1e300,
    }
    metadata = {kind.name: Typed(kind, value) for kind, value in values.items()}
    header = read_header(write_gguf(tmp_path / "a.gguf", metadata))
    assert header.metadata == {kind.name: value for kind, value in values.items()}
    assert header.metadata["BOOL"] is True


def test_only_short_arrays_of_numbers_are_built(tmp_path: Path) -> None:
    metadata = {"short": [1, -2], "long": [7] * 1025, "texts": ["a", "b"], "flags": [True, False]}
    found = read_header(write_gguf(tmp_path / "a.gguf", metadata)).metadata
    assert [getattr(found[key], "values", "?") for key in metadata] == [
        (1, -2),
        None,
        None,
        (True, False),
    ]
    assert [getattr(found[key], "length", 0) for key in metadata] == [2, 1025, 2, 2]


def test_version_2_is_read(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", tiny_metadata(), tiny_tensors(), version=2)
    assert read_header(path).architecture == "llama"


def test_bytes_that_are_not_utf8_do_not_stop_the_reader(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"general.name": b"\xff\xfeabc"})
    assert read_header(path).name == "\ufffd\ufffdabc"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"PK\x03\x04" + bytes(100), "Not a GGUF file: it starts with 'PK'."),
        (b"<!DOCTYPE html>", "Not a GGUF file: it starts with '<!DO'."),
        (b"\0\1\2\3", "Not a GGUF file: it starts with the bytes 00 01 02 03."),
        (b"GG", "Not a GGUF file: it starts with 'GG'."),
        (b"", "The file is empty."),
    ],
)
def test_other_files_are_named_by_how_they_begin(tmp_path: Path, data: bytes, shown: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    with pytest.raises(NotGgufError) as error:
        read_header(path)
    assert error.value.summary == shown


def test_a_big_endian_file_is_named(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", tiny_metadata(), byte_order=">")
    with pytest.raises(UnsupportedError, match="big-endian"):
        read_header(path)


@pytest.mark.parametrize("version", [0, 1, 4, 77])
def test_other_versions_are_named(tmp_path: Path, version: int) -> None:
    path = write_gguf(tmp_path / "a.gguf", tiny_metadata(), version=version)
    with pytest.raises(UnsupportedError, match=f"version {version};"):
        read_header(path)


def test_a_file_cut_anywhere_in_its_header_is_called_incomplete(tmp_path: Path) -> None:
    data = gguf_bytes(tiny_metadata(), tiny_tensors())
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    end = read_header(path).data_offset - 32
    for size in range(4, end, 97):
        path.write_bytes(data[:size])
        with pytest.raises(TruncatedError) as error:
            read_header(path)
        assert error.value.summary.startswith("The file is incomplete: it ends after ")
        assert error.value.at <= size
        assert error.value.what in error.value.summary


def test_one_part_of_a_split_model_says_of_how_many(tmp_path: Path) -> None:
    changes = {"split.count": Typed(ValueType.UINT16, 3), "split.no": Typed(ValueType.UINT16, 1)}
    assert read_header(tiny_model(tmp_path / "a.gguf", **changes)).split_count == 3
    assert read_header(tiny_model(tmp_path / "b.gguf")).split_count == 1


def test_a_tensor_of_a_newer_type_is_named(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {}, {"x.weight": ([64], 99)})
    with pytest.raises(UnsupportedError, match=r"The tensor 'x\.weight' has the type 99"):
        read_header(path)


def test_a_value_of_an_unknown_type_is_named(tmp_path: Path) -> None:
    data = gguf_bytes({"some.key": 1})
    broken = data.replace(b"some.key\x04", b"some.key\x2a")
    path = tmp_path / "a.gguf"
    path.write_bytes(broken)
    with pytest.raises(UnsupportedError, match=r"the key 'some\.key' has the unknown type 42"):
        read_header(path)


@pytest.mark.parametrize("kind", [TensorType.Q4_K, TensorType.Q8_0])
def test_a_row_that_does_not_fill_its_blocks_is_refused(tmp_path: Path, kind: TensorType) -> None:
    path = write_gguf(tmp_path / "a.gguf", {}, {"x": ([100, 2], kind)})
    with pytest.raises(DamagedError, match="not a multiple"):
        read_header(path)


def test_a_shape_beyond_64_bits_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {}, {"x": ([1 << 32, 1 << 32], TensorType.F32)})
    with pytest.raises(DamagedError, match="impossible shape"):
        read_header(path)


def test_names_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(gguf_bytes({"aa": 1, "ab": 2}).replace(b"ab", b"aa"))
    with pytest.raises(DamagedError, match="'aa' is there twice"):
        read_header(path)
    tensors = {"ta": ([1], TensorType.F32), "tb": ([1], TensorType.F32)}
    path.write_bytes(gguf_bytes({}, tensors).replace(b"tb", b"ta"))
    with pytest.raises(DamagedError, match="two of the tensor 'ta'"):
        read_header(path)


@pytest.mark.parametrize("alignment", [0, 3, "32", True, Typed(ValueType.INT32, -32)])
def test_an_impossible_alignment_is_refused(tmp_path: Path, alignment: object) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"general.alignment": alignment})  # type: ignore[dict-item]
    with pytest.raises(DamagedError, match="alignment"):
        read_header(path)


@pytest.mark.parametrize("place", [8, 16])
@pytest.mark.parametrize("count", [1 << 20, 2**63, 2**64 - 1])
def test_huge_counts_are_refused_at_once(tmp_path: Path, place: int, count: int) -> None:
    data = bytearray(gguf_bytes({"a": 1}))
    data[place : place + 8] = count.to_bytes(8, "little")
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    with pytest.raises(GgufError, match="claims"):
        read_header(path)


def test_a_huge_file_of_holes_is_refused_at_once(tmp_path: Path) -> None:
    """Its counts fit its size, so only our own limits stand between it and an hour of walking."""
    path = tmp_path / "a.gguf"
    data = gguf_bytes({"x": ["a"]})
    length = data.rindex((1).to_bytes(8, "little") * 2)
    with path.open("wb") as file:
        file.write(data[:length] + (1 << 36).to_bytes(8, "little"))
        file.truncate(1 << 40)
    with pytest.raises(DamagedError, match="too many strings"):
        read_header(path)


@pytest.mark.parametrize(("count", "step"), [(1, 1 << 39), (1 << 15, 1 << 20)])
def test_a_header_that_never_ends_is_refused_at_once(tmp_path: Path, count: int, step: int) -> None:
    path = tmp_path / "a.gguf"
    data = gguf_bytes({"x": Typed(ValueType.STRING, [])})[:-8]
    place = data.rindex(b"x") + 9
    with path.open("wb") as file:
        file.write(data[:place] + count.to_bytes(8, "little"))
        for _ in range(min(count, 600)):
            file.write((step - 8).to_bytes(8, "little"))
            file.seek(step - 8, os.SEEK_CUR)
        file.truncate(1 << 40)
    with pytest.raises(DamagedError, match="The header is larger than 536 MB"):
        read_header(path)


def test_a_string_longer_than_the_file_costs_no_memory(tmp_path: Path) -> None:
    data = gguf_bytes({"general.name": "abc"})
    path = tmp_path / "a.gguf"
    length, huge = (3).to_bytes(8, "little"), (1 << 62).to_bytes(8, "little")
    path.write_bytes(data.replace(length + b"abc", huge + b"abc"))
    with pytest.raises(TruncatedError):
        read_header(path)


def test_what_is_not_a_file_is_said_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, word in [(tmp_path, "a folder"), (pipe, "not an ordinary file")]:
        with pytest.raises(UserError, match=word):
            read_header(path)
    with pytest.raises(UserError, match="There is no file"):
        read_header(tmp_path / "missing.gguf")


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {}, {"\x1b[31mred": ([1], 99)})
    with pytest.raises(UnsupportedError) as error:
        read_header(path)
    assert "\x1b" not in f"{error.value} {error.value.detail}"


@pytest.mark.parametrize("find", [smollm2_path, pytest.param(gemma3_path, marks=pytest.mark.slow)])
def test_real_headers_are_those_that_the_gguf_package_reads(find) -> None:  # noqa: ANN001
    gguf = pytest.importorskip("gguf")
    path = find()
    header, reader = read_header(path), gguf.GGUFReader(path)
    fields = {key: f for key, f in reader.fields.items() if not key.startswith("GGUF.")}
    assert list(header.metadata) == list(fields)
    for key, value in header.metadata.items():
        if isinstance(value, ArrayValue):
            assert value.length == len(fields[key].data)
            assert value.element_type == fields[key].types[-1]
        else:
            assert value == fields[key].contents()
    assert [(t.name, t.shape, t.type, t.size_bytes) for t in header.tensors] == [
        (t.name, tuple(t.shape.tolist()), t.tensor_type, t.n_bytes) for t in reader.tensors
    ]
    assert header.data_offset == reader.data_offset
    assert [header.data_offset + t.offset for t in header.tensors] == [
        t.data_offset for t in reader.tensors
    ]
