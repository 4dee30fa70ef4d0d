"""Corral reads Modelfiles and parameters exactly as Ollama does: its cases, one by one."""

from collections.abc import Callable

import pytest

from corral.errors import UserError
from corral.modelfile.catalogue import DEPRECATED, PARAMETERS
from corral.modelfile.document import Command
from corral.modelfile.options import read_options
from corral.modelfile.parser import ModelfileError, command_of, decode, parse
from corral.modelfile.scanner import scan
from corral.modelfile.values import parse_value
from corral.modelfile.writer import write
from helpers.vectors import vectors

PARSE = vectors("modelfile_parse")["cases"]
FORMAT = vectors("modelfile_format")["cases"]
VALUES = vectors("parameters")

Record = Callable[[str, object], None]
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
def test_a_modelfile_gives_the_commands_or_the_error_that_ollama_gives(
    case: dict, record_property: Record
) -> None:
    record_property("cases of modelfile_parse", 1)
    expected = case["expect"]
    if "error" in expected:
        expected = {name: expected["error"][name] for name in ("class", "message")}
    assert outcome(encoded(case)) == expected


@pytest.mark.parametrize("case", FORMAT, ids=lambda case: case["id"])
def test_commands_are_written_as_ollama_writes_them_and_always_read_back(
    case: dict, record_property: Record
) -> None:
    record_property("cases of modelfile_format", 1)
    commands = [Command(name=each["name"], args=each["args"]) for each in case["commands"]]
    text = write(commands)
    assert (text == case["formatted"]) == case["roundtrip"]
    assert [command_of(statement) for statement in scan(text)] == commands


def test_the_catalogue_lists_ollamas_parameters_in_its_order(record_property: Record) -> None:
    record_property("cases of parameters", len(VALUES["parameters"]))
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


def test_the_parameters_that_ollama_warns_about_are_known(record_property: Record) -> None:
    record_property("cases of parameters", len(DEPRECATED))
    assert list(DEPRECATED) == VALUES["deprecated_in_modelfile_warn_only"]


@pytest.mark.parametrize(
    "case", VALUES["format_params"], ids=lambda case: f"{case['name']}={case['values']}"
)
def test_a_parameter_text_gives_ollamas_value_or_error(case: dict, record_property: Record) -> None:
    record_property("cases of parameters", 1)
    expected = case["expect"]
    if "error" in expected:
        with pytest.raises(UserError) as caught:
            parse_value(case["name"], case["values"])
        assert caught.value.summary == expected["error"]
    else:
        value = parse_value(case["name"], case["values"])
        assert value == (tuple(case["values"]) if case["name"] == "stop" else expected["value"])
        assert isinstance(value, bool) == isinstance(expected["value"], bool)


@pytest.mark.parametrize("case", VALUES["from_map"], ids=lambda case: str(case["options"]))
def test_the_options_of_a_request_give_ollamas_values_or_error(
    case: dict, record_property: Record
) -> None:
    record_property("cases of parameters", 1)
    expected = case["expect"]
    if "error" in expected:
        with pytest.raises(UserError) as caught:
            read_options(case["options"])
        assert caught.value.summary == expected["error"]
    else:
        found = read_options(case["options"])
        assert {name: _plain(value) for name, value in found.items()} == expected["changed"]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    "options",
    [
        {"top_k": "ten"}, {"top_k": True}, {"temperature": "1"}, {"temperature": float("inf")},
        {"top_k": float("nan")}, {"use_mmap": 1}, {"stop": {}},
    ],
)  # fmt: skip
def test_an_option_of_the_wrong_type_is_refused(options: dict) -> None:
    with pytest.raises(UserError, match=r"option \"\w+\" must be of type"):
        read_options(options)


def test_whole_numbers_stay_whole_and_fractions_are_fractions() -> None:
    found = read_options({"top_k": 10.9, "temperature": 1, "use_mmap": False})
    assert [type(value) for value in found.values()] == [int, float, bool]
