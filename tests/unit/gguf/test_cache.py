import json
import os
from pathlib import Path

import pytest

from corral.errors import UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.errors import NotGgufError
from corral.gguf.reader import read_header
from helpers.gguf_files import tiny_model
from helpers.models import smollm2_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "headers"


def _read(folder: Path, path: Path) -> str:
    return HeaderCache(folder).read(path).name


def test_a_kept_header_equals_the_one_in_the_file(folder: Path) -> None:
    path = smollm2_path()
    first, second = HeaderCache(folder).read(path), HeaderCache(folder).read(path)
    assert first == second == read_header(path)
    assert second.tensors[0].type.label == first.tensors[0].type.label


def test_odd_numbers_survive_being_kept(tmp_path: Path, folder: Path) -> None:
    path = tiny_model(tmp_path / "a.gguf", x=float("inf"), y=[1.5, 2.5], z=[True, False], n=2**31)
    HeaderCache(folder).read(path)
    assert HeaderCache(folder).read(path) == read_header(path)


def test_the_second_read_does_not_open_the_file(tmp_path: Path, folder: Path) -> None:
    path = tiny_model(tmp_path / "a.gguf")
    assert _read(folder, path) == "Tiny"
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert _read(folder, path) == "Tiny"


def test_a_changed_file_is_read_again_and_its_entry_replaced(tmp_path: Path, folder: Path) -> None:
    path = tiny_model(tmp_path / "a.gguf")
    assert _read(folder, path) == "Tiny"
    path.write_bytes(path.read_bytes().replace(b"Tiny", b"Tony"))
    os.utime(path, ns=(0, 1))
    assert _read(folder, path) == "Tony"
    assert len(list(folder.iterdir())) == 1


def test_a_file_put_in_the_place_of_another_is_read_anew(tmp_path: Path, folder: Path) -> None:
    path = tiny_model(tmp_path / "a.gguf")
    assert _read(folder, path) == "Tiny"
    tiny_model(tmp_path / "b.gguf", general__name="Toby").replace(path)
    assert _read(folder, path) == "Toby"


def test_a_moved_file_is_still_known(tmp_path: Path, folder: Path) -> None:
    path = tiny_model(tmp_path / "a.gguf")
    assert _read(folder, path) == "Tiny"
    assert _read(folder, path.rename(tmp_path / "b.gguf")) == "Tiny"
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[" * 100_000,
        lambda text: "[]",
        lambda text: '{"schema": 1}',
        lambda text: text.replace('"schema":1', '"schema":0'),
        lambda text: text.replace('"tensors":[[', '"tensors":[["odd"],['),
        lambda text: text.replace('"metadata":{', '"metadata":{"odd":null,'),
        lambda text: text.replace('"metadata":{', '"metadata":{"odd":[99,1,null,0],'),
        lambda text: text.replace('"alignment":32', '"alignment":"32"'),
        lambda text: text.replace('"version":3,"metadata"', '"version":3,"other"'),
        lambda text: text.encode().replace(b"Tiny", b"\xff"),
    ],
)
def test_a_broken_entry_is_read_again(tmp_path: Path, folder: Path, damage) -> None:  # noqa: ANN001
    path = tiny_model(tmp_path / "a.gguf")
    expected = HeaderCache(folder).read(path)
    (entry,) = folder.iterdir()
    sound = entry.read_text()
    broken = damage(sound)
    entry.write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    assert HeaderCache(folder).read(path) == expected
    assert json.loads(entry.read_text()) == json.loads(sound)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert _read(folder, tiny_model(tmp_path / "a.gguf")) == "Tiny"


def test_errors_are_those_of_the_reader_and_are_not_kept(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a.gguf"
    with pytest.raises(UserError, match="There is no file"):
        _read(folder, path)
    path.write_bytes(b"PK\3\4")
    with pytest.raises(NotGgufError):
        _read(folder, path)
    assert not folder.exists()
