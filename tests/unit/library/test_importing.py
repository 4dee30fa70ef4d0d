import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.gguf.cache import HeaderCache
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.content import CHUNK_BYTES
from corral.library.library import Library
from corral.library.manifest import LayerType
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.taking import FICLONE, ImportHow
from helpers.gguf_files import tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.models import smollm2_path


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_imported_file_is_a_model_named_after_it(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf)
    assert model.name == "tiny:f32"
    assert model.weights.name == f"sha256-{digest_of(gguf)}"
    assert model.weights.read_bytes() == gguf.read_bytes()
    assert model.config.family == "llama"
    assert model.config.quantization == "F32"
    assert model.config.context_length == 512
    assert model.parent_name is None
    assert model.problem == ""
    assert library.list() == (model,)


def test_the_manifest_and_config_are_what_ollama_would_write(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf, "Me/Tiny:v1")
    text = (store.manifests / "registry.ollama.ai/Me/Tiny/v1").read_text()
    fields = json.loads(text)
    assert list(fields) == ["schemaVersion", "mediaType", "config", "layers"]
    assert [list(layer) for layer in fields["layers"]] == [["mediaType", "digest", "size"]]
    assert text == json.dumps(fields, separators=(",", ":")) + "\n"
    config = store.read_blob(fields["config"]["digest"]).decode()
    count = json.loads(config)["model_type"]
    assert config == (
        '{"model_format":"gguf","model_family":"llama","model_families":["llama"],'
        f'"model_type":"{count}","file_type":"F32","architecture":"amd64","os":"linux"}}\n'
    )


def test_the_same_content_shares_its_blob(library: Library, store: Store, gguf: Path) -> None:
    first = library.import_file(gguf)
    blobs = sorted(store.blobs.iterdir())
    assert library.import_file(gguf) == first
    assert library.import_file(gguf, "another").weights == first.weights
    assert sorted(store.blobs.iterdir()) == blobs
    assert len(library.list()) == 2


def test_a_taken_name_gets_a_number(
    library: Library, gguf: Path, other_gguf: Callable[[str], Path]
) -> None:
    library.import_file(gguf)
    other = other_gguf("tiny.f32.gguf")
    assert library.import_file(other).name == "tiny-2:f32"
    assert library.import_file(other).name == "tiny-2:f32"


def test_a_name_that_was_asked_for_is_never_taken_from_another_model(
    library: Library, gguf: Path, other_gguf: Callable[[str], Path]
) -> None:
    first = library.import_file(gguf, "mine")
    with pytest.raises(UserError, match="another model 'mine:latest'"):
        library.import_file(other_gguf("x.gguf"), "mine")
    assert library.list() == (first,)


def test_a_wrong_name_is_told_before_anything_is_done(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="invalid model name"):
        library.import_file(tmp_path / "absent.gguf", "not a name")


def test_a_damaged_file_leaves_no_trace(library: Library, store: Store, gguf: Path) -> None:
    gguf.write_bytes(gguf.read_bytes()[:-100])
    with pytest.raises(ExternalError):
        library.import_file(gguf)
    assert not store.root.exists()


def test_folders_and_absent_files_are_named(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        library.import_file(tmp_path)
    with pytest.raises(UserError, match="There is no file"):
        library.import_file(tmp_path / "absent.gguf")


def test_parts_of_a_model_are_no_models(library: Library, tmp_path: Path) -> None:
    metadata = tiny_metadata(general__type="adapter")
    adapter = write_gguf(tmp_path / "lora.gguf", metadata, tiny_tensors())
    with pytest.raises(UserError, match="LoRA adapter"):
        library.import_file(adapter)


def test_the_free_space_is_checked_before_the_first_byte(tmp_path: Path, gguf: Path) -> None:
    store = Store(tmp_path / "full", free_bytes=lambda _folder: 1000)
    library = Library(store, HeaderCache(tmp_path / "headers"))
    with pytest.raises(ExternalError, match=r"needed, 1 KB free"):
        library.import_file(gguf)
    assert list(store.blobs.iterdir()) == []


def test_progress_is_told_in_bytes(library: Library) -> None:
    seen: list[Progress] = []
    path = smollm2_path()
    library.import_file(path, "smollm2:135m", ticket=Ticket(seen.append))
    size = path.stat().st_size
    copying = [progress for progress in seen if progress.phase == "Copying"]
    assert seen[0].phase == "Checking the file"
    assert copying[-1].done == copying[-1].total == size
    assert library.get("smollm2:135m").size_bytes > size


def test_a_cancelled_import_leaves_nothing_behind(library: Library, store: Store) -> None:
    ticket = Ticket(lambda progress: progress.done > CHUNK_BYTES and ticket.cancel())
    with pytest.raises(Cancelled):
        library.import_file(smollm2_path(), ticket=ticket)
    assert library.list() == ()
    assert list(store.blobs.iterdir()) == []


def test_a_file_that_changes_meanwhile_is_not_imported(
    library: Library, store: Store, gguf: Path
) -> None:
    ticket = Ticket(lambda progress: progress.phase == "Copying" and os.utime(gguf, (1, 1)))
    with pytest.raises(ExternalError, match="changed while it was imported"):
        library.import_file(gguf, ticket=ticket)
    assert list(store.blobs.iterdir()) == []


@pytest.mark.parametrize(("answer", "is_link"), [(True, True), (False, False)])
def test_a_hard_link_is_made_only_after_asking(
    library: Library, gguf: Path, answer: bool, is_link: bool
) -> None:
    model = library.import_file(gguf, ask_link=lambda: answer)
    assert model.weights.samefile(gguf) is is_link
    library.verify_link(model)


def test_nobody_is_asked_for_a_link_that_cannot_be(
    library: Library, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_drive(*_arguments: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", other_drive)
    model = library.import_file(gguf, ask_link=lambda: pytest.fail("asked in vain"))
    assert not model.weights.samefile(gguf)
    with pytest.raises(UserError, match="another drive"):
        library.import_file(gguf, "linked", how=ImportHow.LINK)


def test_a_clone_is_preferred_where_the_file_system_can(
    library: Library, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clone(target: int, request: int, source: int) -> int:
        assert request == FICLONE
        os.pwrite(target, os.pread(source, 10**8, 0), 0)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", clone)
    model = library.import_file(gguf, how=ImportHow.LINK)
    assert not model.weights.samefile(gguf)
    assert model.weights.read_bytes() == gguf.read_bytes()
    assert library.get(model.name).problem == ""


def test_the_real_starter_model_is_linked(library: Library, store: Store, tmp_path: Path) -> None:
    # Hard links need one drive, so the test's own copy of the package's file is linked.
    source = tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf"
    source.write_bytes(smollm2_path().read_bytes())
    shortcut = tmp_path / "shortcut.gguf"
    shortcut.symlink_to(source)
    seen: list[Progress] = []
    model = library.import_file(shortcut, "smollm2:135m", ImportHow.LINK, Ticket(seen.append))
    assert model.weights.samefile(source)
    assert {"Reading"} <= {progress.phase for progress in seen} <= {"Checking the file", "Reading"}
    assert (model.config.parameter_size, model.config.quantization) == ("134.52M", "Q4_1")
    assert library.default_import_name(source, HeaderCache(tmp_path / "h").read(source)) == (
        "smollm2-135m-instruct:q4_1"
    )
    weights = store.read_manifest(parse_name("smollm2:135m")).manifest.of_type(LayerType.MODEL)
    assert weights[0].digest == f"sha256:{digest_of(source)}"


def test_several_names_in_different_case_are_one(library: Library, gguf: Path) -> None:
    library.import_file(gguf, "Foo:Bar")
    assert library.import_file(gguf, "foo:bar").name == "Foo:Bar"
    assert len(library.list()) == 1


def test_what_lies_in_the_store_already_can_be_imported_again(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf)
    again = library.import_file(model.weights, "again", how=ImportHow.LINK)
    assert again.weights == model.weights
    library.verify_link(again)


def test_an_unknown_quantization_is_no_obstacle(library: Library, tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "odd.gguf", general__file_type=None)
    assert library.import_file(path).name == "odd:f32"


def test_content_that_is_stored_already_asks_nothing(library: Library, gguf: Path) -> None:
    first = library.import_file(gguf, how=ImportHow.COPY)
    again = library.import_file(gguf, "another", ask_link=lambda: pytest.fail("asked in vain"))
    assert again.weights == first.weights
    assert first.weights.stat().st_ino != gguf.stat().st_ino  # nor was it linked behind one's back


def test_other_content_of_the_same_size_asks_as_ever(library: Library, gguf: Path) -> None:
    library.import_file(gguf, how=ImportHow.COPY)
    data = bytearray(gguf.read_bytes())
    data[-1] ^= 1
    other = gguf.with_name("Other.F32.gguf")
    other.write_bytes(data)
    asked: list[bool] = []

    def answer() -> bool:
        asked.append(True)
        return False

    model = library.import_file(other, ask_link=answer)
    assert asked == [True]
    assert model.weights.read_bytes() == bytes(data)
