"""Downloads and uploads: a queue that outlasts the program, with pause, resume and history."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import CorralError
from corral.jobs import Cancelled, Job, Jobs, JobState, Progress
from corral.settings import write_atomically
from corral.workbench.announcer import Announcer
from corral.workbench.transfer import (
    Transfer,
    TransferKind,
    TransferRequest,
    TransferState,
    WorkMaker,
    read_transfer,
)

if TYPE_CHECKING:
    from corral.hub.pace import Pace

logger = logging.getLogger(__name__)

AT_ONCE = 2
LONGEST_HISTORY = 100
KEEP_EVERY_S = 5.0
_INCOMING = frozenset({TransferKind.PULL, TransferKind.DOWNLOAD})


@dataclass(slots=True, kw_only=True, eq=False)
class _Entry:
    """A transfer and what it holds while it runs.

    Attributes:
        transfer: As everyone sees it.
        job: Its work, None when it does not run.
        pace: Its rate.
        after_stop: The state that it was told to go to, once its work has stopped.
    """

    transfer: Transfer
    job: Job[object] | None = None
    pace: Pace | None = None
    after_stop: TransferState | None = None


class Transferring:
    """The queue. Two transfers run at once, the others wait in the order of asking.

    What runs when the program ends or dies is paused when it comes back: nothing connects unasked.

    Attributes:
        changed: Told after every change.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        file: Path,
        makers: Mapping[TransferKind, WorkMaker],
        jobs: Jobs,
        on_arrival: Callable[[], None],
    ) -> None:
        """Read what an earlier run left; nothing begins.

        Args:
            file: Where the queue is kept.
            makers: How each kind of transfer is done.
            jobs: Where the work runs.
            on_arrival: Called after a model has come.
        """
        self.changed = Announcer()
        self._file = file
        self._makers = makers
        self._jobs = jobs
        self._on_arrival = on_arrival
        self._entries = {each.id: _Entry(transfer=each) for each in _read(file)}
        self._writing: asyncio.Task[None] | None = None
        self._is_changed = False
        self._kept_at = 0.0
        self._is_closing = False

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers, in the order of asking."""
        return tuple(entry.transfer for entry in self._entries.values())

    def get(self, transfer_id: int) -> Transfer:
        """Return one transfer.

        Raises:
            KeyError: If there is none of this number (any more).
        """
        return self._entries[transfer_id].transfer

    # Asking

    def pull(self, name: str, *, insecure: bool = False) -> Transfer:
        """Pull a model from its registry."""
        return self.start(_registry_request(TransferKind.PULL, name, insecure=insecure))

    def push(self, name: str, *, insecure: bool = False) -> Transfer:
        """Push a model to its registry."""
        return self.start(_registry_request(TransferKind.PUSH, name, insecure=insecure))

    def download(self, subject: str, **options: str) -> Transfer:
        """Download a model from the hub.

        Args:
            subject: Such as "hf.co/user/repo:Q4_K_M".
            options: None are known yet.
        """
        request = TransferRequest(kind=TransferKind.DOWNLOAD, subject=subject, options=options)
        return self.start(request)

    def upload(self, subject: str, **options: str) -> Transfer:
        """Upload a model to the hub.

        Args:
            subject: Name of the model.
            options: `repo_id`, and as wanted `file_name`, `card` and `is_public` ("yes"); see
                `UploadRequest`.
        """
        request = TransferRequest(kind=TransferKind.UPLOAD, subject=subject, options=options)
        return self.start(request)

    def start(self, request: TransferRequest) -> Transfer:
        """Ask for a transfer; one that is asked for already is gone on with instead.

        Raises:
            KeyError: If nobody knows how this kind is done.
        """
        if request.kind not in self._makers:
            raise KeyError(request.kind)
        for entry in self._entries.values():
            if entry.transfer.request == request and not entry.transfer.state.has_ended:
                self.resume(entry.transfer.id)
                return entry.transfer
        number = max(self._entries, default=0) + 1
        self._entries[number] = _Entry(
            transfer=Transfer(
                id=number, request=request, state=TransferState.QUEUED, started_at=time.time()
            )
        )
        self._drop_old_history()
        self._go_on()
        return self.get(number)

    def pause(self, transfer_id: int) -> None:
        """Stop a transfer for now; what has arrived stays."""
        self._stop(transfer_id, TransferState.PAUSED)

    def cancel(self, transfer_id: int) -> None:
        """End a transfer; what has arrived stays for a later one of the same."""
        self._stop(transfer_id, TransferState.CANCELLED)

    def resume(self, transfer_id: int) -> None:
        """Go on with a transfer that is paused, failed or was cancelled."""
        entry = self._entries[transfer_id]
        if entry.job:
            if entry.after_stop:  # it is just stopping
                entry.after_stop = TransferState.QUEUED
        elif entry.transfer.state not in {TransferState.QUEUED, TransferState.DONE}:
            self._set(entry, state=TransferState.QUEUED, error="", hint="", ended_at=0.0)
        self._go_on()

    def clear_history(self) -> None:
        """Forget the transfers that have ended."""
        ended = [key for key, entry in self._entries.items() if entry.transfer.state.has_ended]
        for key in ended:
            del self._entries[key]
        self._changed()

    async def ended(self, transfer_id: int) -> Transfer:
        """Wait until a transfer is paused or has ended, and return it.

        Raises:
            KeyError: If it was cleared from the history meanwhile.
        """
        news = asyncio.Event()
        unsubscribe = self.changed.subscribe(news.set)
        try:
            while self.get(transfer_id).state in {TransferState.QUEUED, TransferState.RUNNING}:
                await news.wait()
                news.clear()
        finally:
            unsubscribe()
        return self.get(transfer_id)

    async def close(self) -> None:
        """Pause what runs, and keep the queue."""
        self._is_closing = True
        running = [entry for entry in self._entries.values() if entry.job]
        for entry in running:
            self._stop(entry.transfer.id, entry.after_stop or TransferState.PAUSED)
        for job in [entry.job for entry in running if entry.job]:
            try:
                await job.result()
            except (Cancelled, CorralError):
                logger.info("transfer ended at close: %s", job.title)
        if self._writing:
            await self._writing

    # Running

    def _go_on(self) -> None:
        running = sum(entry.job is not None for entry in self._entries.values())
        for entry in list(self._entries.values()):
            if running < AT_ONCE and not self._is_closing and _is_waiting(entry):
                self._run(entry)
                running += 1
        self._changed()

    def _run(self, entry: _Entry) -> None:
        from corral.hub.pace import Pace  # lazy: few starts of the program transfer anything

        request = entry.transfer.request
        entry.pace, entry.after_stop = Pace(), None
        self._set(entry, state=TransferState.RUNNING, progress=Progress(phase="Connecting"))
        entry.job = self._jobs.start(request.subject, self._makers[request.kind](request))
        entry.job.subscribe(lambda: self._on_job_changed(entry))

    def _stop(self, transfer_id: int, state: TransferState) -> None:
        entry = self._entries[transfer_id]
        if entry.job:
            entry.after_stop = state
            entry.job.cancel()
        elif not entry.transfer.state.has_ended or state is not TransferState.PAUSED:
            ended_at = time.time() if state.has_ended else 0.0
            self._set(entry, state=state, ended_at=ended_at)
            self._changed()

    def _on_job_changed(self, entry: _Entry) -> None:
        job = entry.job
        if job is None:
            return
        if job.state is JobState.RUNNING:
            self._note_progress(entry, job.progress)
        else:
            entry.job = None
            self._end(entry, job)
            self._go_on()

    def _note_progress(self, entry: _Entry, progress: Progress) -> None:
        assert entry.pace is not None
        if progress.unit == "bytes":
            entry.pace.note(progress.done, time.monotonic())
        self._set(
            entry,
            progress=progress,
            bytes_per_s=entry.pace.bytes_per_s,
            seconds_left=entry.pace.seconds_left(progress.total),
        )
        self.changed.announce()
        if time.monotonic() - self._kept_at > KEEP_EVERY_S:
            self._keep()

    def _end(self, entry: _Entry, job: Job[object]) -> None:
        state = {
            JobState.DONE: TransferState.DONE,
            JobState.FAILED: TransferState.FAILED,
        }.get(job.state, entry.after_stop or TransferState.PAUSED)
        error = job.error.summary if job.error else ""
        if state is TransferState.FAILED and not error:
            error = "A fault of the program ended it; the log tells more."
        self._set(
            entry,
            state=state,
            bytes_per_s=0.0,
            seconds_left=None,
            error=error,
            hint=job.error.hint if job.error else "",
            ended_at=time.time() if state.has_ended else 0.0,
        )
        if state is TransferState.DONE and entry.transfer.kind in _INCOMING:
            self._on_arrival()

    def _set(self, entry: _Entry, **changes: object) -> None:
        entry.transfer = replace(entry.transfer, **changes)  # type: ignore[arg-type]

    # Keeping

    def _changed(self) -> None:
        self.changed.announce()
        self._keep()

    def _drop_old_history(self) -> None:
        ended = [key for key, entry in self._entries.items() if entry.transfer.state.has_ended]
        for key in ended[: max(0, len(ended) - LONGEST_HISTORY)]:
            del self._entries[key]

    def _keep(self) -> None:
        """Write the queue in a thread; changes meanwhile are written after it."""
        self._is_changed = True
        self._kept_at = time.monotonic()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        while self._is_changed:
            self._is_changed = False
            text = json.dumps([transfer.to_json() for transfer in self.transfers], indent=1)
            try:
                await asyncio.to_thread(write_atomically, self._file, text)
            except CorralError as error:
                logger.warning("the queue of transfers could not be kept: %s", error)


def _is_waiting(entry: _Entry) -> bool:
    return entry.job is None and entry.transfer.state is TransferState.QUEUED


def _registry_request(kind: TransferKind, name: str, *, insecure: bool) -> TransferRequest:
    options = {"insecure": "yes"} if insecure else {}
    return TransferRequest(kind=kind, subject=name, options=options)


def _read(file: Path) -> list[Transfer]:
    try:
        items = json.loads(file.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        logger.warning("the queue of transfers cannot be read: %s", error)
        return []
    found: list[Transfer] = []
    for fields in items if isinstance(items, list) else []:
        try:
            found.append(read_transfer(fields))
        except (ValueError, TypeError, KeyError):
            logger.warning("a transfer that makes no sense is left out")
    return found
