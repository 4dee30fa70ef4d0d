"""Bringing one blob to a registry: in parts, and on from where an earlier run was cut.

Source: Ollama ``server/upload.go`` behaviour, and Docker's registry protocol for going on.
"""

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from corral.hub.addresses import redirected
from corral.hub.client import NetworkError, Reply
from corral.hub.receiving import LONGEST_PAUSE_S, TRIES
from corral.hub.registry.session import Session
from corral.jobs import Ticket
from corral.library.manifest import Layer
from corral.library.names import Name, parse_name
from corral.settings import write_atomically

SMALLEST_PART = 100_000_000
LARGEST_PART = 1_000_000_000
MOST_PARTS = 64
AT_ONCE = 2
# A registry may read the whole blob once more before it answers.
COMMIT_TIMEOUT_S = 900.0
_BLOCK_BYTES = 1 << 18
_RANGE = re.compile(r"(?:bytes=)?0-(\d+)", re.ASCII)

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A part of a blob."""

    start: int
    end: int


class Upload:
    """One blob on its way.

    Args:
        session: The registry.
        layer: The blob.
        path: Its file.
        journal: Where the address of an unfinished upload is kept.
        ticket: For cancel.
        report: Told how many bytes have arrived there.
        first_pause_s: How long to wait after a first failure; it doubles.

    Thread: `run` blocks; parts that a registry sends elsewhere go there from two more threads.
    """

    def __init__(
        self,
        *,
        session: Session,
        layer: Layer,
        path: Path,
        journal: Path,
        ticket: Ticket,
        report: Report,
        first_pause_s: float,
    ) -> None:
        self._session = session
        self._layer = layer
        self._path = path
        self._journal = journal
        self._ticket = ticket
        self._counter = _Counter(report)
        self._first_pause_s = first_pause_s
        self._md5s: dict[int, bytes] = {}

    def run(self) -> None:
        """Upload, unless the registry has the blob or takes it over from another of its models.

        Raises:
            CorralError: If the registry does not take it.
            Cancelled: If the ticket was cancelled; a later upload goes on from there.
        """
        url = self._session.place.blob_url(self._layer.digest)
        with self._session.ask("HEAD", url) as reply:
            if reply.status == 200:
                self._counter.set(self._layer.size_bytes)
                return
            if reply.status != 404:
                raise self._session.refused(reply, "push")
        failures, before = 0, -1
        while True:
            try:
                self._try_once()
            except NetworkError as error:
                there = self._counter.done
                failures = 1 if there > before else failures + 1
                before = max(before, there)
                if not error.is_passing:
                    self._journal.unlink(missing_ok=True)
                if not error.is_passing or failures >= TRIES:
                    raise
                self._pause(failures)
            else:
                self._journal.unlink(missing_ok=True)
                return

    def _try_once(self) -> None:
        location, start = self._resumed() or self._begun()
        if not location:
            self._counter.set(self._layer.size_bytes)
            return
        self._counter.set(start)
        with self._path.open("rb", buffering=0) as file:
            self._md5s = {0: _md5(file.fileno(), _Span(start=0, end=start))} if start else {}
            with ThreadPoolExecutor(AT_ONCE, "upload") as elsewhere:
                futures: list[Future[None]] = []
                for span in self._spans(start):
                    location = self._send(file.fileno(), location, span, elsewhere, futures)
                for future in futures:
                    future.result()
        self._commit(location)

    def _resumed(self) -> tuple[str, int] | None:
        """Return where to go on and from which byte, None if there is nothing to go on with."""
        try:
            location = str(json.loads(self._journal.read_bytes())["location"])
            with self._session.ask("GET", location) as reply:
                found = _RANGE.fullmatch(reply.headers.get("Range", ""))
                if reply.status != 204 or not found:
                    return None
                done = int(found[1]) + 1 if found[1] != "0" else 0
                if done <= self._layer.size_bytes:
                    return self._next(reply), done
        except (NetworkError, OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _begun(self) -> tuple[str, int]:
        """Begin anew; the address is empty when the registry took the blob over."""
        url = self._session.place.uploads_url
        if source := _same_registry(self._session, self._layer.source):
            repository = f"{source.namespace}/{source.model}"
            url += "?" + urlencode({"mount": self._layer.digest, "from": repository})
        with self._session.ask("POST", url, headers={"Content-Length": "0"}) as reply:
            if reply.status == 201:
                return "", 0
            if reply.status != 202:
                raise self._session.refused(reply, "push")
            return self._next(reply), 0

    def _spans(self, start: int) -> Iterator[_Span]:
        size = self._layer.size_bytes
        part = min(max(size // MOST_PARTS, SMALLEST_PART), LARGEST_PART)
        while start < size:
            yield _Span(start=start, end=min(start + part, size))
            start += part

    def _send(
        self,
        descriptor: int,
        location: str,
        span: _Span,
        elsewhere: ThreadPoolExecutor,
        futures: list[Future[None]],
    ) -> str:
        """Send a part and return the address for the next."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(span.end - span.start),
            "Content-Range": f"{span.start}-{span.end - 1}",
            "X-Redirect-Uploads": "1",
        }
        md5 = hashlib.md5(usedforsecurity=False)
        before = self._counter.done
        with self._session.ask(
            "PATCH",
            location,
            headers=headers,
            make_body=lambda: self._blocks(descriptor, span, md5, before),
        ) as reply:
            if reply.status == 307:
                self._counter.set(before)
                target = redirected(reply.url, reply.headers.get("Location", ""))
                futures.append(elsewhere.submit(self._put, descriptor, target, span))
            elif reply.status not in {201, 202, 204}:
                raise self._session.refused(reply, "push")
            else:
                self._md5s[span.start] = md5.digest()
            return self._next(reply)

    def _put(self, descriptor: int, url: str, span: _Span) -> None:
        """Bring a part to where the registry wants it, several times if need be."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(span.end - span.start),
        }
        for failures in range(1, TRIES + 1):
            md5, before = hashlib.md5(usedforsecurity=False), self._counter.done
            try:
                blocks = self._blocks(descriptor, span, md5, None)
                with self._session.ask_elsewhere("PUT", url, headers=headers, body=blocks) as reply:
                    if reply.status not in {200, 201, 204}:
                        raise self._session.refused(reply, "push")
            except NetworkError as error:
                self._counter.add(before - self._counter.done)
                if not error.is_passing or failures == TRIES:
                    raise
                self._pause(failures)
            else:
                self._md5s[span.start] = md5.digest()
                return

    def _blocks(
        self, descriptor: int, span: _Span, md5: "hashlib._Hash", restart_at: int | None
    ) -> Iterator[bytes]:
        """Yield a part in blocks; `restart_at` sets the count back when it is sent once more."""
        if restart_at is not None:
            self._counter.set(restart_at)
        offset = span.start
        while offset < span.end:
            self._ticket.raise_if_cancelled()
            block = os.pread(descriptor, min(_BLOCK_BYTES, span.end - offset), offset)
            if not block:
                raise OSError("the blob was cut while it was read")
            md5.update(block)
            yield block
            offset += len(block)
            self._counter.add(len(block))

    def _commit(self, location: str) -> None:
        md5s = [self._md5s[start] for start in sorted(self._md5s)]
        whole = hashlib.md5(b"".join(md5s), usedforsecurity=False).hexdigest()
        parts = urlsplit(location)
        fields = parse_qsl(parts.query, keep_blank_values=True)
        fields += [("digest", self._layer.digest), ("etag", f"{whole}-{len(md5s)}")]
        url = urlunsplit(parts._replace(query=urlencode(fields)))
        headers = {"Content-Type": "application/octet-stream", "Content-Length": "0"}
        with self._session.ask("PUT", url, headers=headers, timeout_s=COMMIT_TIMEOUT_S) as reply:
            if reply.status not in {200, 201, 204}:
                raise self._session.refused(reply, "push")

    def _next(self, reply: Reply) -> str:
        """Return the address at which the upload goes on, and note it for later runs."""
        told = reply.headers.get("Docker-Upload-Location") or reply.headers.get("Location", "")
        location = redirected(reply.url, told)
        with suppress(OSError):
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._journal, json.dumps({"location": location}))
        return location

    def _pause(self, failures: int) -> None:
        pause_s = min(self._first_pause_s * 2 ** (failures - 1), LONGEST_PAUSE_S)
        for _ in range(max(1, int(pause_s / 0.1))):
            self._ticket.raise_if_cancelled()
            threading.Event().wait(min(pause_s, 0.1))


class _Counter:
    """How many bytes have arrived, from several threads."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()
        self.done = 0

    def set(self, done: int) -> None:
        with self._lock:
            self.done = done
            self._report(done)

    def add(self, count: int) -> None:
        with self._lock:
            self.done += count
            self._report(self.done)


def _same_registry(session: Session, source: str) -> Name | None:
    """Return the model that a blob was taken over from, if it is at the same registry."""
    if not source:
        return None
    name = parse_name(source)
    return name if session.place.base.endswith(f"://{name.host}") else None


def _md5(descriptor: int, span: _Span) -> bytes:
    md5, offset = hashlib.md5(usedforsecurity=False), span.start
    while offset < span.end:
        block = os.pread(descriptor, min(_BLOCK_BYTES, span.end - offset), offset)
        md5.update(block)
        offset += len(block) or span.end
    return md5.digest()
