from pathlib import PurePosixPath
from typing import Any

import pytest

from corral.errors import UserError
from corral.library.names import Name, is_valid_part, name_from_path, parse_name
from helpers.vectors import vectors


def cases() -> list[dict[str, Any]]:
    return vectors("names")["cases"]


def test_whole_names_are_read_as_ollama_reads_them() -> None:
    for case in (case for case in cases() if case["valid"]):
        name = parse_name(case["input"])
        assert {
            "host": name.host,
            "namespace": name.namespace,
            "model": name.model,
            "tag": name.tag,
            "scheme": name.scheme,
        } == case["full"], case["input"]
        if "string" in case:
            assert str(name) == case["string"]
        assert name.short == case.get("display_shortest", name.short)
        for key in ("filepath", "filepath_with_defaults"):
            assert str(name.path) == case.get(key, str(name.path))


def test_what_is_no_name_to_ollama_is_refused() -> None:
    refused = [case["input"] for case in cases() if not case["valid"]]
    assert len(refused) > 20
    for text in refused:
        with pytest.raises(UserError, match="invalid model name"):
            parse_name(text)


def test_parts_are_valid_as_in_ollama() -> None:
    for case in vectors("names")["part_valid"]:
        if case["kind"] != "digest":
            assert is_valid_part(case["kind"], case["input"]) is case["valid"], case
    for case in vectors("names")["valid_namespace"]:
        assert is_valid_part("namespace", case["input"]) is case["valid"], case


def test_only_four_valid_parts_make_the_path_of_a_manifest() -> None:
    for case in vectors("names")["from_filepath"]:
        name = name_from_path(PurePosixPath(case["input"]))
        want = case["want"] if case["want"]["model"] else None
        found = name and {
            "host": name.host,
            "namespace": name.namespace,
            "model": name.model,
            "tag": name.tag,
        }
        assert found == want, case["input"]


def test_the_short_name_leaves_the_defaults_out() -> None:
    for case in vectors("names")["display_shortest"]:
        assert parse_name(case["input"]).short == case["want"]


def test_the_path_of_a_name_reads_back() -> None:
    name = parse_name("hf.co/user/repo:Q4_K_M")
    assert name_from_path(name.path) == name


def test_the_error_tells_the_bad_part() -> None:
    with pytest.raises(UserError) as caught:
        parse_name("good:bad tag")
    assert caught.value.detail == "The tag is 'bad tag'."


def test_case_does_not_tell_names_apart() -> None:
    assert parse_name("SmolLM2:135M").key == Name(model="smollm2", tag="135m").key
