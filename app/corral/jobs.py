"""Long work with progress, cancel and a result: one kind for import, create, check and bench.

The work itself is an ordinary blocking function that takes a `Ticket`; it runs the same from a
test, from the command line and in a thread behind the window.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from corral.errors import CorralError

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Progress reaches the listeners at most this often, so that a fast loop costs nothing.
REPORT_INTERVAL_S = 0.05


class Cancelled(Exception):  # noqa: N818 (a way out, not an error)
    """The work was cancelled by the person who started it."""


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a piece of work has come.

    Attributes:
        phase: Named phase in plain words, such as "Copying".
        done: How much is done.
        total: How much there is, None when unknown.
        unit: "bytes", "tokens", "steps" or "percent".
    """

    phase: str
    done: int = 0
    total: int | None = None
    unit: str = "bytes"


class Ticket:
    """What the work holds: it reports through it and asks it whether to stop.

    Thread: any.
    """

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._on_progress = on_progress
        self._cancelled = threading.Event()
        self._phase = ""
        self._reported_at = 0.0

    def report(self, progress: Progress) -> None:
        """Tell how far the work is; often is fine, most calls are dropped.

        Raises:
            Cancelled: If the work was cancelled.
        """
        self.raise_if_cancelled()
        now = time.monotonic()
        is_news = progress.phase != self._phase or progress.done == progress.total
        if self._on_progress and (is_news or now - self._reported_at >= REPORT_INTERVAL_S):
            self._phase, self._reported_at = progress.phase, now
            self._on_progress(progress)

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """Leave the work if it was cancelled.

        Raises:
            Cancelled: If so.
        """
        if self._cancelled.is_set():
            raise Cancelled


class Job(Generic[T]):
    """One running piece of work, followed from the event loop.

    Thread: the event loop's.
    """

    def __init__(self, title: str, work: Callable[[Ticket], T]) -> None:
        self.title = title
        self.progress = Progress(phase=title)
        self.state = JobState.RUNNING
        self.error: CorralError | None = None
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[], None]] = []
        self._ticket = Ticket(self._progress_from_thread)
        self._task = self._loop.create_task(self._run(work))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def cancel(self) -> None:
        """Ask the work to stop; it leaves everything as it was before."""
        self._ticket.cancel()

    async def result(self) -> T:
        """Wait for the end.

        Raises:
            Cancelled: If the job was cancelled.
            CorralError: If it failed.
        """
        return await asyncio.shield(self._task)

    async def _run(self, work: Callable[[Ticket], T]) -> T:
        state = JobState.FAILED
        try:
            value = await asyncio.to_thread(work, self._ticket)
            state = JobState.DONE
        except Cancelled:
            state = JobState.CANCELLED
            raise
        except asyncio.CancelledError:  # the event loop ends: the thread is to end too
            self._ticket.cancel()
            state = JobState.CANCELLED
            raise
        except CorralError as error:
            self.error = error
            raise
        finally:
            self._end(state)
        return value

    def _end(self, state: JobState) -> None:
        self.state = state
        self._notify()

    def _progress_from_thread(self, progress: Progress) -> None:
        self._loop.call_soon_threadsafe(self._set_progress, progress)

    def _set_progress(self, progress: Progress) -> None:
        self.progress = progress
        self._notify()

    def _notify(self) -> None:
        for listener in list(self._listeners):
            listener()


class Jobs:
    """The jobs that run now.

    Thread: the event loop's.
    """

    def __init__(self) -> None:
        self._running: list[Job[object]] = []
        self._listeners: list[Callable[[Job[object]], None]] = []

    @property
    def running(self) -> tuple[Job[object], ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(self._running)

    def subscribe(self, listener: Callable[[Job[object]], None]) -> Callable[[], None]:
        """Call `listener` with a job after each of its changes; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(self, title: str, work: Callable[[Ticket], T]) -> Job[T]:
        """Run `work` in a thread and answer its job at once."""
        job = Job(title, work)
        self._running.append(job)  # type: ignore[arg-type]
        job.subscribe(lambda: self._changed(job))  # type: ignore[arg-type]
        job._task.add_done_callback(_log_bug)  # noqa: SLF001 (same module)
        return job

    async def close(self) -> None:
        """Cancel what runs and wait until it has stopped."""
        for job in self.running:
            job.cancel()
        for job in self.running:
            try:
                await job.result()
            except (Cancelled, CorralError):
                logger.info("job ended at close: %s", job.title)

    def _changed(self, job: Job[object]) -> None:
        if job.state is not JobState.RUNNING and job in self._running:
            self._running.remove(job)
        for listener in list(self._listeners):
            listener(job)


def _log_bug(task: asyncio.Task[T]) -> None:
    # Whoever started the job sees its state and `error`; perhaps nobody waits for its result.
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, Cancelled | CorralError):
        logger.error("a job ended by a fault of the program", exc_info=error)
