import os
import stat
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.library.manifest import Layer, LayerType, Manifest
from corral.library.names import parse_name
from corral.library.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


def write(store: Store, name: str, text: str = "weights") -> Manifest:
    with store.exclusive():
        layer = store.write_blob(text.encode(), LayerType.MODEL)
        config = store.write_blob(b"{}\n", "config")
        manifest = Manifest(config=config, layers=(layer,))
        store.write_manifest(parse_name(name), manifest)
    return manifest


def test_an_absent_folder_is_an_empty_store(store: Store) -> None:
    assert store.list_names() == []
    assert store.find(parse_name("x")) is None
    assert not store.root.exists()


def test_files_lie_where_ollama_looks_for_them(store: Store) -> None:
    write(store, "smollm2:135m")
    manifest = store.root / "manifests/registry.ollama.ai/library/smollm2/135m"
    assert manifest.is_file()
    blobs = sorted(path.name for path in (store.root / "blobs").iterdir())
    assert all(name.startswith("sha256-") and len(name) == 71 for name in blobs)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (store.root / "blobs").iterdir()}
    assert modes == {0o644}


def test_a_manifest_reads_back_with_its_digest(store: Store) -> None:
    manifest = write(store, "m")
    file = store.read_manifest(parse_name("m"))
    assert file.manifest == manifest
    assert len(file.digest) == 64


def test_equal_blobs_are_stored_once(store: Store) -> None:
    write(store, "one")
    write(store, "two")
    assert len(list(store.blobs.iterdir())) == 2
    assert {name.short for name in store.list_names()} == {"one:latest", "two:latest"}


def test_names_are_found_whatever_their_case(store: Store) -> None:
    write(store, "Foo:Tag")
    found = store.find(parse_name("foo:tag"))
    assert found is not None
    assert found.short == "Foo:Tag"


def test_files_that_are_no_manifests_are_passed_over(store: Store) -> None:
    write(store, "m")
    folder = store.manifest_path(parse_name("m")).parent
    (folder / ".hidden").write_text("x")
    (folder / "a folder").mkdir()
    assert [name.short for name in store.list_names()] == ["m:latest"]


def test_a_failed_write_leaves_the_old_content_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, "m", "old")
    before = store.manifest_path(parse_name("m")).read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExternalError, match="No space left") as caught:
        write(store, "m", "new")
    assert "Remove what you do not need" in caught.value.hint
    monkeypatch.undo()
    assert store.manifest_path(parse_name("m")).read_bytes() == before
    leftovers = list(store.root.rglob("*.part*"))
    assert leftovers == []


def test_a_full_drive_is_told_before_a_manifest_is_written(tmp_path: Path) -> None:
    write(Store(tmp_path), "m", "old")
    full = Store(tmp_path, free_bytes=lambda _folder: 12)
    before = full.manifest_path(parse_name("m")).read_bytes()
    with pytest.raises(ExternalError, match=r"the manifest of m:latest: \d+ B needed, 12 B free"):
        write(full, "m", "new")
    assert full.manifest_path(parse_name("m")).read_bytes() == before


def test_the_free_space_is_told_beside_what_is_needed(tmp_path: Path) -> None:
    store = Store(tmp_path, free_bytes=lambda _folder: 1_500_000)
    store.need_space(1_500_000, "x.gguf")
    with pytest.raises(ExternalError) as caught:
        store.need_space(4_000_000_000, "x.gguf")
    assert str(caught.value).startswith(
        "Not enough free space for x.gguf: 4 GB needed, 1.5 MB free."
    )


def test_a_blob_of_the_wrong_size_is_written_again(store: Store) -> None:
    write(store, "m", "weights")
    layer = store.read_manifest(parse_name("m")).manifest.layers[0]
    store.blob_path(layer.digest).write_bytes(b"wei")
    write(store, "m", "weights")
    assert store.read_blob(layer.digest) == b"weights"


def test_a_digest_can_never_lead_out_of_the_folder(store: Store) -> None:
    with pytest.raises(ValueError, match="digest"):
        store.blob_path("sha256:../../x")


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file, not a folder")
    store = Store(tmp_path / "models")
    with pytest.raises(ExternalError, match="write to the model store"):
        write(store, "m")


def test_a_layer_names_its_source_only_when_it_has_one() -> None:
    layer = Layer(media_type="t", digest="sha256:" + "0" * 64, size_bytes=1)
    assert "from" not in layer.fields()
