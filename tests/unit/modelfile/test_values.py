"""Parameter values as text and back."""

import pytest

from corral.errors import UserError
from corral.modelfile.catalogue import INSTRUCTIONS, PARAMETERS, ParameterType, ParameterValue
from corral.modelfile.document import Command, message_commands, parameter_commands
from corral.modelfile.values import closest_parameter, format_value, is_version, parse_value
from corral.prompt.message import Message, Role


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7", 0.7),
        ("1", 1.0),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("1e-8", 1e-8),
        ("0.123456789", 0.12345679),
    ],
)
def test_a_float_is_what_a_32_bit_float_can_tell_apart(text: str, value: float) -> None:
    assert parse_value("temperature", [text]) == value


@pytest.mark.parametrize("text", ["nan", "inf", "1e39", "1e999", "1_0", " 1", "١", "--1", ""])
def test_a_float_is_refused_unless_ollama_can_keep_it(text: str) -> None:
    with pytest.raises(UserError, match="invalid float value"):
        parse_value("temperature", [text])


@pytest.mark.parametrize("text", ["9" * 5000, str(2**63), str(-(2**63) - 1), "1.0", "1_0", "٣"])
def test_an_integer_is_refused_unless_it_is_a_plain_64_bit_one(text: str) -> None:
    with pytest.raises(UserError, match="invalid int value"):
        parse_value("seed", [text])


def test_the_extreme_integers_are_read() -> None:
    assert parse_value("seed", [str(2**63 - 1)]) == 2**63 - 1
    assert parse_value("seed", [str(-(2**63))]) == -(2**63)


def test_samplers_that_ollama_dropped_do_not_exist() -> None:
    for name in ("mirostat", "tfs_z", "xtc_probability", "dry_multiplier", "top_n_sigma"):
        with pytest.raises(UserError, match="unknown parameter"):
            parse_value(name, ["1"])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("temprature", "temperature"),
        ("Temperature", "temperature"),
        ("num-ctx", "num_ctx"),
        ("topk", "top_k"),
        ("frobnicate", None),
        ("x" * 100_000, None),
    ],
)
def test_the_closest_parameter_is_found(name: str, meant: str | None) -> None:
    assert closest_parameter(name) == meant


@pytest.mark.parametrize(
    ("name", "value", "texts"),
    [
        ("temperature", 1.0, ("1",)),
        ("temperature", 0.7, ("0.7",)),
        ("min_p", 1e-8, ("1e-08",)),
        ("use_mmap", True, ("true",)),
        ("use_mmap", False, ("false",)),
        ("seed", -1, ("-1",)),
        ("stop", ("a", ""), ("a", "")),
    ],
)
def test_a_value_is_written_so_that_it_reads_back(
    name: str, value: ParameterValue, texts: tuple[str, ...]
) -> None:
    assert format_value(value) == texts
    assert parse_value(name, texts) == value


def test_parameters_become_commands_in_the_catalogues_order() -> None:
    parameters: dict[str, ParameterValue] = {
        "stop": ("b", "a"),
        "unheard_of": 1,
        "temperature": 0.5,
        "num_ctx": 2048,
    }
    assert parameter_commands(parameters) == [
        Command(name="num_ctx", args="2048"),
        Command(name="temperature", args="0.5"),
        Command(name="stop", args="b"),
        Command(name="stop", args="a"),
        Command(name="unheard_of", args="1"),
    ]


def test_messages_become_commands() -> None:
    assert message_commands([Message(role=Role.USER, content="a: b")]) == [
        Command(name="message", args="user: a: b")
    ]


def test_every_entry_of_the_catalogue_can_be_shown_in_a_form() -> None:
    for spec in PARAMETERS.values():
        assert spec.help.endswith(".")
        if spec.type in (ParameterType.INTEGER, ParameterType.FLOAT):
            assert spec.minimum is not None
            assert spec.maximum is not None
            assert spec.minimum < spec.maximum
            assert spec.step > 0
        assert spec.default is None or spec.is_useful(spec.default)
    for instruction in INSTRUCTIONS.values():
        assert instruction.name.isupper()
        assert instruction.help.endswith(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.14.0", True), ("v0.14.0", True), ("0.14", True), ("1", True), ("1.2.3-rc.1+b.2", True),
        ("1.2.3-0a", True), ("", False), ("v", False), ("01.2", False), ("1.2.3-01", False),
        ("1.2-rc1", False), ("1.2.3.4", False), ("soon", False), ("1.2.3 ", False),
        ("1.2.3-", False), ("٣.1.0", False),
    ],
)  # fmt: skip
def test_versions_are_those_of_golang(text: str, expected: bool) -> None:
    assert is_version(text) is expected
