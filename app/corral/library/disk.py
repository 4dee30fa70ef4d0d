"""Writing files so that a crash at any point leaves the old state or the new one, never half."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase, BufferedRandom
from pathlib import Path

from corral.errors import ExternalError

PART_PREFIX = ".corral-"
PART_SUFFIX = ".part"

_HINTS = {
    errno.ENOSPC: "Remove what you do not need, or move the models to another drive.",
    errno.EDQUOT: "Your quota is used up: remove what you do not need.",
    errno.EACCES: "Look at the permissions of the file and its folder.",
    errno.EPERM: "Look at the permissions of the file and its folder.",
    errno.EROFS: "The drive is read-only.",
    errno.EIO: "The drive may be failing: save what matters.",
}


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an `OSError` within into the error that people see.

    Args:
        doing: What was tried, as in "Cannot <doing>: No space left on device."

    Raises:
        ExternalError: When the block raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = _HINTS.get(error.errno or 0, "")
        raise ExternalError(f"Cannot {doing}: {reason}.", detail=str(error), hint=hint) from error


def free_bytes(folder: Path) -> int:
    """Return how much may still be written to the drive that `folder` lies on."""
    return shutil.disk_usage(folder).free


def sync_folder(folder: Path) -> None:
    """Make sure that names made or removed in `folder` outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_durably(source: Path, target: Path) -> None:
    """Give a synced file its final name, replacing what had it."""
    source.replace(target)
    sync_folder(target.parent)


def write_durably(target: Path, data: bytes, *, by_way_of: Path) -> None:
    """Write a small file as a whole.

    Args:
        target: Its final path.
        data: Its content.
        by_way_of: Folder on the same drive for the unfinished file. The caller holds the lock of
            the store, so whoever sweeps under that lock finds leftovers only.
    """
    by_way_of.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=PART_PREFIX, suffix=PART_SUFFIX, dir=by_way_of)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            finish(file)
        move_durably(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def finish(file: BufferedIOBase) -> None:
    """Bring all that was written to the drive and let everyone read it, as Ollama does."""
    file.flush()
    os.fchmod(file.fileno(), 0o644)
    os.fsync(file.fileno())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; others wait, in this process and in others.

    It is not re-entrant: a holder that asks again waits for itself.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_part(folder: Path) -> tuple[Path, BufferedRandom]:
    """Begin a file that takes long to write.

    It stays locked until it is closed or its writer dies, which is how `sweep_parts` tells a
    leftover from work in progress. Call it under the lock of the store.
    """
    descriptor, name = tempfile.mkstemp(prefix=PART_PREFIX, suffix=PART_SUFFIX, dir=folder)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return Path(name), os.fdopen(descriptor, "r+b")


def stale_parts(folder: Path) -> Iterator[Path]:
    """Yield the unfinished files that nobody writes any more, each locked while it is looked at.

    Call it under the lock of the store.
    """
    for path in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path


def sweep_parts(folder: Path) -> int:
    """Remove unfinished files that nobody writes any more; call it under the lock of the store.

    Returns:
        How many were removed.
    """
    removed = 0
    for path in stale_parts(folder):
        with suppress(OSError):
            path.unlink()
            removed += 1
    return removed
