"""The connections of one download: each fetches one part after the other into the same file."""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from corral.hub.addresses import host_of
from corral.hub.client import Client, NetworkError, Reply
from corral.hub.parts import Parts

CONNECTIONS = 4
TRIES = 6
LONGEST_PAUSE_S = 30.0
_CHUNK_BYTES = 1 << 18
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_EXPIRED = frozenset({401, 403})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        url: Its address; redirects are followed anew for every part.
        size_bytes: Its size, None when only the server knows.
        sha256: 64 hex digits of its digest, None when nobody knows.
        headers: To send with every question; secret ones go to the address's own host only.
    """

    url: str
    size_bytes: int | None = None
    sha256: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class RangesRefusedError(NetworkError):
    """The server sends whole files only."""


class Source:
    """Where a file is to be had; asked anew when its address or token has expired.

    Thread: any.
    """

    def __init__(self, resolve: Callable[[], RemoteFile]) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._file = resolve()

    @property
    def file(self) -> RemoteFile:
        """The file as it is known now."""
        return self._file

    def renew(self, expired: RemoteFile) -> None:
        """Ask again, unless another thread has done so since.

        Raises:
            CorralError: If the file is not to be had any more.
        """
        with self._lock:
            if self._file is expired:
                self._file = self._resolve()


class Receivers:
    """Threads that fetch what is missing.

    Args:
        client: Asks.
        source: For what.
        parts: What is missing.
        descriptor: Where it goes.
        first_pause_s: How long to wait after a first failure; it doubles.

    Thread: `run` and what it yields belong to the thread of the download.
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


def check_reply(reply: Reply, start: int, end: int, size_bytes: int) -> None:
    """Make sure that an answer is the part that was asked for.

    Raises:
        RangesRefusedError: If it is the whole file instead.
        NetworkError: If it is anything else.
    """
    host = host_of(reply.url)
    if reply.headers.get("Content-Encoding", "identity") != "identity":
        raise NetworkError(f"{host} sends the file in a coding that was not asked for.")
    if reply.status == 200:
        if (start, end) != (0, size_bytes):
            raise RangesRefusedError(f"{host} sends whole files only.")
        check_size(host, size_bytes, _length(reply))
        return
    if reply.status != 206:
        raise refusal(reply)
    found = _CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", ""))
    if not found or (int(found[1]), int(found[2])) != (start, end - 1):
        raise NetworkError(f"{host} sends another part of the file than was asked for.")
    check_size(host, size_bytes, int(found[3]))


def check_size(host: str, expected: int, told: int | None) -> None:
    """Make sure that the server's file has the size that it must have.

    Raises:
        NetworkError: If not.
    """
    if told is not None and told != expected:
        raise NetworkError(
            f"The file has another size on {host}: {told:,} bytes instead of {expected:,}."
        )


def size_of(client: Client, file: RemoteFile) -> int:
    """Return the size of a file whose server must be asked for it.

    Raises:
        NetworkError: If it does not tell.
    """
    headers = {**file.headers, "Range": "bytes=0-0"}
    with client.ask("GET", file.url, headers=headers) as reply:
        found = _CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", ""))
        if reply.status == 206 and found:
            return int(found[3])
        if reply.status == 416 and reply.headers.get("Content-Range") == "bytes */0":
            return 0
        if reply.status not in {200, 206}:
            raise refusal(reply)
        length = _length(reply)
    if length is None or reply.status == 206:
        raise NetworkError(f"{host_of(file.url)} does not tell how large the file is.")
    return length


def refusal(reply: Reply) -> NetworkError:
    """Return the error for an answer that is no file."""
    host, status = host_of(reply.url), reply.status
    summary, hint = {
        401: (f"{host} wants to know who asks.", "Sign in there, or use your key or token."),
        403: (f"{host} refuses the file.", "Perhaps its terms must be accepted there first."),
        404: (f"{host} does not have the file.", ""),
        429: (f"{host} is asked too often.", "Try again later."),
    }.get(status, (f"{host} answered with status {status} instead of the file.", ""))
    return NetworkError(summary, hint=hint, is_passing=status in _PASSING, status=status)


def _length(reply: Reply) -> int | None:
    text = reply.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None
