"""The conversation on a terminal and its commands, with the real SmolLM2."""

import json
import stat
from pathlib import Path

import pytest

from corral.chats.store import ChatStore
from corral.library.library import Library
from corral.modelfile.catalogue import PARAMETERS
from corral.modelfile.parser import parse
from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.homes import STARTER, places_of
from helpers.terminal import terminal

GUIDED = f"""\
FROM {STARTER}
SYSTEM Be brief.
PARAMETER num_ctx 512
PARAMETER num_predict 4
PARAMETER temperature 0
MESSAGE user What is red?
MESSAGE assistant A colour.
LICENSE Do as you like.
"""


@pytest.fixture
def library(corral: CommandLine) -> Library:
    """The library, with "guided", a model that has everything."""
    library = open_library(places_of(corral.home))
    library.create("guided", parse(GUIDED))
    return library


def answer(shown: str) -> str:
    """What is shown behind the line of progress."""
    return shown.rpartition("\x1b[K")[2].strip()


def test_settings_of_a_session_are_told_and_saved_as_a_model(
    corral: CommandLine, library: Library
) -> None:
    with terminal(corral, "run", "quick") as screen:
        greeting = screen.read_until(b">>> ").decode()
        assert "/? for help" in greeting
        assert screen.say("/set parameter num_predict 3") == "Set parameter 'num_predict' to '3'\n"
        assert "'a, b c'" in screen.say('/set parameter stop "a, b c"')
        assert "Useful values go from 0 to 2." in screen.say("/set parameter temperature 2.5")
        assert "Did you mean 'top_k'?" in screen.say("/set parameter topk 3")
        assert "invalid int value [x]" in screen.say("/set parameter top_k x")
        assert "no longer used" in screen.say("/set parameter mirostat 1")
        assert "/set parameter NAME VALUE" in screen.say("/set parameter top_k")
        assert "How freely the model chooses" in screen.say("/set parameter")
        shown = screen.say("/show parameters")
        model_defined, _, user_defined = shown.partition("User defined parameters")
        assert "num_ctx" in model_defined
        assert [line.split() for line in user_defined.splitlines()[1:]] == [
            ["num_predict", "3"], ["stop", "a,", "b", "c"], ["temperature", "2.5"],
        ]  # fmt: skip
        assert screen.say("/set system You are a llama.") == "Set system message.\n"
        assert screen.say("/show system") == "You are a llama.\n"
        assert answer(screen.say("Hello"))
        assert screen.say("/save llama") == "Created new model 'llama:latest'\n"
        screen.type("/bye\n")
        assert screen.process.wait(20) == 0
    llama = library.get("llama")
    assert (llama.system, llama.parameters["num_predict"]) == ("You are a llama.", 3)
    assert llama.parameters["stop"] == ("a, b c",)
    assert "num_ctx" in llama.parameters  # the base model's own
    assert [message.content for message in llama.messages][:1] == ["Hello"]


def test_another_model_is_loaded_with_its_messages_and_shown(
    corral: CommandLine, library: Library
) -> None:
    with terminal(corral, "run", "quick", "--system", "Be a cat.") as screen:
        screen.read_until(b">>> ")
        assert "not found" in screen.say("/load nobody")
        said = screen.say("/load guided", prompt="A colour.")
        assert "Loading model 'guided:latest'; the system message that you set stays\n" in said
        assert ">>> What is red?" in said  # its own messages, as if they had been typed
        screen.read_until(b">>> ")
        assert screen.say("/show license") == "Do as you like.\n"
        assert "LICENSE Do as you like." in screen.say("/show modelfile")
        assert "im_start" in screen.say("/show template")
        assert "context length" in screen.say("/show info")
        assert screen.say("/show system") == "Be a cat.\n"
        assert "guided:latest" in screen.say("/list")
        assert "quick" not in screen.say("/ls guid")
        assert screen.say("/clear") == "Cleared what was said.\n"
        screen.type("\x04")
        assert screen.process.wait(20) == 0


def test_the_models_own_messages_stand_at_the_start(corral: CommandLine, library: Library) -> None:
    with terminal(corral, "run", "guided") as screen:
        screen.read_until(b">>> What is red?")
        screen.read_until(b"A colour.")
        screen.read_until(b">>> ")
        screen.type("/exit\n")
        assert screen.process.wait(20) == 0


def test_three_quotes_hold_lines_together(corral: CommandLine, library: Library) -> None:
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        assert screen.say('/set system """Be', prompt="... ") == ""
        assert screen.say("", prompt="... ") == ""
        assert screen.say('kind."""') == "Set system message.\n"
        assert screen.say("/show system") == "Be\n\nkind.\n"
        assert screen.say('/set system ""') == "Set system message.\n"
        assert "No system message" in screen.say("/show system")
        assert "not closed" in screen.say('/set system "a')
        screen.say('"""First line', prompt="... ")
        assert answer(screen.say('second line"""'))
        assert "does not support thinking" in screen.say("/set think high")
        assert "The level can be" in screen.say("/set think very")
        assert "Set 'nothink' mode." in screen.say("/set nothink")
        screen.say("/save quoted")
        screen.type("/bye\n")
        screen.process.wait(20)
    assert library.get("quoted").messages[0].content == "First line\nsecond line"


def test_answers_are_json_while_that_is_the_format(
    corral: CommandLine, library: Library, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {"n": {"const": 7}}, "required": ["n"]}')
    (tmp_path / "list.json").write_text("[1]")
    with terminal(corral, "run", "guided") as screen:
        screen.read_until(b"A colour.")
        screen.read_until(b">>> ")
        screen.say("/set parameter num_predict 60")
        assert "cannot be read" in screen.say("/set format xml")
        assert "no JSON schema" in screen.say(f"/set format {tmp_path / 'list.json'}")
        assert "Set format to 'json' mode." in screen.say("/set format json")
        assert answer(screen.say("A colour?")).startswith("{")
        assert "Set format" in screen.say(f"/set format {schema}")
        assert json.loads(answer(screen.say("A number?"))) == {"n": 7}
        assert screen.say("/set noformat") == "Disabled format.\n"
        screen.type("/bye\n")
        assert screen.process.wait(20) == 0


def test_one_question_is_answered_by_a_schema(corral: CommandLine, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"enum": ["yes", "no"]}')
    outcome = corral("run", "quick", "Is the sky blue?", "--format", schema)
    assert outcome.out.strip() in ('"yes"', '"no"')


def test_unknown_and_shortened_commands(corral: CommandLine) -> None:
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        assert "Unknown command '/loadx'. Type /? for help." in screen.say("/loadx a")
        assert "'/s' can be /save, /set, /show." in screen.say("/s")
        assert "Unknown command '/set colour'" in screen.say("/set colour red")
        helped = screen.say("/?")
        for command in ("/set parameter NAME VALUE", "/show info", "/load MODEL", "/bye"):
            assert command in helped
        assert "/load" not in screen.say("/? set")
        assert "/set nohistory" in screen.say("/set")
        assert "Ctrl+W" in screen.say("/help shortcuts")
        assert PARAMETERS["min_p"].help[:20] in screen.say("/help min_p")
        assert "eval rate" not in screen.say("/set verb")
        assert "eval rate" in screen.say("Hi")
        assert "No times" in screen.say("/set quiet")
        screen.type("/by\n")
        assert screen.process.wait(20) == 0


def test_what_is_typed_is_remembered_privately_unless_it_shall_not_be(
    corral: CommandLine,
) -> None:
    history = places_of(corral.home).history_file
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        screen.say("/show system")
        screen.say("/set nohistory")
        screen.say("/set system secret")
        screen.say("/set history")
        screen.type("/bye\n")
        screen.process.wait(20)
    lines = history.read_text().splitlines()
    assert "/show system" in lines
    assert "/set system secret" not in lines
    assert lines[-1] == "/bye"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        screen.type("\x1b[A\x1b[A")  # up, up: the line before /bye
        screen.read_until(b"set nohistory")  # the terminal keeps the slash
        screen.interrupt(b">>> ")
        screen.type("/sho\tsy\t\n")
        assert b"No system message" in screen.read_until(b">>> ")


async def test_a_saved_session_takes_its_settings_into_the_chats(corral: CommandLine) -> None:
    with terminal(corral, "run", "quick", "--save") as screen:
        screen.read_until(b">>> ")
        screen.say("/set parameter num_predict 2")
        screen.say("One")
        screen.say("/set system Be a dog.")
        screen.say("/set parameter seed 7")
        screen.say("/clear")
        screen.say("Two")
        screen.type("/bye\n")
        screen.process.wait(20)
    chats = ChatStore(places_of(corral.home).chats_file)
    found = {each.title: each for each in await chats.list_conversations()}
    chats.close()
    assert set(found) == {"One", "Two"}
    for conversation in found.values():
        assert conversation.system == "Be a dog."
        assert conversation.parameters == {"num_predict": 2, "seed": 7}
