""" "Make it mine", building on found models, and what is refused."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.library import Library
from corral.library.store import Store
from corral.library.taking import ImportHow
from corral.modelfile.parser import parse
from corral.prompt.message import Message, Role
from helpers.gguf_files import tiny_model, write_gguf
from helpers.splits import split_gguf

PET = (
    'FROM tiny:f32\nSYSTEM Be brief.\nTEMPLATE "{{ .Prompt }}"\nPARAMETER temperature 0.5\n'
    "PARAMETER stop a\nPARAMETER stop b\nLICENSE mine\nMESSAGE user Hi\nRENDERER qwen3\n"
)


@pytest.fixture
def theirs(user: Path) -> Path:
    """The file of LM Studio's "acme/tiny:Q8_0"."""
    return tiny_model(user / ".lmstudio/models/acme/tiny/tiny-Q8_0.gguf")


@pytest.fixture
def pet(user: Path, tmp_path: Path) -> None:
    """Ollama has "pet", with texts and parameters."""
    root = user / ".ollama" / "models"
    ollama = Library(Store(root), HeaderCache(tmp_path / "their-headers"))
    ollama.import_file(tiny_model(tmp_path / "Tiny.F32.gguf"))
    ollama.create("pet", parse(PET))
    shutil.rmtree(root / ".corral")


def snapshot(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")}


def test_a_found_model_becomes_an_own_one_of_the_same_name(library: Library, theirs: Path) -> None:
    own = library.take_in("acme/tiny:Q8_0")
    assert (own.name, own.home.is_own, own.problem) == ("acme/tiny:Q8_0", True, "")
    assert own.weights.read_bytes() == theirs.read_bytes()
    assert own.weights.stat().st_ino != theirs.stat().st_ino
    assert {model.name for model in library.list()} == {"acme/tiny:Q8_0", "acme/tiny-2:Q8_0"}
    library.remove("acme/tiny:Q8_0")
    assert theirs.exists()


def test_after_asking_it_is_linked_and_takes_no_room(library: Library, theirs: Path) -> None:
    own = library.take_in("acme/tiny:Q8_0", "mine", ask_link=lambda: True)
    assert own.name == "mine:latest"
    assert own.weights.samefile(theirs)
    library.verify_link(own)
    theirs.write_bytes(theirs.read_bytes()[::-1])
    with pytest.raises(ExternalError, match="The linked file changed"):
        library.verify_link(own)


def test_texts_and_parameters_come_along(library: Library, pet: None) -> None:
    found, own = library.get("pet"), library.take_in("pet", "mine")
    for attribute in ("system", "template", "parameters", "licenses", "messages"):
        assert getattr(own, attribute) == getattr(found, attribute), attribute
    assert own.system == "Be brief."
    assert own.config.renderer == "qwen3"
    assert own.weights.name == found.weights.name


def test_a_model_of_ollama_stays_the_same_to_the_last_byte(
    library: Library, pet: None, user: Path, tmp_path: Path
) -> None:
    found, own = library.get("pet"), library.take_in("pet")
    assert own.digest == found.digest
    theirs, ours = user / ".ollama" / "models", tmp_path / "models"
    kept = [path for path in ours.rglob("*") if path.is_file() and ".corral" not in path.parts]
    assert len(kept) >= 7
    for path in kept:
        assert (theirs / path.relative_to(ours)).read_bytes() == path.read_bytes()
    (again,) = (m for m in library.list() if m.digest == own.digest and not m.home.is_own)
    assert library.take_in(again.name, "second").digest == own.digest


def test_a_blob_of_ollama_that_is_not_what_its_name_says_is_refused(
    library: Library, pet: None, tmp_path: Path
) -> None:
    weights = library.get("pet").weights
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ExternalError, match=r"\(model\) is damaged: its content is sha256:"):
        library.take_in("pet")
    assert not list((tmp_path / "models" / "blobs").iterdir())


def test_a_split_model_is_joined(library: Library, user: Path, tmp_path: Path) -> None:
    whole = tiny_model(tmp_path / "tiny-Q8_0.gguf")
    split_gguf(whole, user / ".lmstudio/models/acme/tiny")
    with pytest.raises(UserError, match="no link"):
        library.take_in("acme/tiny:Q8_0", how=ImportHow.LINK)
    own = library.take_in("acme/tiny:Q8_0")
    assert read_header(own.weights).tensors == read_header(whole).tensors
    assert own.shards == ()


def test_a_projector_comes_along(library: Library, theirs: Path) -> None:
    metadata = {"general.architecture": "clip", "general.type": "mmproj"}
    eyes = write_gguf(theirs.with_name("mmproj.gguf"), metadata, {"v.x": ([64, 4], TensorType.F32)})
    own = library.take_in("acme/tiny:Q8_0")
    assert [path.read_bytes() for path in own.projectors] == [eyes.read_bytes()]


def test_the_room_is_looked_at_before_anything_is_written(
    open_library: Callable[..., Library], theirs: Path, tmp_path: Path
) -> None:
    library = open_library()
    library._store._free_bytes = lambda _folder: 1000
    with pytest.raises(ExternalError, match=r"376 KB needed, 1 KB free|needed, 1 KB free"):
        library.take_in("acme/tiny:Q8_0")
    assert not list((tmp_path / "models" / "blobs").iterdir())


def test_a_cancelled_one_leaves_nothing(library: Library, theirs: Path, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.phase == "Copying":
            ticket.cancel()

    ticket = Ticket(stop)
    with pytest.raises(Cancelled):
        library.take_in("acme/tiny:Q8_0", ticket=ticket)
    assert [model.home.is_own for model in library.list()] == [False]
    assert not list((tmp_path / "models" / "blobs").iterdir())


def test_own_models_and_taken_names_are_refused(library: Library, theirs: Path) -> None:
    library.import_file(theirs, "mine")
    with pytest.raises(UserError, match="in your library already"):
        library.take_in("mine")
    with pytest.raises(UserError, match="another model 'mine:latest'"):
        library.take_in("acme/tiny:Q8_0", "mine")
    with pytest.raises(UserError, match="not found"):
        library.take_in("nobody")


def test_a_copy_of_a_found_model_is_taken_in(library: Library, theirs: Path) -> None:
    own = library.copy("acme/tiny:Q8_0", "mine")
    assert (own.name, own.home.is_own) == ("mine:latest", True)


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.remove("acme/tiny:Q8_0"),
        lambda library: library.rename("acme/tiny:Q8_0", "mine"),
        lambda library: library.create("ACME/tiny:q8_0", parse("FROM acme/tiny:Q8_0")),
        lambda library: library.save_conversation(
            "acme/tiny:Q8_0", library.get("acme/tiny:Q8_0"), None, {}, ()
        ),
    ],
    ids=["remove", "rename", "create", "save"],
)
def test_what_would_change_a_found_model_is_refused(
    library: Library, theirs: Path, user: Path, change: Callable[[Library], object]
) -> None:
    before = snapshot(user)
    with pytest.raises(
        UserError, match="belongs to LM Studio; Corral does not change it"
    ) as caught:
        change(library)
    assert caught.value.hint == "Make it yours first: corral import acme/tiny:Q8_0"
    assert snapshot(user) == before


def test_a_model_can_be_made_from_a_found_one(library: Library, pet: None, user: Path) -> None:
    before = snapshot(user)
    own = library.create(
        "terse", parse("FROM pet\nSYSTEM Be terse.\nPARAMETER stop c\nLICENSE too\n")
    )
    assert (own.system, own.template) == ("Be terse.", "{{ .Prompt }}")
    assert own.parameters == {"temperature": 0.5, "stop": ("c",)}
    assert own.licenses == ("mine", "too")
    assert own.messages == (Message(role=Role.USER, content="Hi"),)
    assert library.create("plain", parse('FROM pet\nSYSTEM ""\n')).system is None
    assert snapshot(user) == before


def test_a_modelfile_of_a_stranger_may_name_a_found_model_but_no_file(
    library: Library, theirs: Path
) -> None:
    assert library.create("a", parse("FROM acme/tiny:Q8_0"), base_dir=None).problem == ""
    with pytest.raises(UserError, match="may not name files"):
        library.create("b", parse(f"FROM {theirs}"), base_dir=None)


def test_two_models_are_still_too_many(library: Library, theirs: Path, pet: None) -> None:
    with pytest.raises(UserError, match="FROM names two models"):
        library.create("a", parse("FROM acme/tiny:Q8_0\nFROM pet\n"))


def test_a_broken_model_is_no_base(library: Library, theirs: Path) -> None:
    os.truncate(theirs, 300_000)
    with pytest.raises(ExternalError, match="incomplete"):
        library.create("a", parse("FROM acme/tiny:Q8_0"))


def test_a_conversation_with_a_found_model_can_be_saved(library: Library, pet: None) -> None:
    said = (Message(role=Role.ASSISTANT, content="Hello: you"),)
    own = library.save_conversation("kept", library.get("pet"), "Be kind.", {"top_k": 3}, said)
    assert own.home.is_own
    assert own.system == "Be kind."
    assert own.messages == (Message(role=Role.USER, content="Hi"), *said)
    assert own.parameters["top_k"] == 3
    assert own.parameters["temperature"] == 0.5


def test_a_shown_modelfile_of_a_found_model_makes_it(library: Library, pet: None) -> None:
    text = library.modelfile("pet")
    own = library.create("again", parse(text), base_dir=Path("/"))
    assert (own.system, own.parameters) == ("Be brief.", library.get("pet").parameters)
