"""Writing a Modelfile: quotes that hold, and what no quotes can hold."""

import pytest

from corral.errors import UserError
from corral.modelfile.document import Command
from corral.modelfile.parser import parse
from corral.modelfile.writer import write, write_command


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", "SYSTEM plain"),
        ("", "SYSTEM "),
        ("# not a comment", "SYSTEM # not a comment"),
        ('"begins with a quote', 'SYSTEM """"begins with a quote"""'),
        ('"quoted"', 'SYSTEM """"quoted""""'),
        ('"', 'SYSTEM """""""'),
        ('""', 'SYSTEM """"""""'),
        ('say """this""" now', 'SYSTEM say """this""" now'),
        ('"""', 'SYSTEM """""""""'),
        ("no\u00a0break", 'SYSTEM "no\u00a0break"'),
        ("a\rb", 'SYSTEM "a\rb"'),
        ('def f():\n    """Doc."""', 'SYSTEM """def f():\n    """Doc.""""""'),
        ('"""Doc."""\npass', 'SYSTEM """"""Doc."""\u2060\npass"""'),
        ('a""" \r\n"""\n', 'SYSTEM """a"""\u2060 \r\n"""\u2060\n"""'),
        ('a"""\u2060\nb', 'SYSTEM """a"""\u2060\u2060\nb"""'),
    ],
)
def test_a_value_gets_the_quotes_that_it_needs(value: str, line: str) -> None:
    assert write_command(Command(name="system", args=value)) == line
    assert parse(f"FROM x\n{line}\n").system == value


def test_a_document_is_written_in_its_own_order() -> None:
    text = "SYSTEM hi\nFROM x\nPARAMETER stop a\nMESSAGE user hello\nPARAMETER top_k 4\n"
    assert write(parse(text)) == text


@pytest.mark.parametrize(
    "command",
    [
        Command(name="system", args="a\ud800"),
        Command(name="top-k", args="4"),
        Command(name="message", args="tool: hi"),
    ],
)
def test_what_no_modelfile_can_hold_is_refused_and_never_written_wrong(command: Command) -> None:
    with pytest.raises(UserError, match="cannot be written in a Modelfile"):
        write_command(command)


@pytest.mark.parametrize("name", ["message", "from", "parameter", "model", "system", ""])
def test_a_parameter_with_an_odd_name_reads_back(name: str) -> None:
    text = f"FROM x\nPARAMETER {name} value\n"
    assert parse(write(parse(text))) == parse(text)
