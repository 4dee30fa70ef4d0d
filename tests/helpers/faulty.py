"""The real window with a model that answers at length, and in which llama.cpp can be broken."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import pytest

from corral.chats.store import StoredMessage
from corral.places import find_places
from corral.workbench.starter import STARTER_NAME
from corral.workbench.workbench import open_workbench
from helpers import desktop
from helpers.desktop import ROOT, Program

FAULTY_PROGRAM = ROOT / "tests" / "e2e" / "faulty_program.py"
# Without chance SmolLM2 answers such questions with many hundreds of tokens.
LONG_QUESTION = "Write a very long story number # about a llama."
T = TypeVar("T")


@pytest.fixture
def faulty(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The window with one empty chat, not started yet."""
    monkeypatch.setattr(desktop, "PROGRAM", FAULTY_PROGRAM)
    run(_begin_chat(program.home))
    return program


def run(work: Coroutine[object, object, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)


def stored_messages(home: Path) -> list[StoredMessage]:
    """Return the shown branch of the one chat, as the disk has it."""
    return run(_read_chat(home))


def answer_streams(program: Program) -> None:
    """Ask, or the next time have it answered anew, and wait until the answer grows.

    With a cut-off answer in the conversation the model likes to write another short one.
    """
    if program.messages():
        program.screen.key("ctrl+r")
    else:
        program.ask_model(LONG_QUESTION)
    program.wait_for("it streams", lambda: len(program.ask("streamed")) > 20)


async def _begin_chat(home: Path) -> None:
    async with open_workbench(find_places({"CORRAL_HOME": str(home)})) as workbench:
        parameters = {"temperature": 0.0}
        await workbench.chats.create_conversation(STARTER_NAME, parameters=parameters)


async def _read_chat(home: Path) -> list[StoredMessage]:
    async with open_workbench(find_places({"CORRAL_HOME": str(home)})) as workbench:
        (chat,) = await workbench.chats.list_conversations()
        return [step.message for step in await workbench.chats.branch(chat.leaf_id)]
