"""`corral run` with the real SmolLM2, on pipes and on a terminal."""

import json
import os
import signal
import subprocess
import time
import unicodedata
from pathlib import Path

import pytest

from corral.chats.store import BranchMessage, ChatStore, Conversation, MessageState
from corral.modelfile.parser import parse
from corral.prompt.message import Role
from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.homes import STARTER, TINY, places_of
from helpers.terminal import terminal

LONG = f"FROM {STARTER}\nPARAMETER num_ctx 2048\nPARAMETER temperature 0\n"


async def stored(corral: CommandLine) -> list[tuple[Conversation, tuple[BranchMessage, ...]]]:
    """The conversations among the chats, with what is shown of them."""
    chats = ChatStore(places_of(corral.home).chats_file)
    found = [(c, await chats.branch(c.leaf_id)) for c in await chats.list_conversations()]
    chats.close()
    return found


@pytest.fixture
def talkative(corral: CommandLine) -> str:
    """A model that does not soon come to an end."""
    open_library(places_of(corral.home)).create("talkative", parse(LONG))
    return "talkative"


async def test_a_question_is_answered_on_stdout_and_not_stored(corral: CommandLine) -> None:
    outcome = corral("run", "quick", "What", "is the capital", "of France?", "--verbose")
    assert outcome.exit_code == 0
    assert len(outcome.out.split()) > 2
    for heading in ("total duration", "load duration", "prompt eval rate", "eval count"):
        assert heading in outcome.err
    assert "num_predict" in outcome.err  # it may have eight tokens only, and says so
    assert await stored(corral) == []


def test_the_question_may_stand_behind_the_options(corral: CommandLine) -> None:
    outcome = corral("run", "--keepalive", "5m", "quick", "What", "--nowordwrap", "is 2+2?")
    assert (outcome.exit_code, bool(outcome.out.strip())) == (0, True)


def test_what_is_no_option_and_no_duration_is_exit_2(corral: CommandLine) -> None:
    assert corral("run", "quick", "--nonsense", "Hello").exit_code == 2
    outcome = corral("run", "quick", "--keepalive", "1d", "Hello")
    assert (outcome.exit_code, "“1d” is no duration" in outcome.err) == (2, True)


def test_a_wish_for_thinking_that_nobody_knows_is_exit_2(corral: CommandLine) -> None:
    outcome = corral("run", "quick", "--think=extreme", "Hello")
    assert (outcome.exit_code, "low, medium, high, max" in outcome.err) == (2, True)
    assert corral("run", "quick", "--think", "Hello").exit_code == 0  # the word is the question


def test_text_on_stdin_comes_before_the_question(corral: CommandLine) -> None:
    alone = corral("run", "quick", stdin=b"The sea is blue. Repeat that.")
    piped = corral("run", "quick", "Repeat that.", stdin=b"The sea is blue.\n")
    assert piped.exit_code == alone.exit_code == 0
    assert piped.out == alone.out != ""


def test_stdin_that_is_no_text_is_asked_all_the_same(corral: CommandLine) -> None:
    assert corral("run", "quick", stdin=b"caf\xe9 \xff").exit_code == 0


TOOLED = f"""FROM {STARTER}
TEMPLATE \"\"\"{{{{ .Tools }}}}{{{{ range .Messages }}}}{{{{ .Content }}}}{{{{ end }}}}\"\"\"
PARAMETER temperature 0
PARAMETER num_ctx 512
"""
TOOL = {"name": "look", "description": "Looks", "parameters": {"type": "object"}}
CALL = {
    "type": "object",
    "properties": {"name": {"const": "look"}, "parameters": {"enum": [{"at": "é"}]}},
    "required": ["name", "parameters"],
}


def test_tools_are_told_and_calls_are_printed_as_json(corral: CommandLine, tmp_path: Path) -> None:
    """The schema makes the model write a call."""
    open_library(places_of(corral.home)).create("tooled", parse(TOOLED))
    for name, value in (("tools", [TOOL]), ("call", CALL), ("none", {"tools": 1}), ("odd", [{}])):
        (tmp_path / name).write_text(json.dumps(value))
    given = ("--tools", str(tmp_path / "tools"))
    outcome = corral("run", "tooled", *given, "--format", str(tmp_path / "call"), "Look!")
    assert outcome.exit_code == 0, outcome.err
    assert json.loads(outcome.out) == {"name": "look", "arguments": {"at": "é"}}
    refused = {
        ("tooled", "--tools", "gone"): "no file 'gone'",
        ("tooled", "--tools", str(tmp_path / "none")): "no list of tools",
        ("tooled", "--tools", str(tmp_path / "odd")): "Tool 1 has no name",
        ("tooled", *given, "--save"): "no tools",
        ("tooled", *given, "--template", "gguf"): "does not support tools",
    }
    for arguments, words in refused.items():
        outcome = corral("run", *arguments, "Look!")
        assert (outcome.exit_code, words in outcome.err) == (2, True), outcome.err


def test_no_question_at_all_is_exit_2(corral: CommandLine) -> None:
    outcome = corral("run", "quick", stdin=b" \n")
    assert outcome.exit_code == 2
    assert "question" in outcome.err


async def test_a_saved_run_is_a_conversation_among_the_chats(corral: CommandLine) -> None:
    outcome = corral("run", "quick", "What is the sea?", "--save", "--system", "Be brief.")
    assert outcome.exit_code == 0
    ((conversation, branch),) = await stored(corral)
    assert (conversation.model, conversation.system) == ("quick:latest", "Be brief.")
    assert conversation.title == "What is the sea?"
    question, answer = [step.message for step in branch]
    assert (question.role, question.text) == (Role.USER, "What is the sea?")
    assert (answer.state, answer.text) == (MessageState.DONE, outcome.out.removesuffix("\n"))


def test_a_question_that_is_too_long_is_exit_2_with_both_numbers(corral: CommandLine) -> None:
    outcome = corral("run", "quick", stdin=b"word " * 600)
    assert outcome.exit_code == 2
    assert "512 tokens" in outcome.err
    assert outcome.out == ""


async def test_ctrl_c_stops_an_answer_and_what_was_said_is_kept(
    corral: CommandLine, talkative: str
) -> None:
    process = corral.start(
        "run", talkative, "Count to one thousand.", "--save", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    first = os.read(process.stdout.fileno(), 1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"stopped" in err
    assert b"Traceback" not in err
    ((_, branch),) = await stored(corral)
    answer = branch[-1].message
    assert answer.state is MessageState.STOPPED
    assert answer.text == (first + out).decode().removesuffix("\n") != ""


def test_ctrl_c_before_the_answer_begins_ends_the_program(
    corral: CommandLine, talkative: str
) -> None:
    for delay_s in (0.3, 0.6):
        process = corral.start(
            "run", talkative, "Hello", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        # Python ends itself by the signal where it comes while a class is being made.
        assert process.wait(20) in {130, -signal.SIGINT}


async def test_control_characters_of_a_model_do_not_reach_the_terminal(
    corral: CommandLine,
) -> None:
    """The tiny model says any byte."""
    text = f"FROM {TINY}\nPARAMETER temperature 5\nPARAMETER top_k 0\nPARAMETER seed 3\n"
    text += "PARAMETER num_predict 300\nPARAMETER top_p 1\nPARAMETER repeat_penalty 1\n"
    open_library(places_of(corral.home)).create("noise", parse(text))
    outcome = corral("run", "noise", "Hello", "--save")
    ((_, branch),) = await stored(corral)
    assert controls(branch[-1].message.text)
    assert not controls(outcome.out)


def controls(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"}


def test_on_a_terminal_the_conversation_goes_on_until_ctrl_d(corral: CommandLine) -> None:
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        screen.type("Hello\n")
        assert len(screen.read_until(b">>> ")) > len(b"Hello\r\n")
        screen.type("And you?\n")
        screen.read_until(b">>> ")
        screen.type("\x04")
        assert screen.process.wait(20) == 0


def test_ctrl_c_at_the_prompt_empties_the_line_and_does_not_end_the_program(
    corral: CommandLine,
) -> None:
    with terminal(corral, "run", "quick") as screen:
        screen.read_until(b">>> ")
        screen.type("Hel")
        screen.read_until(b"Hel")
        assert b"/bye" in screen.interrupt(b">>> ")
        screen.type("/bye\n")
        assert screen.process.wait(20) == 0


def test_ctrl_c_during_an_answer_leads_back_to_the_prompt(
    corral: CommandLine, talkative: str
) -> None:
    with terminal(corral, "run", talkative) as screen:
        screen.read_until(b">>> ")
        screen.type("Count to one thousand.\n")
        screen.read_until(b"1")
        screen.type("\x03")
        screen.read_until(b"stopped")
        screen.read_until(b">>> ")
        screen.type("/bye\n")
        assert screen.process.wait(20) == 0
