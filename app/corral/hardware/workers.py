"""RPC workers: other machines that compute with llama.cpp for this one.

A worker is reached only when somebody has named it and asks for something of it.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterable

from corral.errors import ExternalError

REACH_S = 3.0
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
