"""Reading a file once: its SHA-256, and on the way a copy of it."""

import hashlib
from io import BufferedIOBase, RawIOBase

from corral.jobs import Progress, Ticket

CHUNK_BYTES = 1 << 20


def hash_file(
    source: BufferedIOBase | RawIOBase,
    size_bytes: int,
    ticket: Ticket,
    copy_to: BufferedIOBase | None = None,
) -> str:
    """Return the digest of a file from here to its end.

    Args:
        source: The file; without a buffer of its own it is read fastest.
        size_bytes: How much there is to read, for the progress.
        ticket: Told about the progress; it may end the work.
        copy_to: Gets the same bytes, if given.

    Returns:
        "sha256:" and 64 hex digits.

    Raises:
        Cancelled: If the ticket was cancelled.
        OSError: If reading or writing fails.
    """
    phase = "Copying" if copy_to else "Reading"
    sha256, done = hashlib.sha256(), 0
    with memoryview(bytearray(CHUNK_BYTES)) as buffer:
        while count := source.readinto(buffer):
            chunk = buffer[:count]
            sha256.update(chunk)
            if copy_to:
                copy_to.write(chunk)
            done += count
            ticket.report(Progress(phase=phase, done=done, total=size_bytes))
    return f"sha256:{sha256.hexdigest()}"
