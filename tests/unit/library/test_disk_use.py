from collections.abc import Callable
from pathlib import Path

from corral.library.disk_use import DiskUse, ModelUse
from corral.library.library import Library
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.taking import ImportHow
from corral.modelfile.parser import parse


def on_disk(store: Store) -> int:
    return sum(path.stat().st_size for path in store.blobs.iterdir())


def test_an_empty_store_takes_nothing(library: Library) -> None:
    assert library.upkeep.disk_use() == DiskUse()


def test_a_blob_of_two_models_is_shared_and_counted_once(
    library: Library, store: Store, gguf: Path, other_gguf: Callable[[str], Path]
) -> None:
    base = library.import_file(gguf, "base")
    alone = library.import_file(other_gguf("alone.gguf"), "alone")
    config_bytes = store.read_manifest(parse_name("base")).manifest.config.size_bytes
    library.create("mine", parse("FROM base\nSYSTEM 12345"))
    use = library.upkeep.disk_use()
    assert use.models == {
        "base:latest": ModelUse(own_bytes=0, shared_bytes=base.size_bytes),
        "mine:latest": ModelUse(own_bytes=5, shared_bytes=base.size_bytes),
        # All three have the same config, the third its own weights.
        "alone:latest": ModelUse(
            own_bytes=alone.size_bytes - config_bytes, shared_bytes=config_bytes
        ),
    }
    assert use.total_bytes == use.models_bytes == on_disk(store)


def test_what_the_trash_holds_and_what_nobody_names_is_told(
    library: Library, store: Store, gguf: Path
) -> None:
    model = library.import_file(gguf)
    library.remove(model.name)
    (store.blobs / f"sha256-{'0' * 64}-partial").write_bytes(b"123")
    use = library.upkeep.disk_use()
    assert (use.models, use.models_bytes) == ({}, 0)
    assert (use.trash_bytes, use.unneeded_bytes) == (model.size_bytes, 3)
    assert use.total_bytes == on_disk(store)


def test_a_linked_file_is_told_as_taking_nothing_more(library: Library, gguf: Path) -> None:
    library.import_file(gguf, how=ImportHow.LINK)
    assert library.upkeep.disk_use().linked_bytes == gguf.stat().st_size


def test_a_model_that_cannot_be_read_does_not_hide_the_others(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf, "fine")
    library.copy("fine", "broken")
    store.manifest_path(parse_name("broken")).write_text("{")
    assert set(library.upkeep.disk_use().models) == {"fine:latest"}
