"""Models of other programs on the command line: real ones, run where they lie."""

import json
import shutil
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.gguf.shards import shard_paths
from corral.library.library import Library
from corral.library.store import Store
from corral.modelfile.parser import parse
from helpers.command_line import CommandLine
from helpers.gguf_files import tiny_model
from helpers.homes import PARAMETERS, STARTER
from helpers.models import smollm2_path
from helpers.splits import split_gguf


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def lm_studio(user: Path) -> Path:
    """LM Studio's folder with SmolLM2 in one file and in three."""
    publisher = user / ".lmstudio" / "models" / "bartowski"
    (publisher / "SmolLM2-GGUF").mkdir(parents=True)
    shutil.copy(smollm2_path(), publisher / "SmolLM2-GGUF" / "SmolLM2-Q4_1.gguf")
    split_gguf(smollm2_path(), publisher / "Split-GGUF", stem="Split-Q4_1")
    return publisher


def test_found_models_are_listed_shown_and_planned_in_place(
    corral: CommandLine, lm_studio: Path
) -> None:
    rows = {line.split()[0]: line for line in corral("list").out.splitlines()[1:]}
    names = ["bartowski/SmolLM2:Q4_1", "bartowski/Split:Q4_1"]
    for name in names:
        assert "LM Studio" in rows[name]
        assert "134.52M" in corral("show", name).out
    plans = [json.loads(corral("plan", name, "--json").out) for name in (*names, STARTER)]
    assert {plan["kind"] for plan in plans} == {"exact"}
    assert plans[0]["lines"] == plans[1]["lines"] == plans[2]["lines"]


def test_what_has_no_date_is_not_as_old_as_the_epoch(corral: CommandLine, user: Path) -> None:
    junk = user / ".ollama/models/manifests/registry.ollama.ai/library/junk/latest"
    junk.parent.mkdir(parents=True)
    (junk.parents[4] / "blobs").mkdir()
    junk.write_bytes(b"no manifest")
    (line,) = [line for line in corral("list").out.splitlines() if line.startswith("junk")]
    assert "ago" not in line
    assert "Ollama" in line


def test_a_model_of_ollama_answers_in_place_with_its_own_parameters(
    corral: CommandLine, user: Path, tmp_path: Path
) -> None:
    ollama = Library(Store(user / ".ollama" / "models"), HeaderCache(tmp_path / "headers"))
    ollama.import_file(smollm2_path(), "big")
    parameters = "".join(f"PARAMETER {name} {value}\n" for name, value in PARAMETERS.items())
    ollama.create("theirs", parse(f"FROM big\n{parameters}"))
    blobs = corral.home / "data" / "models" / "blobs"
    before = sorted(blobs.iterdir())
    outcome = corral("run", "theirs", "Say hello.", "--anyway", "--verbose")
    assert outcome.exit_code == 0, outcome.err
    assert "eval count:           8 tokens" in outcome.err
    assert sorted(blobs.iterdir()) == before


def test_a_split_model_that_lacks_a_file_is_refused_with_the_reason(
    corral: CommandLine, lm_studio: Path
) -> None:
    shard_paths(lm_studio / "Split-GGUF" / "Split-Q4_1-00001-of-00003.gguf")[1].unlink()
    outcome = corral("run", "bartowski/Split:Q4_1", "Hello")
    assert outcome.exit_code == 3
    assert "1 of 3 files are missing" in outcome.err


def test_import_of_a_name_makes_a_found_model_ones_own(
    corral: CommandLine, lm_studio: Path
) -> None:
    outcome = corral("import", "bartowski/Split:Q4_1", "joined")
    assert (outcome.exit_code, outcome.out) == (0, "imported joined:latest, 98 MB\n")
    shutil.rmtree(lm_studio)
    rows = [line for line in corral("list").out.splitlines() if line.startswith("joined")]
    assert len(rows) == 1
    assert json.loads(corral("plan", "joined", "--json").out)["kind"] == "exact"


def test_what_belongs_to_others_is_not_changed(corral: CommandLine, user: Path) -> None:
    tiny_model(user / ".lmstudio/models/a/tiny/tiny-Q8_0.gguf")
    outcome = corral("rm", "a/tiny:Q8_0")
    assert outcome.exit_code == 2
    assert "belongs to LM Studio; Corral does not change it" in outcome.err
    assert "corral import a/tiny:Q8_0" in outcome.err


def test_folders_are_added_listed_and_removed(
    corral: CommandLine, user: Path, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    tiny_model(drive / "Found.Q4_0.gguf")
    assert corral("folders", "add", drive).exit_code == 0
    assert "found:q4_0" in corral("list").out
    assert str(drive) in corral("folders").out
    assert corral("folders").out == corral("folders", "list").out
    drive.rename(tmp_path / "away")
    assert "is not there" in corral("folders").out
    assert corral("folders", "remove", drive).exit_code == 0
    assert str(drive) not in corral("folders").out
    assert corral("folders", "remove", drive).exit_code == 2
    assert corral("folders", "add", drive).exit_code == 2


def test_duplicates_are_shown_with_what_they_cost(corral: CommandLine, user: Path) -> None:
    folder = user / ".lmstudio/models/a/tiny"
    tiny_model(folder / "tiny-Q8_0.gguf", general__name="Another")
    shutil.copytree(folder, folder.with_name("twin"))
    assert corral("duplicates").out.startswith("0 duplicates")
    out = corral("duplicates", "--hash").out
    assert "a/tiny:Q8_0" in out
    assert "a/twin:Q8_0" in out
    assert out.splitlines()[-1].startswith("1 duplicate; keeping one of each would free 368 KB")
