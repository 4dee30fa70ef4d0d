"""One running generation: it belongs to the workbench, any number of readers follow it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from corral.events import (
    ContextShifted,
    ContextTrimmed,
    Event,
    Finished,
    Phase,
    PhaseChanged,
    TextAdded,
    TextKind,
    TokenChoice,
    ToolCalled,
)


class Stoppable(Protocol):
    """Something that can be asked to stop."""

    def cancel(self) -> object:
        """Ask it to stop."""


class Generation:
    """The events of one request, for readers that may come and go at any time.

    A reader that comes late first gets what it missed, joined: the phase, what was trimmed and the
    text so far. `Finished` comes exactly once to each reader.

    Attributes:
        thinking: What was thought so far.
        answer: What was answered so far.
        tool_calls: The tools that were called so far.
        phase: What is being done.
        choices: The tokens of the reply with their alternatives, where they were asked for.
        shifted: What was dropped of the context last, None when nothing was.
        trimmed: What did not fit into the context, None when all did.
        finished: The end, None while it runs.
        ledger: Planned beside measured memory of the model that answers, as JSON text.
        step_shares: Of each generation step, the share of its time spent inside llama.cpp.

    Thread: the event loop's.
    """

    def __init__(self) -> None:
        self.thinking = ""
        self.answer = ""
        self.tool_calls: tuple[ToolCalled, ...] = ()
        self.choices: tuple[TokenChoice, ...] = ()
        self.shifted: ContextShifted | None = None
        self.phase = PhaseChanged(phase=Phase.WAITING)
        self.trimmed: ContextTrimmed | None = None
        self.finished: Finished | None = None
        self.ledger: str | None = None
        self.step_shares: Sequence[float] = ()
        self._readers: list[_Reader] = []
        self._working: Stoppable | None = None
        self._is_stopping = False
        self._ended = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._is_stopping

    def stop(self) -> None:
        """Ask for the end; `Finished` follows within a token. Asking again changes nothing."""
        if not self._is_stopping:
            self._is_stopping = True
            if self._working:
                self._working.cancel()

    def work_on(self, working: Stoppable | None) -> None:
        """Say what `stop` has to cancel from now on; None is what must not be cut short."""
        self._working = working
        if working and self._is_stopping:
            working.cancel()

    async def wait(self) -> Finished:
        """Wait for the end."""
        await self._ended.wait()
        assert self.finished is not None
        return self.finished

    async def events(self) -> AsyncIterator[Event]:
        """Follow the generation from its start to `Finished`."""
        reader = _Reader(self._past())
        self._readers.append(reader)
        try:
            while True:
                event = await reader.next()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self._readers.remove(reader)

    def publish(self, event: Event) -> None:
        """Keep an event and hand it to every reader."""
        if self.finished:
            return
        match event:
            case TextAdded():
                self._add(event)
            case ToolCalled():
                self.tool_calls = (*self.tool_calls, event)
            case PhaseChanged():
                self.phase = event
            case ContextTrimmed():
                self.trimmed = event
            case ContextShifted():
                self.shifted = event
            case Finished():
                self.finished = event
                self._ended.set()
        for reader in self._readers:
            reader.put(event)

    def _add(self, event: TextAdded) -> None:
        self.choices += event.choices
        if event.kind is TextKind.THINKING:
            self.thinking += event.text
        else:
            self.answer += event.text

    def _past(self) -> list[Event]:
        past: list[Event] = [self.phase]
        if self.trimmed:
            past.append(self.trimmed)
        if self.shifted:
            past.append(self.shifted)
        if self.thinking:
            past.append(TextAdded(text=self.thinking, kind=TextKind.THINKING))
        if self.answer:
            past.append(TextAdded(text=self.answer))
        past += self.tool_calls
        if self.finished:
            past.append(self.finished)
        return past


class _Reader:
    """Events that one reader has not taken yet; text is joined while it waits."""

    def __init__(self, past: list[Event]) -> None:
        self._waiting: deque[Event] = deque(past)
        self._news = asyncio.Event()

    def put(self, event: Event) -> None:
        last = self._waiting[-1] if self._waiting else None
        if isinstance(event, TextAdded) and isinstance(last, TextAdded) and event.kind is last.kind:
            self._waiting[-1] = TextAdded(
                text=last.text + event.text,
                kind=event.kind,
                choices=last.choices + event.choices,
            )
        else:
            self._waiting.append(event)
        self._news.set()

    async def next(self) -> Event:
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()
