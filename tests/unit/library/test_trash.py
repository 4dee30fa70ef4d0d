import time
from pathlib import Path

import pytest

from corral.errors import UserError
from corral.library import disk
from corral.library.library import Library
from corral.library.store import Store
from corral.library.sweeping import YOUNG_S
from corral.library.trash import KEPT_S
from corral.modelfile.parser import parse


def blobs(store: Store) -> set[str]:
    return {path.name for path in store.blobs.iterdir()}


def turn_back(store: Store, seconds: float) -> None:
    """Let everything in the trash have been removed so much earlier."""
    for folder in (store.own / "trash").iterdir():
        folder.rename(folder.with_name(str(int(folder.name) - int(seconds * 1000))))


def test_a_removed_model_can_be_restored_with_everything(
    library: Library, store: Store, gguf: Path
) -> None:
    model = library.import_file(gguf)
    before = blobs(store)
    entry = library.remove("TINY:f32")
    assert library.list() == ()
    assert blobs(store) == before
    assert (entry.name, entry.digest) == ("tiny:f32", model.digest)
    assert library.trash() == (entry,)
    assert library.restore(entry) == model
    assert library.trash() == ()
    assert sorted(path.name for path in (store.own / "trash").iterdir()) == []


def test_the_latest_of_a_name_is_restored(library: Library, gguf: Path) -> None:
    library.import_file(gguf, "base")
    for text in ("One", "Two"):
        library.create("mine", parse(f"FROM base\nSYSTEM {text}"))
        library.remove("mine")
    assert library.restore("mine").system == "Two"
    with pytest.raises(UserError, match="another model 'mine:latest' now"):
        library.restore("mine")
    library.rename("mine", "newer")
    assert library.restore("mine").system == "One"


def test_what_is_not_in_the_trash_is_said(library: Library, gguf: Path) -> None:
    library.import_file(gguf)
    entry = library.remove("tiny:f32")
    library.restore(entry)
    library.remove("tiny:f32")
    library.restore("tiny:f32")
    library.rename("tiny:f32", "other")
    with pytest.raises(UserError, match="no longer in the trash"):
        library.restore(entry)
    with pytest.raises(UserError, match="not in the trash"):
        library.restore("never")


def test_after_seven_days_a_removed_model_and_its_blobs_are_gone(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf, "base")
    kept = blobs(store)
    library.create("mine", parse("FROM base\nSYSTEM Mine only"))
    library.remove("mine")
    turn_back(store, KEPT_S - 60)
    library.tidy()
    assert [entry.name for entry in library.trash()] == ["mine:latest"]
    turn_back(store, 120)
    library.tidy()
    assert library.trash() == ()
    assert blobs(store) == kept
    assert library.get("base").problem == ""


def test_the_trash_can_be_emptied_at_once(library: Library, store: Store, gguf: Path) -> None:
    size = library.import_file(gguf).size_bytes
    library.remove("tiny:f32")
    assert library.empty_trash(before=time.time() + 1) == size
    assert blobs(store) == set()
    assert library.empty_trash(before=time.time() + 1) == 0


def test_nothing_is_pruned_while_a_manifest_cannot_be_read(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf)
    library.import_file(gguf, "damaged")
    path = next(path for path in store.manifests.rglob("*") if path.parent.name == "damaged")
    path.write_text("{")
    library.remove("tiny:f32")
    before = blobs(store)
    library.empty_trash(before=time.time() + 1)
    assert blobs(store) == before


def test_leftovers_of_a_crash_are_swept(
    library: Library, store: Store, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.import_file(gguf)
    kept = blobs(store)
    (store.own / "unfinished").mkdir(exist_ok=True)
    (store.own / "unfinished" / ".corral-a.part").write_bytes(b"half a manifest")
    (store.blobs / ".corral-b.part").write_bytes(b"half a blob")
    orphan = store.blobs / ("sha256-" + "0" * 64)
    orphan.write_bytes(b"never named")
    with store.exclusive():
        live_path, live = disk.open_part(store.blobs)
    library.tidy()
    assert blobs(store) == kept | {orphan.name, live_path.name}
    later = time.time() + YOUNG_S + 60
    monkeypatch.setattr(time, "time", lambda: later)
    library.tidy()
    assert blobs(store) == kept | {live_path.name}
    live.close()
    library.tidy()
    assert blobs(store) == kept


def test_partial_downloads_of_ollama_are_left_alone(
    library: Library, store: Store, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.import_file(gguf)
    partial = store.blobs / f"sha256-{'1' * 64}-partial"
    partial.write_bytes(b"x")
    monkeypatch.setattr(time, "time", lambda: partial.stat().st_ctime + 10**6)
    library.tidy()
    assert partial.exists()


def test_a_store_with_names_of_a_newer_ollama_is_never_pruned(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf)
    (store.root / "manifests-v2").mkdir()
    library.remove("tiny:f32")
    before = blobs(store)
    library.empty_trash(before=time.time() + 1)
    assert blobs(store) == before


def test_tidying_an_absent_store_makes_nothing(library: Library, store: Store) -> None:
    library.tidy()
    assert not store.root.exists()
