"""The services over an engine that answers from a script: what a real one does too seldom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from corral.engine.engine import Engine
from corral.engine.protocol import AnyEngine
from corral.errors import ExternalError
from corral.events import FinishReason, TextAdded
from corral.places import Places
from corral.prompt.message import Message, Role
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import PARAMETERS, TINY
from helpers.scripted_engine import Reply, ScriptedEngine

FAILURE = ExternalError("The model died.")


@asynccontextmanager
async def opened(
    places: Places, *replies: Reply, refusals: tuple[ExternalError, ...] = ()
) -> AsyncIterator[tuple[Workbench, ScriptedEngine]]:
    engine = ScriptedEngine(replies, refusals)
    async with open_workbench(places, engine) as workbench:
        yield workbench, engine


def asked(text: str) -> ChatRequest:
    message = Message(role=Role.USER, content=text)
    return ChatRequest(model=TINY, messages=(message,), parameters=PARAMETERS)


def test_both_engines_have_the_protocol(places: Places) -> None:
    engines: tuple[AnyEngine, ...] = (Engine(places.marker_file), ScriptedEngine(()))  # for mypy
    assert [engine.loaded for engine in engines] == [(), ()]


async def test_the_prompt_of_the_model_is_asked_and_its_answer_told(places: Places) -> None:
    async with opened(places, Reply()) as (workbench, engine):
        generation = workbench.conversing.start(asked("Hi"))
        end = await generation.wait()
        assert (end.reason, generation.answer) == (FinishReason.STOP, "Hello there.")
        assert "Hi<|im_end|>" in engine.runners[0].asked[0]  # through the model's template


async def test_what_was_said_before_a_failure_is_kept(places: Places) -> None:
    async with opened(places, Reply(error=FAILURE), Reply()) as (workbench, _):
        conversation = await workbench.chats.create_conversation(TINY, parameters=PARAMETERS)
        generation = await workbench.conversing.send(conversation, "Hi")
        end = await generation.wait()
        assert (end.reason, end.error) == (FinishReason.FAILED, FAILURE)
        stored = await workbench.chats.get(conversation.id)
        branch = await workbench.chats.branch(stored.leaf_id)
        assert branch[-1].message.text == "Hello there."
        again = await workbench.conversing.send(stored, "Still there?")
        assert (await again.wait()).reason is FinishReason.STOP


async def test_a_slow_answer_is_stopped_between_two_pieces(places: Places) -> None:
    slow = Reply(pieces=("one ",) * 1000, pause_s=0.01)
    async with opened(places, slow) as (workbench, engine):
        generation = workbench.conversing.start(asked("Count"))
        async for event in generation.events():
            if isinstance(event, TextAdded):
                break
        assert engine.runners[0].is_busy
        generation.stop()
        end = await generation.wait()
        assert end.reason is FinishReason.CANCELLED
        assert 0 < generation.answer.count("one") < 1000


async def test_a_load_that_fails_leaves_the_next_one_possible(places: Places) -> None:
    full = ExternalError("Out of memory: 9.8 GiB needed, 7.1 GiB free.")
    async with opened(places, Reply(), refusals=(full,)) as (workbench, engine):
        end = await workbench.conversing.start(asked("Hi")).wait()
        assert (end.error, engine.loaded) == (full, ())
        assert (await workbench.conversing.start(asked("Hi")).wait()).error is None
