"""RPC workers: other machines that compute with llama.cpp for this one.

A worker is reached only when somebody has named it and asks for something of it.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from corral.errors import ExternalError

REACH_S = 3.0
# Asked after 10 s of silence, a dead line is given up within half a minute.
_KEEP_ALIVE = {
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 4,
    "TCP_USER_TIMEOUT": 30_000,
}
WARNING = (
    "RPC is neither authenticated nor encrypted: whoever reaches the worker or listens on the way "
    "to it can read your chats and change the answers, and a hostile worker can attack this "
    "computer. Use it on networks that you trust alone, or through a tunnel."
)
_HINT = "Start it there with `rpc-server -H ADDRESS -p PORT`, or leave it out of --rpc."


class WorkerError(ExternalError):
    """A worker does not do what is needed.

    Attributes:
        address: Which one, "host:port".
        limit_s: The time it had.
    """

    def __init__(self, address: str, limit_s: float, happened: str, hint: str = _HINT) -> None:
        super().__init__(f"The RPC worker {address} {happened}.", hint=hint)
        self.address = address
        self.limit_s = limit_s


async def reach(address: str, limit_s: float = REACH_S) -> None:
    """Make sure that a worker takes connections: llama.cpp would end the process where it does not.

    Args:
        address: "host:port".
        limit_s: The time it has.

    Raises:
        WorkerError: If it does not.
    """
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(limit_s):
            _, writer = await asyncio.open_connection(host, int(port))
    except TimeoutError as error:
        raise WorkerError(address, limit_s, f"did not answer within {limit_s:g} s") from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        happened = f"cannot be reached ({reason}; it had {limit_s:g} s)"
        raise WorkerError(address, limit_s, happened) from error
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def reach_all(addresses: Iterable[str], limit_s: float = REACH_S) -> None:
    """Make sure of several workers at once.

    Raises:
        WorkerError: If one of them takes no connection.
    """
    await asyncio.gather(*(reach(address, limit_s) for address in addresses))


def refuse_lost(addresses: Iterable[str], lost: Collection[str]) -> None:
    """Refuse workers that were lost in this process.

    Raises:
        WorkerError: If one of the addresses is among the lost ones.
    """
    for address in addresses:
        if address in lost:
            raise WorkerError(
                address,
                REACH_S,
                "was lost while a model used it",
                "Restart Corral to use it again, or load the model without it.",
            )


def watch_connections(addresses: Iterable[str]) -> int:
    """Have the system notice when the line to a worker is dead; llama.cpp would wait for ever.

    llama.cpp does not give out its connections, so those of this process are looked through. A
    worker that hangs while its system answers is not noticed.

    Args:
        addresses: Workers that a model is loaded on.

    Returns:
        How many connections are watched now.

    Thread: any but the event loop's; names may have to be looked up.
    """
    if not sys.platform.startswith("linux"):
        return 0
    peers = {
        found[4][:2]
        for host, _, port in (address.rpartition(":") for address in addresses)
        for found in socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    }
    descriptors = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    return sum(_watch(descriptor, peers) for descriptor in descriptors)


def _watch(descriptor: int, peers: Collection[tuple[object, ...]]) -> bool:
    """Watch a connection if it goes to one of some peers; the answer tells whether it does."""
    try:
        copy = os.dup(descriptor)
    except OSError:  # closed meanwhile
        return False
    try:
        connection = socket.socket(fileno=copy)
    except OSError:  # no socket
        os.close(copy)
        return False
    with connection:
        try:
            if connection.getpeername()[:2] not in peers:
                return False
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEP_ALIVE.items():
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        except OSError:  # not connected
            return False
    return True
