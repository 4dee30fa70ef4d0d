"""`corral help` prints what the catalogue says, and no other page says it again."""

import ast
from pathlib import Path

import pytest

import corral as package
from corral.cli.manual import modelfile_page, page, parameters_page
from corral.errors import UserError
from corral.modelfile.catalogue import DEPRECATED, INSTRUCTIONS, PARAMETERS
from helpers.command_line import CommandLine

PACKAGE = Path(package.__file__).parent
ROOT = PACKAGE.parents[1]
HELPS = [spec.help for spec in [*PARAMETERS.values(), *INSTRUCTIONS.values()]]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_pages_say_all_that_the_catalogue_says() -> None:
    parameters, modelfile = flat(parameters_page()), flat(modelfile_page())
    for spec in PARAMETERS.values():
        assert flat(f"{spec.name} <{spec.type.value}> {spec.help} Default: ") in parameters
    for instruction in INSTRUCTIONS.values():
        assert flat(f"{instruction.name} <{instruction.argument}> {instruction.help}") in modelfile
    assert all(name in parameters for name in DEPRECATED)


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("num_ctx", "Default: automatic. Useful from 0 to"),
        ("top_p", "Default: 0.9. Useful from 0 to 1."),
        ("stop", "Default: none."),
        ("use_mmap", "Default: automatic."),
        ("from", "FROM <model or file>"),
        ("MESSAGE", "MESSAGE <role text>"),
    ],
)
def test_one_entry_is_told_by_its_name(topic: str, words: str) -> None:
    assert words in flat(page(topic))


def test_an_unknown_page_names_what_is_like_it() -> None:
    with pytest.raises(UserError) as caught:
        page("temprature")
    assert caught.value.hint == "Did you mean 'temperature'?"


def test_help_is_a_command(corral: CommandLine) -> None:
    assert "A Modelfile says how a model is made" in corral("help", "modelfile").out
    assert "num_ctx <int>" in corral("help", "parameters").out
    assert "corral help parameters" in corral("help").out
    assert corral("help", "nothing-like-it").exit_code == 2


def test_no_other_page_or_code_repeats_the_catalogue() -> None:
    """The one exception lists the texts for translation, and a test holds it to the catalogue."""
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        text = flat((ROOT / name).read_text("utf-8"))
        assert [said for said in HELPS if said in text] == []
    listed = {"catalogue.py", "service_phrases.py", "phrases.py"}
    for file in PACKAGE.rglob("*.py"):
        if file.name not in listed:
            nodes = ast.walk(ast.parse(file.read_text("utf-8")))
            texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
            assert [said for said in HELPS if said in texts] == [], file
