"""The thread that owns the llama.cpp objects of one model."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from corral.errors import CorralError, ExternalError
from corral.jobs import Cancelled
from corral.units import memory_size

logger = logging.getLogger(__name__)
T = TypeVar("T")

# llama.cpp's pre-tokenizers recurse once for each character of a long run. Virtual memory only:
# pages come with use.
STACK_BYTES = 512 * 1024**2

_Job = tuple["Future[Any]", Callable[[], None]]


class EngineThread:
    """Does jobs one after the other, on a deep stack.

    Attributes:
        parked: Why the thread will never do anything again, None while it lives.
        background: Done again and again while it answers True; a job that waits comes between.

    Thread: any, except where said.
    """

    def __init__(self, name: str, stack_lock: threading.Lock) -> None:
        """Start the thread.

        Args:
            name: Of the thread.
            stack_lock: The process's lock for the size of stacks.

        Raises:
            ExternalError: If there is no room for its stack.
        """
        self.parked: CorralError | None = None
        self.background: Callable[[], bool] = _nothing
        self._refusal: CorralError | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._pending: set[Future[Any]] = set()
        self._is_busy = False
        # A daemon, as a parked thread never ends and must not keep the process.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        with stack_lock:  # the size counts for every thread that starts meanwhile
            before = threading.stack_size(STACK_BYTES)
            try:
                self._thread.start()
            except RuntimeError as error:  # the stack lies in nobody's memory until it is used
                raise ExternalError(
                    "There is no address space for a thread with a stack of "
                    f"{memory_size(STACK_BYTES)}.",
                    detail=str(error),
                    hint="Unload another model, or raise the limit (ulimit -v).",
                ) from error
            finally:
                threading.stack_size(before)

    @property
    def ident(self) -> int | None:
        """The thread's identity."""
        return self._thread.ident

    @property
    def is_alive(self) -> bool:
        """Whether the thread has not ended; a parked one never does."""
        return self._thread.is_alive()

    @property
    def is_busy(self) -> bool:
        """Whether a job or the background is being done."""
        return self._is_busy

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Do `work` in the thread, after what was submitted before."""
        future: Future[T] = Future()

        def finish() -> None:
            result = work()
            with suppress(InvalidStateError):  # the thread was counted as lost meanwhile
                future.set_result(result)

        self.entrust(future, finish)
        return future

    def entrust(self, future: "Future[Any]", begin: Callable[[], None]) -> None:
        """Do `begin`, from which on somebody in the thread owes `future` its result.

        If the thread refuses or is lost, the future fails.
        """
        if refusal := self.parked or self._refusal:
            future.set_exception(refusal)
            return
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        self._jobs.put((future, begin))

    def refuse(self, error: CorralError) -> None:
        """Fail what is submitted from now on; what was submitted before is still done."""
        self._refusal = error

    def stop(self) -> None:
        """End the thread after what was submitted, and wait for it; a parked one is left alone."""
        if not self.parked:
            self._jobs.put(None)
            self._thread.join()

    def park(self, error: CorralError) -> None:
        """Count the thread as lost: everything submitted fails with `error`.

        Thread: any, also the lost one.
        """
        self.parked = error
        for future in list(self._pending):
            self._fail(future, error)

    def _work(self) -> None:
        while not self.parked:
            if self._go_on() and self._jobs.empty():
                continue
            if (job := self._jobs.get()) is None:
                return
            self._do(*job)

    def _go_on(self) -> bool:
        self._is_busy = True
        has_more = self.background()
        self._is_busy = False
        return has_more

    def _do(self, future: Future[Any], work: Callable[[], None]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        self._is_busy = True
        try:
            work()
        except (CorralError, Cancelled) as error:
            self._fail(future, error)
        except Exception as error:  # border: a bug must end its job, not the engine
            logger.exception("a job of the engine failed")
            self._fail(future, error)
        self._is_busy = False

    def _fail(self, future: Future[Any], error: Exception) -> None:
        with suppress(InvalidStateError):  # it has ended or was cancelled meanwhile
            future.set_exception(error)


def _nothing() -> bool:
    return False
