"""What Corral writes always reads back to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.modelfile.catalogue import PARAMETERS, ParameterType
from corral.modelfile.document import Command, Document, parameter_commands
from corral.modelfile.parser import ModelfileError, parse
from corral.modelfile.values import format_value, parse_value
from corral.modelfile.writer import write

ODD_TEXT = st.text(st.sampled_from("ab\" \t\n\r#'{}<|>é👋\u00a0\u3000\u2060\\"), max_size=20)
texts = st.text() | ODD_TEXT
simple = st.sampled_from(
    ("license", "template", "system", "adapter", "draft", "requires", "renderer", "parser", "model")
)
roles = st.sampled_from(("system", "user", "assistant"))
instructions = st.builds(lambda name, args: Command(name=name, args=args), simple, texts)
messages = st.builds(
    lambda role, args: Command(name="message", args=f"{role}: {args}"), roles, texts
)
stops = st.builds(lambda args: Command(name="stop", args=args), texts)
documents = st.lists(instructions | messages | stops, max_size=6).map(
    lambda commands: Document(commands=(Command(name="model", args="base"), *commands))
)


@given(documents)
def test_every_document_reads_back(document: Document) -> None:
    assert parse(write(document)) == document


@given(st.lists(st.sampled_from(("FROM ", "SYSTEM ", "PARAMETER ", "MESSAGE user ", "x", "\n", "\r",
                                 '"', '"""', " ", "\u00a0", "stop ", "#", ":", "\t")),
                max_size=20).map(lambda parts: "FROM x\n" + "".join(parts)))  # fmt: skip
def test_what_was_read_is_written_and_reads_back(text: str) -> None:
    try:
        document = parse(text)
    except ModelfileError:
        return
    assert parse(write(document)) == document


numbers = st.sampled_from(
    [spec.name for spec in PARAMETERS.values() if spec.type is ParameterType.FLOAT]
)


@given(numbers, st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_any_32_bit_float_reads_back_to_itself(name: str, number: float) -> None:
    value = parse_value(name, [repr(number)])
    assert value == pytest.approx(number, rel=1e-6, abs=1e-44)
    assert parse_value(name, format_value(value)) == value


@given(st.integers(-(2**63), 2**63 - 1), st.booleans(), st.lists(ODD_TEXT))
def test_parameters_read_back_from_their_commands(
    seed: int, use_mmap: bool, stop: list[str]
) -> None:
    parameters = {"seed": seed, "use_mmap": use_mmap, "stop": tuple(stop)}
    commands = parameter_commands(parameters)
    expected = parameters if stop else {"seed": seed, "use_mmap": use_mmap}
    assert Document(commands=tuple(commands)).parameters == expected
