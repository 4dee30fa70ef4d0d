"""Downloads in parallel parts that outlast cuts, silence, cancels, restarts and crashes.

A file arrives under the name of its partial, preallocated, with a journal beside it. Nothing is
named by its final name here: whoever fetched it moves it once it is whole.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from corral.errors import ExternalError
from corral.hub.client import Client, NetworkError
from corral.hub.hashing import PrefixHash
from corral.hub.journal import Journal, read_journal, remove_journal
from corral.hub.network import Network
from corral.hub.parts import Parts, part_size
from corral.hub.receiving import TRIES, Receivers
from corral.hub.remote import RangesRefusedError, RemoteFile, Source, size_of
from corral.hub.waiting import unless_cancelled
from corral.jobs import Progress, Ticket
from corral.library.disk import disk_errors, free_bytes, sync_folder
from corral.units import file_size

__all__ = ["Downloader", "RemoteFile", "discard", "move_whole"]

JOURNAL_EVERY_S = 2.0
_REPORT_EVERY_S = 0.1
_LOCK_POLL_S = 0.2

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A download that holds its partial file.

    Attributes:
        source: Where the file is to be had.
        size_bytes: Its size.
        sha256: Its digest, None when nobody knows it.
        partial: Where it goes.
        descriptor: The partial file, open and locked.
        ticket: For cancel.
        report: Told how many bytes are there.
    """

    source: Source
    size_bytes: int
    sha256: str | None
    partial: Path
    descriptor: int
    ticket: Ticket
    report: Report


class Downloader:
    """Fetches files.

    Args:
        network: How to get there.
        free_bytes: Tells the free space of a folder's drive.
        first_pause_s: How long to wait after a first failure; it doubles with each.

    Thread: any; `fetch` blocks.
    """

    def __init__(
        self,
        network: Network,
        *,
        free_bytes: Callable[[Path], int] = free_bytes,
        first_pause_s: float = 1.0,
    ) -> None:
        self.client = Client(network)
        self._free_bytes = free_bytes
        self.first_pause_s = first_pause_s

    def fetch(
        self,
        resolve: Callable[[], RemoteFile],
        partial: Path,
        ticket: Ticket,
        *,
        report: Report | None = None,
        is_there: Callable[[], bool] = lambda: False,
        space_for: int = 0,
    ) -> None:
        """Bring a file to `partial`, whole, synced and with the right digest.

        What arrives stays when it ends early, and the next call goes on from there, if the digest
        is known. Two that fetch the same file wait for each other, in all processes.

        Args:
            resolve: Tells where the file is; called again when the answer has expired.
            partial: Where it goes; its journal lies beside it.
            ticket: For cancel, and for progress unless `report` is given.
            report: Called in this thread with the number of bytes that are there.
            is_there: Asked once nobody else fetches the same: whether that made it needless.
            space_for: How many bytes must fit if more than this file is to come.

        Raises:
            ExternalError: If it cannot be had, has another digest, or the disk is full or fails.
            Cancelled: If the ticket was cancelled; what arrived stays.
        """
        ticket.raise_if_cancelled()
        with disk_errors(f"write {partial.name}"), _held(partial, ticket) as descriptor:
            if is_there():
                discard(partial)
                return
            source = unless_cancelled(ticket, lambda: Source(resolve))
            file = source.file
            size_bytes = file.size_bytes
            if size_bytes is None:
                size_bytes = unless_cancelled(ticket, lambda: size_of(self.client, file))
            self._need_space(partial, descriptor, max(space_for, size_bytes))
            self._fetch_held(
                _Task(
                    source=source,
                    size_bytes=size_bytes,
                    sha256=file.sha256,
                    partial=partial,
                    descriptor=descriptor,
                    ticket=ticket,
                    report=report or _reporter(ticket, size_bytes),
                )
            )

    def _fetch_held(self, task: _Task) -> None:
        journal = read_journal(task.partial, task.size_bytes, task.sha256)
        if journal and journal.is_verified:
            task.report(task.size_bytes)
            return
        if journal:
            parts = Parts(task.size_bytes, journal.part_bytes, journal.done)
        else:
            parts = Parts(task.size_bytes, part_size(task.size_bytes))
            os.ftruncate(task.descriptor, 0)
        _allocate(task.descriptor, task.size_bytes)
        try:
            self._receive(task, parts)
        except RangesRefusedError:
            self._receive_at_once(task)

    def _receive_at_once(self, task: _Task) -> None:
        """Fetch from a server that knows no parts: in one go, from the start after each cut."""
        for failures in range(1, TRIES + 1):
            try:
                parts = Parts(task.size_bytes, max(1, task.size_bytes))
                self._receive(task, parts, use_ranges=False)
            except RangesRefusedError:
                if failures == TRIES:
                    raise
            else:
                return

    def _receive(self, task: _Task, parts: Parts, *, use_ranges: bool = True) -> None:
        receivers = Receivers(
            client=self.client,
            source=task.source,
            parts=parts,
            descriptor=task.descriptor,
            use_ranges=use_ranges,
            first_pause_s=self.first_pause_s,
        )
        sha256, keeper = PrefixHash(task.descriptor, parts), _Keeper(task, parts)
        sha256.start()
        try:
            with keeper.running(), receivers.running():
                while not receivers.wait(_REPORT_EVERY_S):
                    task.report(parts.done_bytes)
                    task.ticket.raise_if_cancelled()
            task.report(parts.done_bytes)
            while not sha256.wait(_REPORT_EVERY_S):
                task.ticket.raise_if_cancelled()
        finally:
            sha256.stop()
        _check_digest(task, sha256.hexdigest())
        keeper.keep(is_verified=True)

    def _need_space(self, partial: Path, descriptor: int, size_bytes: int) -> None:
        there = os.fstat(descriptor).st_blocks * 512
        needed, free = max(0, size_bytes - there), self._free_bytes(partial.parent)
        if needed > free:
            raise ExternalError(
                f"Not enough free space for the download: {file_size(needed)} needed, "
                f"{file_size(free)} free.",
                detail=f"{needed:,} bytes needed, {free:,} bytes free in {partial.parent}",
                hint="Remove what you do not need, or set CORRAL_MODELS to another drive.",
            )


class _Keeper:
    """Writes the journal every other second, in a thread of its own, and at the end."""

    def __init__(self, task: _Task, parts: Parts) -> None:
        self._task = task
        self._parts = parts
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal of a download")

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._is_stopped.set()
            self._thread.join()
            with suppress(OSError):  # what ends the block matters more
                self.keep()

    def keep(self, *, is_verified: bool = False) -> None:
        done = self._parts.snapshot()
        os.fsync(self._task.descriptor)  # first the data, then what is said about it
        if self._task.sha256 is None and not is_verified:
            return
        Journal(
            size_bytes=self._task.size_bytes,
            sha256=self._task.sha256 or "",
            part_bytes=self._parts.part_bytes,
            done=done,
            is_verified=is_verified,
        ).write(self._task.partial)

    def _run(self) -> None:
        while not self._is_stopped.wait(JOURNAL_EVERY_S):
            with suppress(OSError):  # the download itself will find a bad disk
                self.keep()


def _allocate(descriptor: int, size_bytes: int) -> None:
    """Take all the space before the first byte arrives."""
    if size_bytes and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size_bytes)
    os.ftruncate(descriptor, size_bytes)


def move_whole(partial: Path, target: Path) -> None:
    """Give a file that `fetch` brought its final name; OSErrors are the caller's."""
    partial.chmod(0o644)
    partial.replace(target)
    sync_folder(target.parent)
    remove_journal(partial)


def discard(partial: Path) -> None:
    """Forget an unfinished download."""
    partial.unlink(missing_ok=True)
    remove_journal(partial)


def _check_digest(task: _Task, sha256: str) -> None:
    if task.sha256 is None or task.sha256 == sha256:
        return
    discard(task.partial)
    raise NetworkError(
        "digest mismatch, file must be downloaded again",
        detail=f"It should be {task.sha256}\nand is     {sha256}",
        hint="What arrived is not the file that was promised; it was removed.",
    )


def _reporter(ticket: Ticket, size_bytes: int) -> Report:
    return lambda done: ticket.report(Progress(phase="Downloading", done=done, total=size_bytes))


@contextmanager
def _held(partial: Path, ticket: Ticket) -> Iterator[int]:
    """Hold the partial file: whoever else wants it waits, or finds it gone."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, ticket)
            if _is_named(descriptor, partial):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _lock(descriptor: int, ticket: Ticket) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ticket.report(Progress(phase="Waiting for another download", unit="steps"))
            threading.Event().wait(_LOCK_POLL_S)
        else:
            return


def _is_named(descriptor: int, path: Path) -> bool:
    """Tell whether an open file still has its name: the one before may have moved it away."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
