"""Importing two GiB: no second copy, and hardly longer than reading the file once."""

import hashlib
import os
import shutil
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.library.library import Library
from corral.library.store import Store
from corral.units import GIB
from helpers.gguf_files import tiny_metadata, tiny_tensors, write_gguf

ROUNDS = 3
# One matrix of F32 values that fills the file; its data is written below.
WIDTH, ROWS = 1024, (1 << 19) - 512


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the file and the store lie: on one file system, with the room for them."""
    folder = tmp_path_factory.mktemp("import")
    free = shutil.disk_usage(folder).free
    if free < 3 * GIB:
        pytest.skip(f"3 GiB are needed in {folder}, {free / GIB:.1f} are free")
    return folder


@pytest.fixture(scope="module")
def big(folder: Path) -> Path:
    """A sound model file of two GiB, every block of it written."""
    tensors = tiny_tensors() | {"extra.weight": ([WIDTH, ROWS], TensorType.F32)}
    path = write_gguf(folder / "big.gguf", tiny_metadata(), tensors)
    block = os.urandom(1 << 20)
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        for _ in range(WIDTH * ROWS * 4 // len(block)):
            file.write(block)
    assert 2 * GIB - (4 << 20) < path.stat().st_size < 2 * GIB + (4 << 20)
    return path


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.perf
def test_a_big_file_is_imported_without_a_copy_in_the_time_of_reading_it_once(
    folder: Path, big: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = digest_of(big)  # it is in the page cache now, for both
    reading, importing = [], []
    for number in range(ROUNDS):
        store = Store(folder / f"models-{number}")
        library = Library(store, HeaderCache(folder / "headers"))
        reading.append(seconds(lambda: digest_of(big)))
        free = shutil.disk_usage(folder).free
        importing.append(seconds(partial(library.import_file, big, "big", ask_link=lambda: True)))
        taken = free - shutil.disk_usage(folder).free
        [model] = library.list()
        assert model.weights.name == f"sha256-{digest}"
        # Linked, or cloned where the file system can: then the drive has lost no 2 GiB.
        assert model.weights.samefile(big) or taken < GIB
        others = [path for path in store.root.rglob("*") if path != model.weights]
        assert sum(path.stat().st_blocks * 512 for path in others) < 1 << 20
        shutil.rmtree(store.root)
    ratio = min(importing) / min(reading)
    with capsys.disabled():
        print(
            f"\nimport of {big.stat().st_size / GIB:.2f} GiB: {min(importing):.2f} s, "
            f"file_digest {min(reading):.2f} s, ratio {ratio:.3f} "
            f"(median {statistics.median(importing):.2f} / {statistics.median(reading):.2f} s)"
        )
    assert ratio <= 1.2
