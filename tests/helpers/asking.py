"""Asks a real runner and keeps what it answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.runner import Runner
from corral.events import Event, Finished, TextAdded, Usage
from corral.modelfile.catalogue import ParameterValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    events: list[Event]
    handle: GenerationHandle

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextAdded))

    @property
    def end(self) -> Finished:
        ends = [event for event in self.events if isinstance(event, Finished)]
        assert len(ends) == 1
        assert self.events[-1] is ends[0]
        return ends[0]

    @property
    def usage(self) -> Usage:
        assert self.end.error is None
        return self.end.usage


async def tokens_of(runner: Runner, text: str) -> tuple[int, ...]:
    return tuple(await runner.tokenize(text, add_special=True, parse_special=True))


async def answer(
    runner: Runner,
    request: GenerationRequest,
    on_event: Callable[[Event, GenerationHandle], None] | None = None,
) -> Answer:
    mailbox = Mailbox(asyncio.get_running_loop())
    handle = runner.generate(request, mailbox)
    events = []
    async for event in mailbox:
        events.append(event)
        if on_event:
            on_event(event, handle)
    return Answer(events=events, handle=handle)


async def ask(
    runner: Runner,
    prompt: str | tuple[int, ...],
    *,
    max_tokens: int = 24,
    stops: tuple[str, ...] = (),
    **parameters: ParameterValue,
) -> Answer:
    """Go on from a prompt, greedily unless `temperature` says otherwise."""
    request = GenerationRequest(
        tokens=await tokens_of(runner, prompt) if isinstance(prompt, str) else prompt,
        parameters={"temperature": 0.0, **parameters},
        stops=stops,
        max_tokens=max_tokens,
    )
    return await answer(runner, request)
