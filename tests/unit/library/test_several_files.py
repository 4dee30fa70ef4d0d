"""Models that come in several files: shards, projectors, folders."""

from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.jobs import Cancelled, Ticket
from corral.library.library import Library
from corral.library.model import Capability
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.taking import ImportHow
from corral.modelfile.parser import parse
from helpers.gguf_files import tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.splits import split_gguf


@pytest.fixture
def shards(gguf: Path, tmp_path: Path) -> list[Path]:
    return split_gguf(gguf, tmp_path / "split", 3, stem="Tiny.F32")


def projector(path: Path, width: int = 64, quantization: int = 1, **keys: str) -> Path:
    metadata = {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "general.file_type": quantization,
        "clip.vision.projection_dim": width,
        "clip.has_vision_encoder": True,
        **keys,
    }
    return write_gguf(path, metadata, {"mm.0.weight": ([32, 4], TensorType.F32)})


@pytest.mark.parametrize("which", [0, 1, 2])
def test_any_of_several_files_brings_the_whole_model(
    library: Library, gguf: Path, shards: list[Path], which: int
) -> None:
    model = library.import_file(shards[which])
    assert model.name == "tiny:f32"
    assert model.problem == ""
    assert model.weights.read_bytes() == gguf.read_bytes()
    assert library.import_file(gguf).name == model.name, "the same content"


def test_a_missing_file_is_named(library: Library, store: Store, shards: list[Path]) -> None:
    shards[1].unlink()
    with pytest.raises(UserError, match="2 of its 3 files are there") as caught:
        library.import_file(shards[0])
    assert caught.value.detail == "missing: Tiny.F32-00002-of-00003.gguf"
    assert library.list() == ()


def test_the_space_for_the_joined_file_is_checked_before_a_byte_is_written(
    tmp_path: Path, shards: list[Path], gguf: Path
) -> None:
    store = Store(tmp_path / "models", free_bytes=lambda _folder: 1000)
    library = Library(store, HeaderCache(tmp_path / "headers"))
    with pytest.raises(ExternalError, match="368 KB needed, 1 KB free"):
        library.import_file(shards[0])
    assert list(store.blobs.iterdir()) == []


def test_the_space_for_all_files_is_checked_before_the_first_is_written(
    tmp_path: Path, gguf: Path
) -> None:
    eyes = projector(tmp_path / "mmproj-F16.gguf")
    free = gguf.stat().st_size + eyes.stat().st_size - 1
    store = Store(tmp_path / "models", free_bytes=lambda _folder: free)
    library = Library(store, HeaderCache(tmp_path / "headers"))
    with pytest.raises(ExternalError, match="Not enough free space"):
        library.create("x", parse(f"FROM {gguf}\nFROM {eyes}"), tmp_path)
    assert list(store.blobs.iterdir()) == []


def test_joining_can_be_cancelled(
    library: Library, shards: list[Path], leftovers: Callable[[], list[str]]
) -> None:
    ticket = Ticket(lambda progress: progress.phase == "Joining the files" and ticket.cancel())
    with pytest.raises(Cancelled):
        library.import_file(shards[0], ticket=ticket)
    assert leftovers() == []
    assert library.list() == ()


def test_joined_files_cannot_be_linked(library: Library, shards: list[Path]) -> None:
    with pytest.raises(UserError, match="is one of 3 files"):
        library.import_file(shards[0], how=ImportHow.LINK)


def test_renamed_shards_are_refused_with_the_name_they_need(
    library: Library, shards: list[Path]
) -> None:
    renamed = shards[1].rename(shards[1].with_name("second.gguf"))
    with pytest.raises(ExternalError, match="This is file 2 of 3") as caught:
        library.import_file(renamed)
    assert "NAME-00002-of-00003.gguf" in caught.value.hint


@pytest.mark.parametrize("text", ["FROM ./split", "FROM split", "FROM split/{first}"])
def test_from_takes_a_folder_or_a_file_of_shards(
    library: Library, gguf: Path, shards: list[Path], tmp_path: Path, text: str
) -> None:
    made = library.create("mine", parse(text.format(first=shards[0].name)), tmp_path)
    assert made.weights.read_bytes() == gguf.read_bytes()
    assert made.parent_name is None


def test_from_may_name_every_shard(library: Library, shards: list[Path], tmp_path: Path) -> None:
    text = "\n".join(f"FROM split/{path.name}" for path in shards)
    assert library.create("mine", parse(text), tmp_path).problem == ""


def test_a_folder_of_two_models_is_refused_by_their_names(
    library: Library, gguf: Path, tmp_path: Path
) -> None:
    tiny_model(gguf.with_name("Other.gguf"), general__name="Other")
    with pytest.raises(UserError, match="two models") as caught:
        library.create("mine", parse("FROM downloads"), tmp_path)
    assert caught.value.detail == "Other.gguf\nTiny.F32.gguf"
    assert library.list() == ()


def test_a_folder_without_weights_is_refused_unless_a_model_is_called_so(
    library: Library, gguf: Path, tmp_path: Path
) -> None:
    (tmp_path / "base").mkdir()
    with pytest.raises(UserError, match="no Modelfile or safetensors files found") as caught:
        library.create("mine", parse("FROM base"), tmp_path)
    assert caught.value.place is not None
    library.import_file(gguf, "base")
    assert library.create("mine", parse("FROM base"), tmp_path).parent_name == "base:latest"


def test_safetensors_are_refused_for_what_they_are(library: Library, tmp_path: Path) -> None:
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(UserError, match="safetensors weights, which cannot be used yet"):
        library.create("mine", parse("FROM hf"), tmp_path)


def test_a_folder_brings_weights_and_the_best_projector(
    library: Library, gguf: Path, store: Store, tmp_path: Path
) -> None:
    projector(gguf.with_name("mmproj-F32.gguf"), quantization=0)
    best = projector(gguf.with_name("mmproj-F16.gguf"))
    made = library.create("mine", parse("FROM downloads"), tmp_path)
    assert [path.read_bytes() for path in made.projectors] == [best.read_bytes()]
    config = store.read_manifest(parse_name("mine")).manifest.config
    assert b'"model_families":["llama","clip"]' in store.read_blob(config.digest)


def test_an_import_pairs_the_projector_that_fits(library: Library, gguf: Path) -> None:
    projector(gguf.with_name("a-mmproj.gguf"), width=2048)
    fits = projector(gguf.with_name("mmproj-F16.gguf"))
    model = library.import_file(gguf)
    assert [path.read_bytes() for path in model.projectors] == [fits.read_bytes()]
    assert Capability.VISION in model.capabilities
    assert library.import_file(gguf) == model


def test_an_old_projector_tells_its_width_by_its_last_matrix(library: Library, gguf: Path) -> None:
    metadata = {"general.architecture": "clip", "clip.vision.projection_dim": 768}
    for name, width in (("a", 4096), ("b", 64)):
        tensors = {"mm.2.weight": ([32, width], TensorType.F32)}
        write_gguf(gguf.with_name(f"mmproj-{name}.gguf"), metadata, tensors)
    [found] = library.import_file(gguf).projectors
    assert found.read_bytes() == gguf.with_name("mmproj-b.gguf").read_bytes()


@pytest.mark.parametrize("what", ["too wide", "half", "no projector"])
def test_an_import_pairs_nothing_else(library: Library, gguf: Path, what: str) -> None:
    path = gguf.with_name("mmproj.gguf")
    projector(path, width=2048 if what == "too wide" else 64)
    if what == "half":
        path.write_bytes(path.read_bytes()[:200])
    if what == "no projector":
        write_gguf(path, tiny_metadata(general__name="x"), tiny_tensors())
    assert library.import_file(gguf).projectors == ()


def test_of_two_projectors_the_one_of_the_same_model_is_paired(
    library: Library, tmp_path: Path
) -> None:
    weights = tiny_model(tmp_path / "both" / "x.gguf", general__basename="Tiny")
    projector(weights.with_name("mmproj-a.gguf"), **{"general.basename": "Other"})
    own = projector(weights.with_name("mmproj-b.gguf"), 64, 0, **{"general.basename": "Tiny"})
    [found] = library.import_file(weights).projectors
    assert found.read_bytes() == own.read_bytes()
