"""Ollama's cases of names, endings, layers and paths, and how many of each file there are."""

import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from corral.errors import UserError
from corral.library.folders import expand_path, look_into
from corral.library.names import parse_name
from corral.library.reference import RunsOn, has_tag, parse_reference
from helpers.vectors import vectors

ENDINGS = vectors("model_source_suffix")
PATHS = vectors("modelfile_from_paths")
CONTENTS = {"text": b"plain text", "binary": bytes(range(256)), "zip": b"PK\x03\x04"}
# Which tests read which lists. `wait_for_stream` and `remote_url` are about a server.
LISTS = {
    "names": {
        "cases": "test_names",
        "part_valid": "test_names",
        "from_filepath": "test_names",
        "display_shortest": "here",
        "valid_namespace": "test_names",
    },
    "misc": {
        "save_session": "test_saving",
        "create_param_merge": "test_creating",
        "layer_digests": "test_go_json",
        "filter_think_tags": "prompt/test_misc_cases",
        "reasoning_effort": "prompt/test_misc_cases",
        "think_json": "prompt/test_misc_cases",
        "message_role": "prompt/test_misc_cases",
    },
    "model_source_suffix": {
        "parse_ref": "here",
        "normalize_pull_name": "here",
        "has_explicit_tag": "here",
        "parse_source_suffix": "here",
    },
    "human_format": {
        "human_bytes": "test_units",
        "human_bytes2": "test_units",
        "human_number": "test_units",
    },
    "env_and_durations": {
        "host": "test_ollama_variables",
        "connectable_host": "test_ollama_variables",
        "origins": "test_ollama_variables",
        "bool": "test_ollama_variables",
        "uint_default_11434": "test_ollama_variables",
        "keep_alive": "test_ollama_variables",
        "load_timeout": "test_ollama_variables",
        "var_trim": "test_ollama_variables",
        "log_level": "test_ollama_variables",
        "request_keep_alive": "test_ollama_variables",
    },
    "modelfile_from_paths": {"files_for_model": "here", "expand_path": "here"},
}


def test_every_case_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        for file, lists in LISTS.items():
            found = vectors(file)
            counts = {name: len(found[name]) for name in lists}
            assert all(counts.values())
            print(f"\n{file}.json: {sum(counts.values())} cases {counts}", end="")


def test_the_shortest_form_of_a_name_is_ollamas() -> None:
    for case in vectors("names")["display_shortest"]:
        assert parse_name(case["input"]).short == case["want"]


@pytest.mark.parametrize("case", ENDINGS["parse_ref"], ids=lambda case: repr(case["input"]))
def test_an_ending_says_where_a_model_runs(case: dict) -> None:
    if "error" in case:
        words = {"conflict": "not both", "required": "missing"}[case["error"]]
        with pytest.raises(UserError, match=words):
            parse_reference(case["input"])
        return
    found = parse_reference(case["input"])
    assert (found.base, found.runs_on.value) == (case["base"], case["source"])
    assert (found.runs_on is RunsOn.CLOUD, found.runs_on is RunsOn.LOCAL) == (
        case["cloud"],
        case["local"],
    )


@pytest.mark.parametrize("case", ENDINGS["parse_source_suffix"], ids=lambda case: case["input"])
def test_an_ending_is_split_off_whatever_its_case(case: dict) -> None:
    found = parse_reference(case["input"])
    assert (found.base, found.runs_on.value) == (case["base"], case["source"])
    assert bool(found.runs_on) is case["explicit"]


@pytest.mark.parametrize("case", ENDINGS["normalize_pull_name"], ids=lambda case: case["input"])
def test_a_name_with_an_ending_is_stored_as_ollama_stores_it(case: dict) -> None:
    if "error" in case:
        with pytest.raises(UserError, match="not both"):
            parse_reference(case["input"])
        return
    found = parse_reference(case["input"])
    assert (found.stored_as, found.runs_on is RunsOn.CLOUD) == (case["name"], case["cloud"])


def test_a_tag_is_told_from_a_port() -> None:
    for case in ENDINGS["has_explicit_tag"]:
        assert has_tag(case["input"]) is case["want"], case


@pytest.mark.parametrize("case", PATHS["files_for_model"], ids=lambda case: case["name"])
def test_the_files_of_a_folder_are_those_that_ollama_takes(case: dict, tmp_path: Path) -> None:
    for name, content in case["files"].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CONTENTS[content])
    if case["error"]:
        with pytest.raises(UserError) as caught:
            look_into(tmp_path)
        assert case["error"] in {"(any error)", caught.value.summary}
        return
    found = look_into(tmp_path)
    names = [str(path.relative_to(tmp_path)) for path in (*found.weights, *found.companions)]
    assert sorted(names) == sorted(case["expect"])


@pytest.mark.parametrize(
    "case", PATHS["expand_path"], ids=lambda case: f"{case['path']} in {case['relative_dir']}"
)
def test_paths_start_where_ollama_lets_them_start(
    case: dict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def find_user(name: str) -> SimpleNamespace:
        if name != "anotheruser":
            raise KeyError(name)
        return SimpleNamespace(pw_dir="/home/anotheruser")

    monkeypatch.setenv("HOME", "/home/testuser")
    monkeypatch.setattr(pwd, "getpwnam", find_user)
    monkeypatch.chdir(tmp_path)
    base = Path(case["relative_dir"].replace("<cwd>", str(tmp_path)))
    if case["error"]:
        with pytest.raises(UserError, match="no user nonexistentuser"):
            expand_path(case["path"], base)
        return
    expected = case["expect"].replace("<cwd>", str(tmp_path))
    assert str(expand_path(case["path"], base)) == expected


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.gguf"
    secret.write_bytes(CONTENTS["binary"])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.gguf").symlink_to(secret)
    with pytest.raises(UserError, match="insecure path"):
        look_into(folder)
