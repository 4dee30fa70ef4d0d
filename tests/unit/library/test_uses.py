import time
from pathlib import Path

import pytest

from corral.library.library import Library


def test_a_model_that_was_never_loaded_was_never_used(library: Library, gguf: Path) -> None:
    assert library.import_file(gguf, "x").last_used_at == 0


def test_the_last_use_is_known_to_other_processes_and_announced(
    library: Library, gguf: Path
) -> None:
    library.import_file(gguf, "x")
    library.copy("x", "y")
    before, heard = time.time(), []
    library.subscribe(lambda: heard.append(library.get("x").last_used_at))
    library.touch("X")
    assert {model.name: model.last_used_at for model in library.list()} == {
        "x:latest": heard[0],
        "y:latest": 0,
    }
    assert before - 1 < heard[0] < time.time() + 1


def test_a_renamed_model_keeps_its_last_use(library: Library, gguf: Path) -> None:
    library.import_file(gguf, "x")
    library.touch("x")
    used_at = library.get("x").last_used_at
    library.rename("x", "someone/y:z")
    assert library.get("someone/y:z").last_used_at == used_at > 0
    assert library.import_file(gguf, "x").last_used_at == 0


def test_a_store_that_cannot_be_written_to_is_still_used(
    library: Library, gguf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = library.import_file(gguf, "x")
    (model.weights.parents[1] / ".corral" / "used").write_text("in the way")
    library.touch("x")
    assert library.get("x").last_used_at == 0
    assert "the use of x:latest is not noted" in caplog.text
