"""A generation for readers that come and go."""

import asyncio

from corral.events import (
    ContextTrimmed,
    Event,
    Finished,
    FinishReason,
    Phase,
    PhaseChanged,
    TextAdded,
    TextKind,
)
from corral.workbench.generation import Generation


async def read(generation: Generation) -> list[Event]:
    return [event async for event in generation.events()]


def text_of(events: list[Event], kind: TextKind = TextKind.ANSWER) -> str:
    return "".join(e.text for e in events if isinstance(e, TextAdded) and e.kind is kind)


async def test_a_reader_that_comes_late_gets_the_same_text_as_one_from_the_start() -> None:
    generation = Generation()
    early = asyncio.create_task(read(generation))
    await asyncio.sleep(0)
    generation.publish(PhaseChanged(phase=Phase.LOADING, done=50, total=100))
    generation.publish(TextAdded(text="hm", kind=TextKind.THINKING))
    generation.publish(TextAdded(text="Hello "))
    late = asyncio.create_task(read(generation))
    await asyncio.sleep(0)
    generation.publish(TextAdded(text="world"))
    generation.publish(Finished(reason=FinishReason.STOP))
    for events in (await early, await late, await read(generation)):
        assert text_of(events) == "Hello world"
        assert text_of(events, TextKind.THINKING) == "hm"
        assert [e for e in events if isinstance(e, Finished)] == [events[-1]]


async def test_what_was_trimmed_is_told_to_a_late_reader_before_the_text() -> None:
    generation = Generation()
    generation.publish(ContextTrimmed(dropped_messages=3, context_tokens=512))
    generation.publish(TextAdded(text="a"))
    generation.publish(Finished(reason=FinishReason.STOP))
    kinds = [type(event) for event in await read(generation)]
    assert kinds == [PhaseChanged, ContextTrimmed, TextAdded, Finished]


async def test_text_is_joined_while_a_reader_is_away() -> None:
    generation = Generation()
    events = generation.events()
    await anext(events)
    for letter in "abc":
        generation.publish(TextAdded(text=letter))
    assert await anext(events) == TextAdded(text="abc")


async def test_nothing_comes_after_the_end() -> None:
    generation = Generation()
    generation.publish(Finished(reason=FinishReason.STOP))
    generation.publish(TextAdded(text="too late"))
    generation.publish(Finished(reason=FinishReason.FAILED))
    assert (await generation.wait()).reason is FinishReason.STOP
    assert generation.answer == ""


async def test_a_stop_before_there_is_work_cancels_the_work_when_it_comes() -> None:
    class Work:
        is_cancelled = False

        def cancel(self) -> None:
            self.is_cancelled = True

    generation, work = Generation(), Work()
    generation.stop()
    generation.work_on(work)
    assert work.is_cancelled
