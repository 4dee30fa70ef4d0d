"""The connections of one download: each fetches one part after the other into the same file."""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from corral.hub.addresses import host_of
from corral.hub.client import Client, NetworkError, Reply
from corral.hub.parts import Parts
from corral.hub.remote import RemoteFile, Source, check_reply

CONNECTIONS = 4
TRIES = 6
LONGEST_PAUSE_S = 30.0
_CHUNK_BYTES = 1 << 18
_EXPIRED = frozenset({401, 403})


class Receivers:
    """Threads that fetch what is missing.

    Args:
        client: Asks.
        source: For what.
        parts: What is missing.
        descriptor: Where it goes.
        first_pause_s: How long to wait after a first failure; it doubles.

    Thread: all but the threads that it starts is for the thread of the download.
    """

    def __init__(
        self,
        *,
        client: Client,
        source: Source,
        parts: Parts,
        descriptor: int,
        use_ranges: bool,
        first_pause_s: float,
    ) -> None:
        self._client = client
        self._source = source
        self._parts = parts
        self._descriptor = descriptor
        self._use_ranges = use_ranges
        self._first_pause_s = first_pause_s
        self._lock = threading.Lock()
        self._is_stopped = threading.Event()
        self._replies: set[Reply] = set()
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"download {number}", daemon=True)
            for number in range(min(CONNECTIONS, len(parts.snapshot())))
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Fetch within the block; after it no thread touches the file."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; answer whether it has come.

        Raises:
            CorralError: If a part cannot be had.
        """
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if self._error:
            raise self._error
        return not any(thread.is_alive() for thread in self._threads)

    def _stop(self) -> None:
        with self._lock:
            self._is_stopped.set()
            writing = set(self._replies)
        for reply in writing:
            reply.interrupt()
        # A thread that still waits for a connection will find that it may not write any more.
        while self._is_writing():
            for thread in self._threads:
                thread.join(0.01)

    def _is_writing(self) -> bool:
        with self._lock:
            return bool(self._replies)

    def _run(self) -> None:
        try:
            while not self._is_stopped.is_set() and (index := self._parts.take()) is not None:
                self._fetch(index)
        except Exception as error:  # noqa: BLE001  # border: `wait` raises it again
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            if not self._is_stopped.is_set():
                self._error = error
        self._is_stopped.set()

    def _fetch(self, index: int) -> None:
        failures = 0
        while not self._is_stopped.is_set():
            file, before = self._source.file, self._parts.missing(index)
            try:
                self._fetch_once(index, file)
            except NetworkError as error:
                has_progress = self._parts.missing(index) != before
                failures = 1 if has_progress else failures + 1
                self._prepare_next_try(error, file, failures)
            else:
                return

    def _prepare_next_try(self, error: NetworkError, file: RemoteFile, failures: int) -> None:
        """Wait before the next try, or give up by raising the error again."""
        if error.status in _EXPIRED and failures == 1:
            self._source.renew(file)
            return
        if not error.is_passing or failures >= TRIES:
            raise error
        pause_s = min(self._first_pause_s * 2 ** (failures - 1), LONGEST_PAUSE_S)
        self._is_stopped.wait(pause_s * random.uniform(0.7, 1.0))  # noqa: S311 (no secret)

    def _fetch_once(self, index: int, file: RemoteFile) -> None:
        start, end = self._parts.missing(index)
        if start == end:
            return
        ranges = {"Range": f"bytes={start}-{end - 1}"} if self._use_ranges else {}
        with self._client.ask("GET", file.url, headers={**file.headers, **ranges}) as reply:
            check_reply(reply, start, end, self._parts.size_bytes)
            with self._writing(reply):
                self._write(reply, index, start, end)

    @contextmanager
    def _writing(self, reply: Reply) -> Iterator[None]:
        with self._lock:
            if self._is_stopped.is_set():
                raise NetworkError("The download was stopped.")
            self._replies.add(reply)
        try:
            yield
        finally:
            with self._lock:
                self._replies.discard(reply)

    def _write(self, reply: Reply, index: int, start: int, end: int) -> None:
        offset = start
        while offset < end and not self._is_stopped.is_set():
            chunk = reply.read_some(min(_CHUNK_BYTES, end - offset))
            if not chunk:
                raise NetworkError(
                    f"{host_of(reply.url)} ended early: {offset - start:,} bytes of "
                    f"{end - start:,}.",
                    is_passing=True,
                )
            written = os.pwrite(self._descriptor, chunk, offset)
            while written < len(chunk):
                written += os.pwrite(self._descriptor, chunk[written:], offset + written)
            offset += len(chunk)
            self._parts.advance(index, len(chunk))
