"""Turns of a stored conversation with the real SmolLM2."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing

import pytest

from corral.chats.store import BranchMessage, Conversation, MessageState, StoredMessage
from corral.events import Event, Finished, FinishReason, Phase, PhaseChanged, TextAdded
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench
from helpers.homes import PARAMETERS, STARTER, TINY

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = {**PARAMETERS, "num_predict": 150}
STORY = "Tell me a long story about a lighthouse."


async def branch(bench: Workbench, conversation: Conversation) -> tuple[BranchMessage, ...]:
    now = await bench.chats.get(conversation.id)
    return await bench.chats.branch(now.leaf_id)


async def last(bench: Workbench, conversation: Conversation) -> StoredMessage:
    return (await branch(bench, conversation))[-1].message


async def ask(
    bench: Workbench, conversation: Conversation, text: str = "Hello"
) -> tuple[StoredMessage, Finished]:
    """Ask at the end of the shown branch and wait for the stored answer."""
    now = await bench.chats.get(conversation.id)
    end = await (await bench.conversing.send(now, text)).wait()
    return await last(bench, conversation), end


async def long_conversation(bench: Workbench) -> Conversation:
    return await bench.chats.create_conversation(STARTER, parameters=LONG)


async def first_text(generation: Generation) -> str:
    async for event in generation.events():
        if isinstance(event, TextAdded):
            return event.text
    raise AssertionError("there was no text")


async def test_a_question_gets_an_answer_that_is_stored_with_its_timings(
    shared: Workbench, conversation: Conversation
) -> None:
    generation = await shared.conversing.send(conversation, "What is the capital of France?")
    end = await generation.wait()
    question, answer = [step.message for step in await branch(shared, conversation)]
    assert (question.role, question.text) == (Role.USER, "What is the capital of France?")
    assert (answer.role, answer.text) == (Role.ASSISTANT, generation.answer)
    assert answer.text
    assert (answer.state, answer.model) == (MessageState.DONE, STARTER)
    assert (answer.finish_reason, answer.usage) == (end.reason, end.usage)
    assert 0 < end.usage.generated_tokens <= 8
    assert end.usage.context_tokens == 512
    assert 0 < end.usage.first_token_s <= end.usage.total_s


async def test_an_answer_is_stored_with_planned_beside_measured_memory(
    shared: Workbench, conversation: Conversation
) -> None:
    answer, _ = await ask(shared, conversation)
    ledger = json.loads(answer.ledger or "")
    assert ledger["kind"] == "exact"
    planned, measured = (
        sorted((line["device"], line["part"], line["size_bytes"]) for line in ledger[side])
        for side in ("planned", "measured")
    )
    assert planned == measured


async def test_the_question_is_on_disk_before_anything_else_happens(shared: Workbench) -> None:
    conversation = await shared.chats.create_conversation("a-model-that-is-not-there")
    generation = await shared.conversing.send(conversation, "Are you there?")
    with closing(sqlite3.connect(shared.places.chats_file)) as file:  # the loop has not gone on yet
        rows = file.execute(
            "SELECT role, state, parts FROM message WHERE conversation_id = ? ORDER BY number",
            (conversation.id,),
        ).fetchall()
    (role, state, parts), answer = rows
    assert (role, state) == (Role.USER, MessageState.DONE)
    assert "Are you there?" in parts
    assert answer[:2] == (Role.ASSISTANT, MessageState.STREAMING)
    await generation.wait()


async def test_a_caller_that_goes_away_leaves_no_question_without_its_answer(
    shared: Workbench, conversation: Conversation
) -> None:
    sending = asyncio.create_task(shared.conversing.send(conversation, "Hello"))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    async with asyncio.timeout(10):
        while len(await branch(shared, conversation)) < 2:
            pass  # reading the branch waits for the database's thread
    if answering := shared.conversing.answering(conversation.id):
        await answering[1].wait()
    assert (await last(shared, conversation)).state is MessageState.DONE


async def test_every_reader_gets_finished_exactly_once_and_last(
    shared: Workbench, conversation: Conversation
) -> None:
    async def read(generation: Generation) -> list[Event]:
        return [event async for event in generation.events()]

    generation = await shared.conversing.send(conversation, "Hello")
    first, second = await asyncio.gather(read(generation), read(generation))
    third = await read(generation)
    for events in (first, second, third):
        assert [event for event in events if isinstance(event, Finished)] == [events[-1]]
        assert "".join(e.text for e in events if isinstance(e, TextAdded)) == generation.answer
    assert any(isinstance(e, PhaseChanged) and e.phase is Phase.GENERATING for e in first)


async def test_a_growing_answer_is_on_disk_at_most_a_second_late(shared: Workbench) -> None:
    conversation = await long_conversation(shared)
    generation = await shared.conversing.send(conversation, STORY)
    await first_text(generation)
    seen: list[tuple[float, str]] = []
    compared = 0
    while not generation.finished:
        seen.append((time.monotonic(), generation.answer))
        stored = await last(shared, conversation)
        older = [text for at, text in seen if at <= time.monotonic() - 1]
        if older and stored.state is MessageState.STREAMING:
            assert stored.text.startswith(older[-1])
            compared += 1
        await asyncio.sleep(0.05)
    assert compared
    assert (await last(shared, conversation)).text == generation.answer


async def test_a_stop_ends_the_answer_within_a_token_and_keeps_what_was_said(
    shared: Workbench,
) -> None:
    conversation = await long_conversation(shared)
    generation = await shared.conversing.send(conversation, STORY)
    await first_text(generation)
    said = generation.answer
    generation.stop()
    end = await generation.wait()
    answer = await last(shared, conversation)
    assert end.reason is FinishReason.CANCELLED
    assert end.usage.generated_tokens < 20
    assert (answer.state, answer.finish_reason) == (MessageState.STOPPED, FinishReason.CANCELLED)
    assert answer.text == generation.answer
    assert answer.text.startswith(said)


async def test_stopping_again_and_again_still_ends_the_generation(shared: Workbench) -> None:
    conversation = await long_conversation(shared)
    generation = await shared.conversing.send(conversation, STORY)
    for _ in range(20):
        generation.stop()
        await asyncio.sleep(0)
    end = await asyncio.wait_for(generation.wait(), 10)
    assert end.reason is FinishReason.CANCELLED
    assert (await last(shared, conversation)).state is MessageState.STOPPED


async def test_a_stopped_conversation_goes_on(
    shared: Workbench, conversation: Conversation
) -> None:
    generation = await shared.conversing.send(conversation, STORY)
    generation.stop()
    await generation.wait()
    answer, end = await ask(shared, conversation, "Hello again")
    assert end.error is None
    assert answer.state is MessageState.DONE
    assert len(await branch(shared, conversation)) == 4


async def test_a_reader_that_leaves_does_not_end_the_generation(
    shared: Workbench, conversation: Conversation
) -> None:
    generation = await shared.conversing.send(conversation, "Hello")
    events = generation.events()
    await anext(events)
    await events.aclose()
    end = await generation.wait()
    assert end.reason in {FinishReason.STOP, FinishReason.LENGTH}
    assert (await last(shared, conversation)).state is MessageState.DONE


async def test_the_running_answer_of_a_conversation_is_known_until_its_end(
    shared: Workbench, conversation: Conversation
) -> None:
    generation = await shared.conversing.send(conversation, "Hello")
    message_id = (await last(shared, conversation)).id
    assert shared.conversing.answering(conversation.id) == (message_id, generation)
    assert generation in shared.conversing.running
    await generation.wait()
    await asyncio.sleep(0)
    assert shared.conversing.answering(conversation.id) is None
    assert generation not in shared.conversing.running


async def test_a_second_turn_takes_the_first_ones_prompt_from_the_cache(
    shared: Workbench, conversation: Conversation
) -> None:
    _, first = await ask(shared, conversation, "My name is Ada. Please remember it.")
    _, second = await ask(shared, conversation, "What is my name?")
    assert second.usage.cached_tokens >= first.usage.prompt_tokens
    assert second.usage.prompt_tokens > second.usage.cached_tokens
    assert second.usage.load_s == 0


async def test_regenerating_puts_a_second_answer_beside_the_first(
    shared: Workbench, conversation: Conversation
) -> None:
    answer, _ = await ask(shared, conversation)
    now = await shared.chats.get(conversation.id)
    await (await shared.conversing.regenerate(now, answer)).wait()
    question, second = await branch(shared, conversation)
    assert (second.index, second.count) == (1, 2)
    assert second.sibling_ids[0] == answer.id
    assert second.message.text == answer.text  # at temperature 0 it says the same again
    assert question.count == 1


async def test_an_edited_question_begins_a_branch_and_the_old_one_stays(
    shared: Workbench, conversation: Conversation
) -> None:
    first, _ = await ask(shared, conversation, "What is the capital of France?")
    question = (await branch(shared, conversation))[0].message
    now = await shared.chats.get(conversation.id)
    await (await shared.conversing.edit(now, question, "Name a colour.")).wait()
    edited, _ = await branch(shared, conversation)
    assert (edited.message.text, edited.index, edited.count) == ("Name a colour.", 1, 2)
    await shared.chats.set_leaf(conversation.id, question.id)
    assert [step.message.text for step in await branch(shared, conversation)] == [
        "What is the capital of France?",
        first.text,
    ]


async def test_a_fork_has_the_conversation_so_far_and_goes_its_own_way(
    shared: Workbench, conversation: Conversation
) -> None:
    answer, _ = await ask(shared, conversation, "What is the capital of France?")
    await ask(shared, conversation, "And of Spain?")
    fork = await shared.conversing.fork(await shared.chats.get(conversation.id), answer)
    assert (fork.model, fork.parameters) == (STARTER, PARAMETERS)
    assert [step.message.text for step in await branch(shared, fork)] == [
        "What is the capital of France?",
        answer.text,
    ]
    await ask(shared, fork, "And of Italy?")
    assert len(await branch(shared, fork)) == len(await branch(shared, conversation)) == 4


async def test_a_fork_keeps_what_is_known_of_the_answers(
    shared: Workbench, conversation: Conversation
) -> None:
    answer, end = await ask(shared, conversation)
    fork = await shared.conversing.fork(conversation, answer)
    copied = await last(shared, fork)
    assert (copied.state, copied.usage, copied.finish_reason) == (
        MessageState.DONE,
        end.usage,
        end.reason,
    )


async def test_a_fork_of_an_answer_that_is_still_growing_has_what_was_written_and_an_end(
    shared: Workbench,
) -> None:
    conversation = await long_conversation(shared)
    generation = await shared.conversing.send(conversation, STORY)
    await first_text(generation)
    answer = await last(shared, conversation)
    fork = await shared.conversing.fork(conversation, answer)
    generation.stop()
    await generation.wait()
    assert (await last(shared, fork)).state is MessageState.STOPPED


async def test_the_model_can_be_switched_inside_a_conversation(
    shared: Workbench, conversation: Conversation
) -> None:
    await ask(shared, conversation)
    await shared.chats.set_model(conversation.id, TINY)
    await ask(shared, conversation, "And you?")
    await shared.chats.set_model(conversation.id, STARTER)
    await ask(shared, conversation, "Hello again")
    messages = [step.message for step in await branch(shared, conversation)]
    assert [m.model for m in messages] == ["", STARTER, "", TINY, "", STARTER]
    assert all(m.state is MessageState.DONE for m in messages)


async def test_two_conversations_with_one_model_answer_one_after_the_other(
    shared: Workbench, conversation: Conversation
) -> None:
    other = await shared.chats.create_conversation(STARTER, parameters=PARAMETERS)
    generations = [
        await shared.conversing.send(conversation, "Hello"),
        await shared.conversing.send(other, "Hello"),
    ]
    ends = [await generation.wait() for generation in generations]
    assert [end.error for end in ends] == [None, None]
    assert generations[0].answer == generations[1].answer


async def test_a_request_without_a_message_to_fill_stores_nothing(shared: Workbench) -> None:
    before = len(await shared.chats.list_conversations())
    request = ChatRequest(
        model=STARTER,
        messages=(Message(role=Role.USER, content="Hello"),),
        parameters=PARAMETERS,
    )
    generation = shared.conversing.start(request)
    await generation.wait()
    assert generation.answer
    assert len(await shared.chats.list_conversations()) == before


async def test_a_request_without_messages_only_loads(shared: Workbench) -> None:
    request = ChatRequest(model=STARTER, messages=None, parameters=PARAMETERS)
    end = await shared.conversing.start(request).wait()
    assert end.reason is FinishReason.LOADED
    assert end.usage.generated_tokens == 0


async def test_a_stop_string_ends_the_answer_and_is_not_part_of_it(
    shared: Workbench, conversation: Conversation
) -> None:
    answer, _ = await ask(shared, conversation)
    stop = answer.text.split()[2]
    await shared.chats.set_parameters(conversation.id, {**PARAMETERS, "stop": (stop,)})
    now = await shared.chats.get(conversation.id)
    end = await (await shared.conversing.regenerate(now, answer)).wait()
    shorter = await last(shared, conversation)
    assert end.reason is FinishReason.STOP
    assert shorter.text == answer.text[: answer.text.index(stop)]
