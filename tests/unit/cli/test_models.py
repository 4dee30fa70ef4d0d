"""Commands about the models on disk."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.gguf_files import tiny_model
from helpers.homes import STARTER, TINY, places_of
from helpers.splits import split_gguf

LIST_AND_TELL = """
import sys
from corral.launch import main
sys.argv = ["corral", "list"]
assert main() == 0
print(*sys.modules)
"""


@pytest.fixture
def download(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "downloads" / "My Model.F32.gguf", general__name="Mine")


def listed(corral: CommandLine) -> list[str]:
    lines = corral("list").out.splitlines()[1:]
    return sorted(line.split()[0] for line in lines)


def test_list_shows_names_ids_sizes_and_ages(corral: CommandLine) -> None:
    outcome = corral("list")
    assert outcome.exit_code == 0
    heading, *rows = outcome.out.splitlines()
    assert heading.split() == ["NAME", "ID", "SIZE", "MODIFIED", "OWN", "LIVES", "IN"]
    assert {row.split()[0] for row in rows} == {"quick:latest", STARTER, TINY}
    assert re.search(rf"{STARTER}\s+[0-9a-f]{{12}}\s+98 MB\s+\S+", outcome.out)


def test_list_tells_what_is_a_models_own_and_a_terminal_what_all_take(corral: CommandLine) -> None:
    rows = {row.split()[0]: row for row in corral("list").out.splitlines()[1:]}
    assert rows[STARTER].split()[-2:] == ["0", "B"], "quick has the same weights"
    assert rows[TINY].split()[-2:] == ["368", "KB"]
    found = json.loads(corral("list", "--json").out)
    models = {model["name"]: model for model in found["models"]}
    assert models[STARTER]["shared_bytes"] == models[STARTER]["size_bytes"]
    assert found["total_bytes"] == found["models_bytes"] < 100_000_000
    reader, writer = pty.openpty()
    assert corral.start("list", stdout=writer).wait(30) == 0
    shown = os.read(reader, 10_000).decode()
    os.close(writer)
    os.close(reader)
    assert "98 MB on disk: 98 MB models" in shown


def test_tags_lists_one_model_under_all_its_tags(corral: CommandLine) -> None:
    assert corral("cp", STARTER, "smollm2:other").exit_code == 0
    heading, *rows = corral("tags", "SmolLM2").out.splitlines()
    assert heading.split() == ["TAG", "ID", "SIZE", "MODIFIED", "OWN"]
    assert sorted(row.split()[0] for row in rows) == ["135m", "other"]
    outcome = corral("tags", "smollm3")
    assert outcome.exit_code == 2
    assert "smollm2" in outcome.err


def test_a_model_can_be_renamed(corral: CommandLine) -> None:
    outcome = corral("rename", TINY, "small:one")
    assert outcome.exit_code == 0
    assert listed(corral) == ["quick:latest", "small:one", STARTER]
    assert corral("mv", "small:one", STARTER).exit_code == 2


def test_list_shows_only_names_that_begin_as_asked(corral: CommandLine) -> None:
    rows = corral("list", "SMOL").out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == [STARTER]


def test_list_imports_nothing_heavy(corral: CommandLine) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIST_AND_TELL],
        capture_output=True,
        env=corral.environment(),
        check=True,
    )
    *listing, modules = done.stdout.decode().splitlines()
    assert any(STARTER in line for line in listing)
    imported = {name.partition(".")[0] for name in modules.split()}
    assert "corral" in imported
    assert not imported.intersection(("PySide6", "llama_cpp", "numpy", "huggingface_hub"))


def test_a_fresh_home_lists_the_starter_model(corral: CommandLine, tmp_path: Path) -> None:
    assert listed(CommandLine(tmp_path / "fresh")) == [STARTER]


def test_show_tells_what_is_known_of_a_model(corral: CommandLine) -> None:
    text = corral("show", "quick").out
    for fact in ("llama", "134.52M", "Q4_1", "8k", "98 MB", "Parameters", "num_ctx", "512"):
        assert fact in text


def test_a_shown_modelfile_makes_the_same_model_again(corral: CommandLine, tmp_path: Path) -> None:
    shown = corral("show", "--modelfile", "quick").out
    assert "PARAMETER num_ctx 512" in shown
    file = tmp_path / "Modelfile"
    file.write_text(shown, encoding="utf-8")
    assert corral("create", "again", "-f", file).exit_code == 0
    library = open_library(places_of(corral.home))
    assert library.get("again").parameters == library.get("quick").parameters
    assert library.get("again").weights == library.get("quick").weights


def test_an_unknown_model_is_exit_2_with_the_closest_names(corral: CommandLine) -> None:
    for command in ("show", "rm", "plan", "run"):
        outcome = corral(command, "smollm2:136m", stdin=b"Hello" if command == "run" else b"")
        assert outcome.exit_code == 2
        assert "not found" in outcome.err
        assert STARTER in outcome.err
        assert outcome.out == ""


def test_an_imported_file_is_named_by_its_stem_with_the_quantization_as_tag(
    corral: CommandLine, download: Path
) -> None:
    outcome = corral("import", download)
    assert outcome.exit_code == 0
    assert "my-model:f32" in outcome.out
    assert "my-model:f32" in listed(corral)


def test_an_import_can_be_named(corral: CommandLine, download: Path) -> None:
    corral("import", download, "pet:small")
    assert "pet:small" in listed(corral)


def test_link_makes_a_hard_link_and_copy_does_not(corral: CommandLine, download: Path) -> None:
    library = open_library(places_of(corral.home))
    other = tiny_model(download.with_name("other.gguf"), general__name="Other")
    assert corral("import", download, "linked", "--link").exit_code == 0
    assert corral("import", other, "copied", "--copy").exit_code == 0
    assert library.get("linked").weights.samefile(download)
    assert not library.get("copied").weights.samefile(other)


def test_without_a_terminal_to_ask_on_a_file_is_copied(corral: CommandLine, download: Path) -> None:
    assert corral("import", download, "mine").exit_code == 0
    library = open_library(places_of(corral.home))
    assert not library.get("mine").weights.samefile(download)


def test_a_file_that_is_not_there_is_exit_2(corral: CommandLine, tmp_path: Path) -> None:
    outcome = corral("import", tmp_path / "nothing.gguf")
    assert outcome.exit_code == 2
    assert "nothing.gguf" in outcome.err


def test_a_damaged_file_is_exit_3_and_leaves_nothing(corral: CommandLine, download: Path) -> None:
    before = listed(corral)
    download.write_bytes(download.read_bytes()[:-1000])
    outcome = corral("import", download)
    assert outcome.exit_code == 3
    assert re.search(r"\d", outcome.err)
    assert listed(corral) == before


def test_a_model_with_a_damaged_part_is_listed_and_exit_3_when_used(corral: CommandLine) -> None:
    weights = open_library(places_of(corral.home)).get(TINY).weights
    weights.unlink()
    weights.write_bytes(b"GGUF")
    assert TINY in listed(corral)
    for command in (("show", TINY), ("run", TINY, "Hi"), ("plan", TINY)):
        outcome = corral(*command)
        assert outcome.exit_code == 3
        assert TINY in outcome.err


def test_create_makes_a_model_from_a_modelfile_beside_a_file(
    corral: CommandLine, download: Path
) -> None:
    modelfile = download.with_name("Modelfile")
    modelfile.write_text(f"FROM ./{download.name}\nPARAMETER temperature 0.5\n", encoding="utf-8")
    outcome = corral("create", "pet", "-f", modelfile)
    assert outcome.exit_code == 0, outcome.err
    assert open_library(places_of(corral.home)).get("pet").parameters == {"temperature": 0.5}


def test_create_reads_a_modelfile_from_stdin(corral: CommandLine) -> None:
    text = f"FROM {STARTER}\nSYSTEM Be brief."
    outcome = corral("create", "brief", "-f", "-", stdin=text.encode())
    assert outcome.exit_code == 0
    assert open_library(places_of(corral.home)).get("brief").system == "Be brief."


def test_create_takes_a_model_a_file_or_a_folder_instead_of_a_modelfile(
    corral: CommandLine, download: Path, tmp_path: Path
) -> None:
    shards = split_gguf(download, tmp_path / "split", 2)
    for name, source in (("a", TINY), ("b", download), ("c", shards[0].parent), ("d", shards[1])):
        outcome = corral("create", name, "--from", source)
        assert (outcome.exit_code, outcome.out) == (0, f"created {name}:latest\n"), outcome.err
    library = open_library(places_of(corral.home))
    assert len({library.get(name).weights for name in "bcd"}) == 1
    assert library.get("a").parent_name == TINY


def test_create_reads_the_modelfile_of_the_folder_it_runs_in(
    corral: CommandLine, tmp_path: Path
) -> None:
    command = corral.command("create", "pet")
    done = subprocess.run(
        command, cwd=tmp_path, env=corral.environment(), capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"no Modelfile in this folder" in done.stderr
    (tmp_path / "Modelfile").write_text(f"FROM {TINY}\n")
    done = subprocess.run(
        command, cwd=tmp_path, env=corral.environment(), capture_output=True, check=False
    )
    assert done.returncode == 0
    assert "pet:latest" in listed(corral)


def test_a_faulty_modelfile_is_exit_2_with_file_and_line(
    corral: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "Modelfile"
    faults = (
        ("PARAMTER temperature 0.5", "command must be one of"),
        ("PARAMETER temperature warm", "temperature"),
        ("MESSAGE nobody Hello", "message role must be one of"),
    )
    for line, words in faults:
        file.write_text(f"FROM {STARTER}\n\n{line}\n", encoding="utf-8")
        outcome = corral("create", "faulty", "-f", file)
        assert outcome.exit_code == 2
        assert f"{file}:3:" in outcome.err
        assert words in outcome.err
    assert "faulty:latest" not in listed(corral)


def test_a_modelfile_that_is_not_there_is_exit_2(corral: CommandLine, tmp_path: Path) -> None:
    assert corral("create", "pet", "-f", tmp_path / "none").exit_code == 2


def test_cp_gives_a_second_name_and_refuses_one_that_is_taken(corral: CommandLine) -> None:
    assert corral("cp", TINY, "second").exit_code == 0
    assert "second:latest" in listed(corral)
    outcome = corral("cp", TINY, STARTER)
    assert outcome.exit_code == 2


def test_a_removed_model_can_be_restored(corral: CommandLine) -> None:
    outcome = corral("rm", TINY, "quick")
    assert outcome.exit_code == 0
    assert "restore" in outcome.out
    assert listed(corral) == [STARTER]
    assert corral("restore", TINY).exit_code == 0
    assert listed(corral) == [STARTER, TINY]
    assert corral("restore", TINY).exit_code == 2


def test_the_trash_is_listed_with_reasons_and_emptied(corral: CommandLine) -> None:
    corral("cp", TINY, "second")
    library = open_library(places_of(corral.home))
    manifest = places_of(corral.home).models / "manifests/registry.ollama.ai/library/second/latest"
    manifest.write_text("{")
    corral("fsck", "--mend", "--fast")
    corral("rm", TINY)
    heading, *rows = corral("trash").out.splitlines()
    assert heading.split() == ["NAME", "ID", "SIZE", "REMOVED"]
    assert [row.split()[0] for row in rows] == [TINY, "second:latest"]
    assert "Its manifest is damaged" in rows[1]
    blobs = library.get(STARTER).weights.parent
    before = len(list(blobs.iterdir()))
    assert corral("trash", "--empty").out == "368 KB freed\n"
    assert len(corral("trash").out.splitlines()) == 1
    assert len(list(blobs.iterdir())) < before


def test_what_strangers_wrote_is_shown_without_control_characters(
    corral: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "Modelfile"
    file.write_text(
        f'FROM {STARTER}\nSYSTEM "\x1b[31mred\x07"\nLICENSE "\x1b]0;title\x07 \u202efree"\n'
        'PARAMETER stop "\x1b[2J"\n',
        encoding="utf-8",
    )
    assert corral("create", "evil", "-f", file).exit_code == 0
    shown = corral("show", "evil")
    assert "red" in shown.out
    assert "title" in shown.out
    missing = corral("show", "no\x1b[31mthing")
    assert missing.exit_code == 2
    for text in (shown.out, missing.err):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_a_modelfile_has_no_control_characters_on_a_terminal_and_all_in_a_file(
    corral: CommandLine,
) -> None:
    text = f'FROM {STARTER}\nSYSTEM "\x1b[31mred"\n'
    corral("create", "evil", "-f", "-", stdin=text.encode())
    assert "\x1b[31mred" in corral("show", "--modelfile", "evil").out
    reader, writer = pty.openpty()
    process = corral.start("show", "--modelfile", "evil", stdout=writer)
    assert process.wait(30) == 0
    shown = os.read(reader, 10_000)
    os.close(writer)
    os.close(reader)
    assert b"red" in shown
    assert b"\x1b" not in shown


def test_a_reader_that_has_seen_enough_is_no_error(corral: CommandLine) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = corral.start("list", stdout=writer, stderr=-1)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err == b""


def test_a_terminal_that_lacks_characters_gets_the_others(corral: CommandLine) -> None:
    text = f'FROM {STARTER}\nSYSTEM "Grüße, Wörld"\n'
    corral("create", "foreign", "-f", "-", stdin=text.encode())
    outcome = corral("show", "foreign", PYTHONIOENCODING="ascii")
    assert outcome.exit_code == 0
    assert "Gr??e" in outcome.out


def test_a_wrong_command_is_exit_2_with_the_usage(corral: CommandLine) -> None:
    outcome = corral("lists")
    assert outcome.exit_code == 2
    assert "usage" in outcome.err
