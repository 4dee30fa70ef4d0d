"""A file at a server: what is known of it, and whether an answer is what was asked for."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from corral.hub.addresses import host_of
from corral.hub.client import Client, NetworkError, Reply

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)", re.ASCII)


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
    check_size(host, size_bytes, None if found[3] == "*" else int(found[3]))


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
        if reply.status == 206 and found and found[3] != "*":
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
