"""Models as files with a name."""

import fcntl
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corral.errors import UserError
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.library import Library
from corral.library.model import ModelConfig, StoredModel
from corral.library.outgoing import (
    export,
    offer,
    outgoing_files,
    outgoing_folder,
    outgoing_stem,
    withdraw,
)
from corral.library.store import Store
from corral.library.taking import FICLONE
from helpers.gguf_files import tiny_model


@pytest.fixture
def model(library: Library, tmp_path: Path) -> StoredModel:
    return library.import_file(tiny_model(tmp_path / "downloads" / "Tiny.F32.gguf"))


@pytest.mark.parametrize(
    ("name", "quantization", "stem"),
    [
        ("llama3.1:8b", "Q4_K_M", "llama3.1-8b-Q4_K_M"),
        ("mario:latest", "Q4_1", "mario-Q4_1"),
        ("tiny:f32", "F32", "tiny-F32"),
        ("qwen:7b-q4_k_m", "Q4_K_M", "qwen-7b-q4_k_m"),
        ("hf.co/someone/model-GGUF:Q8_0", "Q8_0", "model-GGUF-Q8_0"),
        ("plain:latest", "", "plain"),
    ],
)
def test_a_file_is_called_by_name_and_quantization(name: str, quantization: str, stem: str) -> None:
    config = ModelConfig(quantization=quantization)
    assert outgoing_stem(StoredModel(name=name, config=config)) == stem


def test_shards_and_projectors_are_told_apart(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    model = StoredModel(
        name="big:latest",
        weights=first,
        shards=(first, second),
        projectors=(tmp_path / "eyes",),
        config=ModelConfig(quantization="Q4_K_M"),
    )
    assert [(file.source.name, file.name) for file in outgoing_files(model)] == [
        ("a", "big-Q4_K_M-00001-of-00002.gguf"),
        ("b", "big-Q4_K_M-00002-of-00002.gguf"),
        ("eyes", "mmproj-big-Q4_K_M.gguf"),
    ]


def test_an_offered_file_has_the_content_and_takes_no_second_copy(
    model: StoredModel, tmp_path: Path
) -> None:
    folder = tmp_path / "outgoing"
    (path,) = offer(folder, model)
    assert path.name == "tiny-F32.gguf"
    assert path.read_bytes() == model.weights.read_bytes()
    is_link = path.stat().st_ino == model.weights.stat().st_ino
    assert is_link or can_clone(folder)


def can_clone(folder: Path) -> bool:
    (folder / "one").write_bytes(b"one")
    with (folder / "one").open("rb") as source, (folder / "two").open("wb") as target:
        try:
            fcntl.ioctl(target.fileno(), FICLONE, source.fileno())
        except OSError:
            return False
        return True


def test_what_nobody_took_is_gone_and_the_model_stays(model: StoredModel, tmp_path: Path) -> None:
    offered = offer(tmp_path / "outgoing", model)
    withdraw(offered)
    assert not offered[0].parent.exists()
    assert model.weights.is_file()


def test_what_was_offered_a_day_ago_is_gone_at_the_next_start(
    library: Library, store: Store, model: StoredModel
) -> None:
    (path,) = offer(outgoing_folder(store.root), model)
    library.tidy()
    assert path.is_file()
    yesterday = time.time() - 25 * 3600
    os.utime(path.parent, (yesterday, yesterday))
    library.tidy()
    assert not path.exists()
    assert model.weights.is_file()


def test_a_broken_model_is_not_offered(model: StoredModel, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A part is missing"):
        offer(tmp_path / "outgoing", replace(model, problem="A part is missing."))


def test_an_export_writes_the_same_bytes_under_the_name_asked_for(
    model: StoredModel, tmp_path: Path
) -> None:
    target = tmp_path / "mine.gguf"
    assert export(model, target, Ticket()) == (target,)
    assert target.read_bytes() == model.weights.read_bytes()
    assert target.stat().st_ino != model.weights.stat().st_ino


def test_a_cancelled_export_leaves_nothing(model: StoredModel, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    ticket = Ticket()
    ticket.cancel()
    with pytest.raises(Cancelled):
        export(model, folder / "mine.gguf", ticket)
    assert list(folder.iterdir()) == []


def test_an_export_tells_how_far_it_is(model: StoredModel, tmp_path: Path) -> None:
    told: list[Progress] = []
    export(model, tmp_path / "mine.gguf", Ticket(told.append))
    assert told[-1].done == told[-1].total == model.weights.stat().st_size
