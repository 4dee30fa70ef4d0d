"""An event loop beside the main thread, which may then wait for a person at the keyboard."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for a thread that has no loop.

    The terminal's line editor blocks its thread and hears of Ctrl+C in the main one only; the
    services go on meanwhile, so that what is due, such as the end of an idle child, is done.

    Thread: the main one.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="services", daemon=True)
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.do(self._stack.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def open(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Open something that is closed before the loop ends."""
        return self.do(self._stack.enter_async_context(manager))

    def do(
        self,
        work: Coroutine[object, object, T],
        on_interrupt: Callable[[], None] | None = None,
    ) -> T:
        """Run a coroutine and wait for its result.

        Args:
            work: The coroutine.
            on_interrupt: Called in the loop when Ctrl+C is pressed meanwhile, and the waiting goes
                on; without it the work is cancelled and KeyboardInterrupt is raised.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return future.result()
            except KeyboardInterrupt:
                if on_interrupt is None:
                    future.cancel()
                    raise
                self._loop.call_soon_threadsafe(on_interrupt)
