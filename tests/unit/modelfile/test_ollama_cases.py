"""Corral reads Modelfiles and parameters exactly as Ollama does: its cases, one by one."""

import pytest

from corral.errors import UserError
from corral.modelfile.catalogue import DEPRECATED, PARAMETERS
from corral.modelfile.document import Command
from corral.modelfile.parser import ModelfileError, command_of, decode, parse
from corral.modelfile.scanner import scan
from corral.modelfile.values import parse_value
from corral.modelfile.writer import write
from helpers.vectors import vectors

PARSE = vectors("modelfile_parse")["cases"]
FORMAT = vectors("modelfile_format")["cases"]
VALUES = vectors("parameters")

ENCODINGS = {"utf-8": "utf-8", "utf-16le+bom": "utf-16-le", "utf-16be+bom": "utf-16-be"}


def encoded(case: dict) -> bytes:
    mark = b"" if case["encoding"] == "utf-8" else "\ufeff".encode(ENCODINGS[case["encoding"]])
    return mark + case["input"].encode(ENCODINGS[case["encoding"]])


def outcome(data: bytes) -> dict:
    try:
        document = parse(decode(data))
    except ModelfileError as error:
        return {"class": error.kind.value, "message": error.ollama_text}
    return {"commands": [{"name": each.name, "args": each.args} for each in document.commands]}


@pytest.mark.parametrize("case", PARSE, ids=lambda case: case["id"])
def test_a_modelfile_gives_the_commands_or_the_error_that_ollama_gives(case: dict) -> None:
    expected = case["expect"]
    if "error" in expected:
        expected = {name: expected["error"][name] for name in ("class", "message")}
    assert outcome(encoded(case)) == expected


@pytest.mark.parametrize("case", FORMAT, ids=lambda case: case["id"])
def test_commands_are_written_as_ollama_writes_them_and_always_read_back(case: dict) -> None:
    commands = [Command(name=each["name"], args=each["args"]) for each in case["commands"]]
    text = write(commands)
    assert (text == case["formatted"]) == case["roundtrip"]
    assert [command_of(statement) for statement in scan(text)] == commands


def test_the_catalogue_lists_ollamas_parameters_in_its_order() -> None:
    assert [
        {
            "name": spec.name,
            "type": spec.type.value,
            "default": list(spec.default) if isinstance(spec.default, tuple) else spec.default,
            "load_time": spec.is_load_time,
        }
        for spec in PARAMETERS.values()
    ] == [
        {name: each[name] for name in ("name", "type", "default", "load_time")}
        for each in VALUES["parameters"]
    ]


def test_the_parameters_that_ollama_warns_about_are_known() -> None:
    assert list(DEPRECATED) == VALUES["deprecated_in_modelfile_warn_only"]


@pytest.mark.parametrize(
    "case", VALUES["format_params"], ids=lambda case: f"{case['name']}={case['values']}"
)
def test_a_parameter_text_gives_ollamas_value_or_error(case: dict) -> None:
    expected = case["expect"]
    if "error" in expected:
        with pytest.raises(UserError) as caught:
            parse_value(case["name"], case["values"])
        assert caught.value.summary == expected["error"]
    else:
        value = parse_value(case["name"], case["values"])
        assert value == (tuple(case["values"]) if case["name"] == "stop" else expected["value"])
        assert isinstance(value, bool) == isinstance(expected["value"], bool)
