"""The one way from an engine thread to the event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator

from corral.events import Event, Finished, TextAdded, TextKind, TokenChoice


class Mailbox:
    """Events of one generation, put in by any thread and read on the event loop.

    Text that waits is joined, and at most one wake-up of the loop is pending, so a slow reader
    costs a fast generation nothing. After the first `Finished` nothing more is taken.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[Event] = []
        self._texts: list[str] = []  # text that is newer than all that waits
        self._choices: list[TokenChoice] = []  # of tokens whose text is not told yet
        self._kind = TextKind.ANSWER
        self._is_finished = False
        self._is_woken = False
        self._news = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event.

        Thread: any.
        """
        with self._lock:
            if self._is_finished:
                return
            self._is_finished = isinstance(event, Finished)
            self._join_text()
            self._waiting.append(event)
            is_asleep, self._is_woken = not self._is_woken, True
        if is_asleep:
            self._wake()

    def put_text(self, text: str, kind: TextKind) -> None:
        """Add text, as `TextAdded` would; made for every token, so it does as little as it can.

        Thread: any.
        """
        with self._lock:
            if self._is_finished:
                return
            if kind is not self._kind:
                self._join_text()
                self._kind = kind
            self._texts.append(text)
            is_asleep, self._is_woken = not self._is_woken, True
        if is_asleep:
            self._wake()

    def put_choice(self, choice: TokenChoice) -> None:
        """Add a chosen token; it is told with the next text.

        Thread: any.
        """
        with self._lock:
            self._choices.append(choice)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield the events up to `Finished`.

        Thread: the event loop's.
        """
        while True:
            await self._news.wait()
            for event in self._take():
                yield event
                if isinstance(event, Finished):
                    return

    def _join_text(self) -> None:
        if self._texts:
            text, choices = "".join(self._texts), tuple(self._choices)
            self._waiting.append(TextAdded(text=text, kind=self._kind, choices=choices))
            self._texts.clear()
            self._choices.clear()

    def _take(self) -> list[Event]:
        with self._lock:
            self._join_text()
            events, self._waiting = self._waiting, []
            self._is_woken = False
            self._news.clear()
        return events

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop is closed: nobody reads any more
            return
