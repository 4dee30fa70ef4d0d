"""Answers with a form, a grammar, adapters, biases, alternatives: from the command line."""

import json
import re
from pathlib import Path

import pytest

from corral.chats.store import ChatStore
from corral.modelfile.parser import parse
from corral.prompt.answering import Answering
from corral.settings import Overflow
from corral.workbench.modelling import open_library
from helpers.adapters import write_adapter
from helpers.command_line import CommandLine
from helpers.homes import PARAMETERS, STARTER, places_of
from helpers.terminal import terminal

QUESTION = "What is the capital of France?"
CHOICE = re.compile(r"^ +(\d+)  '(.*?)' [\d.]+ % +1: '(.*?)' [\d.]+ %  2: '(.*?)' [\d.]+ %$")
SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": ["Rome", "Oslo"]}},
    "required": ["city"],
    "additionalProperties": False,
}


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "odd.gguf", seed=1)


def test_a_schema_and_a_grammar_are_obeyed(corral: CommandLine, tmp_path: Path) -> None:
    schema, grammar = tmp_path / "schema.json", tmp_path / "yes.gbnf"
    schema.write_text(json.dumps(SCHEMA))
    grammar.write_text('root ::= "Yes, " ("indeed" | "truly")')
    formed = corral("run", STARTER, QUESTION, "--ctx", "512", "--format", schema, "--save")
    assert json.loads(formed.out)["city"] in SCHEMA["properties"]["city"]["enum"]
    obeyed = corral("run", "quick", QUESTION, "--grammar", grammar, "--seed", "3")
    assert obeyed.out.strip() in ("Yes, indeed", "Yes, truly")


async def test_a_saved_chat_remembers_how_answers_are_made(corral: CommandLine) -> None:
    arguments = (
        "--save",
        "--logit-bias",
        " Paris=never",
        "--overflow",
        "refuse",
        "--format",
        "json",
    )
    assert corral("run", "quick", QUESTION, *arguments).exit_code == 0
    chats = ChatStore(places_of(corral.home).chats_file)
    [chat] = await chats.list_conversations()
    chats.close()
    assert chat.answering == Answering(
        form="json", logit_bias=((" Paris", float("-inf")),), overflow=Overflow.REFUSE
    )


def test_tokens_are_told_with_alternatives_and_a_bias_moves_them(corral: CommandLine) -> None:
    told = corral("run", "quick", QUESTION, "--logprobs", "2")
    rows = [match for line in told.err.splitlines() if (match := CHOICE.match(line))]
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert "".join("".join(row[2] for row in rows).split()) == "".join(told.out.split())
    assert all(row[2] == row[3] for row in rows)  # at temperature 0 it is the best one each time
    first = rows[0][2]
    other = corral("run", "quick", QUESTION, "--logprobs", "2", "--logit-bias", f"{first}=never")
    assert not other.out.startswith(first)


def test_variants_are_several_answers_and_the_first_is_that_of_the_seed(
    corral: CommandLine,
) -> None:
    def seeded(*arguments: str) -> list[str]:
        outcome = corral("run", "warm", QUESTION, "--seed", "5", *arguments)
        assert outcome.exit_code == 0
        return outcome.out.splitlines()

    warm = {**PARAMETERS, "temperature": 1.5}
    lines = "\n".join(f"PARAMETER {name} {value}" for name, value in warm.items())
    open_library(places_of(corral.home)).create("warm", parse(f"FROM {STARTER}\n{lines}"))
    three = seeded("--variants", "3")
    assert len(set(three)) == 3
    assert three[1] == corral("run", "warm", QUESTION, "--seed", "6").out.strip()


def test_adapters_change_answers_and_a_models_own_is_used(
    corral: CommandLine, adapter: Path
) -> None:
    lines = "\n".join(f"PARAMETER {name} {value}" for name, value in PARAMETERS.items())
    text = f"FROM {STARTER}\nADAPTER {adapter}\n{lines}"
    open_library(places_of(corral.home)).create("adapted", parse(text), base_dir=adapter.parent)
    plain = corral("run", "quick", QUESTION).out
    own = corral("run", "adapted", QUESTION).out
    assert own != plain
    assert corral("run", "quick", QUESTION, "--adapter", adapter).out == own
    assert corral("run", "quick", QUESTION, "--adapter", "adapted").out == own
    assert corral("run", "quick", QUESTION, "--adapter", f"{adapter}:0").out == plain


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "gone.json"), "The format 'gone.json' cannot be read"),
        (("--grammar", "gone.gbnf"), "The grammar 'gone.gbnf' cannot be read"),
        (("--format", "json", "--grammar", "x"), "not both"),
        (("--adapter", "gone.gguf"), "There is no file 'gone.gguf'"),
        (("--adapter", "quick"), "quick:latest has no adapter"),
        (("--adapter", f"{__file__}:1e9"), "it can be -100 to 100"),
        (("--logit-bias", "hello"), "no bias of a token"),
        (("--logit-bias", "x=nan"), "is no number"),
        (("--logit-bias", "two whole words=1"), "is 3 tokens of this model, not one"),
        (("--logit-bias", "999999=1"), "the model has 0 to 49,151"),
        (("--logprobs", "21"), "there can be 0 to 20"),
        (("--variants", "0"), "0 variants were asked for; there can be 1 to 64"),
        (("--seed", "1", "--variants", "2", "--save"), "A saved chat has one answer"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    corral: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    outcome = corral("run", "quick", QUESTION, *arguments)
    assert outcome.exit_code == 2
    assert said in outcome.err


def test_a_talk_sets_how_answers_are_made_and_branches(
    corral: CommandLine, adapter: Path, tmp_path: Path
) -> None:
    grammar = tmp_path / "g.gbnf"
    grammar.write_text('root ::= "Aye" | "Nay"')
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        assert "No tokens are known" in screen.say("/tokens")
        assert "with 2 alternatives" in screen.say("/set logprobs 2")
        assert "   1  '" in screen.say(QUESTION)
        shown = screen.say("/tokens")
        second = re.search(r"^ +1  .*2: '(.*?)'", shown, re.MULTILINE)
        assert second
        assert "There is no token 99" in screen.say("/branch 99 1")
        assert "it has 1 to 2" in screen.say("/branch 1 7")
        branched = screen.say("/branch 1 2")
        assert second[1].strip() in branched
        screen.say("/clear")
        assert "No tokens are known" in screen.say("/branch 1 1")
        assert screen.say("/set nologprobs") == "Tokens are not told.\n"
        assert "Answers obey the grammar" in screen.say(f"/set grammar {grammar}")
        assert re.search(r"(Aye|Nay)\n$", screen.say(QUESTION))
        assert "Disabled format" in screen.say("/set noformat")
        assert "odd.gguf at 0.5" in screen.say(f"/set adapter {adapter}:0.5")
        assert screen.say("/set noadapter") == "No adapters.\n"
        assert "The bias of ' Paris' is -inf" in screen.say('/set bias " Paris"=never')
        assert "It can be stop, shift, refuse" in screen.say("/set overflow burn")
        assert "full: shift" in screen.say("/set overflow shift")
