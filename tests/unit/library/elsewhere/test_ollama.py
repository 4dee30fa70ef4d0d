"""Ollama's stores, made by Corral, which writes the same bytes."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.gguf.cache import HeaderCache
from corral.library.library import Library
from corral.library.model import HomeKind
from corral.library.store import Store
from corral.modelfile.parser import parse
from helpers.gguf_files import tiny_model

MODELFILE = 'FROM tiny:f32\nSYSTEM Be brief.\nTEMPLATE "{{ .Prompt }}"\nPARAMETER temperature 0.5\n'


@pytest.fixture
def ollama(user: Path, tmp_path: Path) -> Path:
    """A store that has "tiny:f32" and "pet:latest"."""
    root = user / ".ollama" / "models"
    theirs = Library(Store(root), HeaderCache(tmp_path / "their-headers"))
    theirs.import_file(tiny_model(tmp_path / "Tiny.F32.gguf"))
    theirs.create("pet", parse(MODELFILE))
    shutil.rmtree(root / ".corral")
    return root


def test_its_models_are_listed_under_their_own_names(library: Library, ollama: Path) -> None:
    found = {model.name: model for model in library.list()}
    assert found.keys() == {"tiny:f32", "pet:latest"}
    pet = found["pet:latest"]
    assert (pet.home.kind, pet.home.folder) == (HomeKind.OLLAMA, ollama)
    assert (pet.system, pet.template, pet.parameters) == (
        "Be brief.",
        "{{ .Prompt }}",
        {"temperature": 0.5},
    )
    assert pet.weights.is_relative_to(ollama / "blobs")
    assert library.get("pet") == pet


def test_own_models_of_the_same_name_come_first(library: Library, ollama: Path) -> None:
    own = library.import_file(tiny_model(ollama.parent / "x.gguf", general__name="X"), "pet")
    assert library.get("pet") == own
    assert library.get("pet-2").system == "Be brief."


def test_a_damaged_model_is_listed_with_what_is_wrong(library: Library, ollama: Path) -> None:
    os.truncate(library.get("pet").weights, 1000)
    assert {"A part is damaged" in model.problem for model in library.list()} == {True}
    with pytest.raises(ExternalError, match="It belongs to Ollama"):
        library.get("pet")


def test_a_pull_that_was_cut_is_listed(library: Library, ollama: Path) -> None:
    partial = ollama / "blobs" / f"sha256-{'ab' * 32}-partial"
    partial.write_bytes(bytes(5000))
    for number, done in enumerate((1000, 2000)):
        journal = {"N": number, "Offset": 0, "Size": 2500, "Completed": done}
        Path(f"{partial}-{number}").write_text(json.dumps(journal))
    Path(f"{partial}-2").write_text("no json")
    model = next(model for model in library.list() if model.problem)
    assert model.name == "pull-abababababab:unfinished"
    assert model.problem == "Its download is not complete: 3 KB of 5 KB are there."


def test_a_blob_that_is_no_file_is_never_read(library: Library, ollama: Path) -> None:
    manifest = ollama / "manifests/registry.ollama.ai/library/pet/latest"
    fields = json.loads(manifest.read_bytes())
    layer = next(layer for layer in fields["layers"] if layer["mediaType"].endswith(".system"))
    pipe = ollama / "blobs" / layer["digest"].replace(":", "-")
    pipe.unlink()
    os.mkfifo(pipe)
    layer["size"] = 0
    manifest.write_text(json.dumps(fields))
    assert "A part is missing" in next(m for m in library.list() if m.name == "pet:latest").problem


def system_blob(ollama: Path) -> Path:
    manifest = ollama / "manifests/registry.ollama.ai/library/pet/latest"
    layers = json.loads(manifest.read_bytes())["layers"]
    layer = next(layer for layer in layers if layer["mediaType"].endswith(".system"))
    return ollama / "blobs" / layer["digest"].replace(":", "-")


def test_a_text_that_leads_out_of_the_store_is_not_read(library: Library, ollama: Path) -> None:
    secret = ollama.parent / "id_ed25519"
    secret.write_text("Be secret")
    system_blob(ollama).unlink()
    system_blob(ollama).symlink_to(secret)
    pet = next(model for model in library.list() if model.name == "pet:latest")
    assert "leads out of the store" in pet.problem
    assert pet.system is None


def test_weights_may_lie_on_another_drive(library: Library, ollama: Path) -> None:
    weights = library.get("pet").weights
    moved = weights.rename(ollama.parent / "moved")
    weights.symlink_to(moved)
    assert library.get("pet").problem == ""


def test_a_text_of_gigabytes_is_not_read(library: Library, ollama: Path) -> None:
    os.truncate(system_blob(ollama), 20_000_000)
    manifest = ollama / "manifests/registry.ollama.ai/library/pet/latest"
    manifest.write_text(manifest.read_text().replace('"size":9}', '"size":20000000}'))
    pet = next(model for model in library.list() if model.name == "pet:latest")
    assert "20 MB; texts have at most 16 MB" in pet.problem


def test_corrals_own_store_is_not_also_ollamas(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    variables = {"OLLAMA_MODELS": str(tmp_path / "models")}
    library = open_library(tmp_path / "models", environment=variables)
    library.import_file(tiny_model(tmp_path / "Tiny.F32.gguf"))
    assert [model.name for model in library.list()] == ["tiny:f32"]
    assert library.homes() == ()


def test_nothing_is_written_there(library: Library, ollama: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in ollama.rglob("*")}
    for model in library.list():
        library.touch(model.name)
        library.verify_link(library.get(model.name))
    assert {path: path.lstat().st_mtime_ns for path in ollama.rglob("*")} == before
