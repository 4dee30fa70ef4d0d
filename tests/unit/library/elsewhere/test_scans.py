"""How much a scan costs, and what it survives."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corral.library.library import Library
from helpers.gguf_files import tiny_model

OpenLibrary = Callable[..., Library]
_opened: list[list[str]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _opened and event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        _opened[-1].append(os.fsdecode(arguments[0]))


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    sys.addaudithook(_hook)  # for ever, but idle outside of `opens`


@contextmanager
def opens() -> Iterator[list[str]]:
    """Tell which files are opened within."""
    _opened.append(found := [])
    try:
        yield found
    finally:
        _opened.clear()


def make_drive(folder: Path, count: int) -> Path:
    """Make a folder of model files, spread over 20 folders."""
    source = tiny_model(folder / "source.gguf")
    for number in range(count):
        path = folder / "drive" / f"{number % 20}" / f"tiny-{number}-Q4_0.gguf"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
    return folder / "drive"


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A folder of 60 model files."""
    return make_drive(tmp_path, 60)


def test_each_file_is_read_once_and_never_again(open_library: OpenLibrary, tmp_path: Path) -> None:
    drive = make_drive(tmp_path, 300)

    def models_opened(found: list[str]) -> list[str]:
        return [path for path in found if path.endswith(".gguf")]

    with opens() as first:
        before = open_library(drive).list()
    assert len(before) == len(set(models_opened(first))) == 300
    with opens() as second:
        began = time.perf_counter()
        after = open_library(drive).list()  # as another process does
        took_s = time.perf_counter() - began
    print(f"second scan of 300 files: {1000 * took_s:.1f} ms")
    assert after == before
    assert models_opened(second) == []
    assert not any("headers" in path for path in second)

    changed = drive / "7" / "tiny-7-Q4_0.gguf"
    tiny_model(changed, general__name="Changed")
    with opens() as third:
        open_library(drive).list()
    assert set(models_opened(third)) == {str(changed)}


def test_what_was_remembered_can_be_lost_or_damaged(
    open_library: OpenLibrary, drive: Path, tmp_path: Path
) -> None:
    models = open_library(drive).list()
    memory = tmp_path / "elsewhere.json"
    for text in ("", "[]", memory.read_text().replace('"llama"', "5"), "{" * 50_000):
        memory.write_text(text)
        assert open_library(drive).list() == models


def test_files_that_come_and_go_meanwhile_harm_nobody(
    open_library: OpenLibrary, drive: Path
) -> None:
    is_over = threading.Event()

    def churn() -> None:
        path, number = drive / "0" / "churned.gguf", 0
        while not is_over.is_set():
            number += 1
            tiny_model(path, general__name=f"x{number}" * (number % 7))
            os.truncate(path, number * 997 % path.stat().st_size)
            path.unlink()
            shutil.rmtree(drive / "19", ignore_errors=True)
            shutil.copytree(drive / "18", drive / "19", dirs_exist_ok=True)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        library = open_library(drive)
        for _ in range(8):
            assert len(library.list()) >= 57
    finally:
        is_over.set()
        thread.join()


def test_a_drive_that_was_taken_away_is_an_empty_one(
    open_library: OpenLibrary, drive: Path
) -> None:
    library = open_library(drive)
    assert len(library.list()) == 60
    drive.rename(drive.with_name("unplugged"))
    assert library.list() == ()
    drive.with_name("unplugged").rename(drive)
    assert len(library.list()) == 60


def test_an_impatient_list_gives_more_each_time(open_library: OpenLibrary, drive: Path) -> None:
    library, counts, is_whole = open_library(drive), [0], False
    while not is_whole:
        models, is_whole = library.list_so_far(patience_s=0.01)
        assert len(models) >= counts[-1]
        assert not any(model.problem for model in models)
        counts.append(len(models))
        assert len(counts) < 400
    assert counts[1] < 60
    assert counts[-1] == 60
    assert models == library.list()
