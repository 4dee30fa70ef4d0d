import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.jobs import Progress, Ticket
from corral.library.library import Library
from corral.library.store import Store
from corral.library.taking import ImportHow
from helpers.gguf_files import tiny_model

OpenLibrary = Callable[..., Library]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "drive" / "Tiny.F32.gguf")


def test_blobs_are_known_by_their_names(
    library: Library, source: Path, user: Path, tmp_path: Path
) -> None:
    own = library.import_file(source)
    ollama = Library(Store(user / ".ollama/models"), HeaderCache(tmp_path / "h"))
    ollama.import_file(source, "theirs")
    ollama.copy("theirs", "second")
    size = source.stat().st_size
    (found,) = library.duplicates()
    assert (found.size_bytes, found.freed_bytes) == (size, size)
    assert found.digest.replace(":", "-") == own.weights.name
    first, second = found.copies
    assert (first.home.is_own, first.models) == (True, ("tiny:f32",))
    assert (second.home.label, set(second.models)) == ("Ollama", {"theirs:latest", "second:latest"})


def test_blobs_of_the_hugging_face_cache_are_known_by_their_names(
    library: Library, source: Path, user: Path
) -> None:
    own = library.import_file(source)
    repository = user / ".cache/huggingface/hub/models--a--b"
    blob = repository / "blobs" / own.weights.name.removeprefix("sha256-")
    link = repository / "snapshots" / "c" / "tiny.gguf"
    link.parent.mkdir(parents=True)
    blob.parent.mkdir()
    shutil.copy(source, blob)
    link.symlink_to(os.path.relpath(blob, link.parent))
    (found,) = library.duplicates()
    assert [copy.path for copy in found.copies] == [own.weights, link]


def test_other_files_are_read_when_asked_and_then_never_again(
    open_library: OpenLibrary, source: Path, user: Path
) -> None:
    library = open_library(source.parent)
    folder = user / ".lmstudio/models/a/b"
    folder.mkdir(parents=True)
    shutil.copy(source, folder / "same-Q8_0.gguf")
    tiny_model(folder / "other-Q8_0.gguf", general__name="Tinx")  # of equal size
    tiny_model(folder / "alone-Q8_0.gguf", general__name="A long name" * 20)
    assert library.duplicates() == ()
    seen: list[Progress] = []
    assert library.hash_suspects(Ticket(seen.append)) == 3
    assert seen[-1].done == seen[-1].total == source.stat().st_size
    (found,) = library.duplicates()
    assert {copy.path.name for copy in found.copies} == {"Tiny.F32.gguf", "same-Q8_0.gguf"}
    assert open_library(source.parent).hash_suspects() == 0
    assert len(open_library(source.parent).duplicates()) == 1


def test_a_file_that_changed_is_no_duplicate_any_more(
    open_library: OpenLibrary, source: Path
) -> None:
    library = open_library(source.parent)
    shutil.copy(source, source.with_name("copy.gguf"))
    library.hash_suspects()
    assert len(library.duplicates()) == 1
    tiny_model(source, general__name="Tinx")
    assert library.duplicates() == ()


def test_hard_links_free_nothing(open_library: OpenLibrary, source: Path) -> None:
    library = open_library(source.parent)
    library.import_file(source, "mine", how=ImportHow.LINK)
    library.hash_suspects()
    duplicates = library.duplicates()
    assert [each.freed_bytes for each in duplicates] in ([], [0])


def test_damaged_memory_is_no_memory(
    open_library: OpenLibrary, source: Path, tmp_path: Path
) -> None:
    shutil.copy(source, source.with_name("copy.gguf"))
    (tmp_path / "digests.json").write_text('{"schema": 1, "digests": {"x": 5}}')
    assert open_library(source.parent).hash_suspects() == 2
