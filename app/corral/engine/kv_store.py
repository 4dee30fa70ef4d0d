"""KV caches on disk, so that a long chat goes on without being read again.

One file for each owner (a conversation): what was computed for its tokens by one model in one kind
of context. What does not match is as good as not there. Nothing here is worth an error: a cache
that cannot be read or written is computed again.
"""

import hashlib
import logging
import os
import struct
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

MAGIC = b"CORRALKV"
VERSION = 2
NUMBER = "q"  # keys of pictures need 64 bits
# Magic, version, number of tokens, size of the state; then 32 bytes each of family and checksum.
_HEADER = struct.Struct("<8sIIQ32s32s")
DEFAULT_QUOTA_BYTES = 4 * 1024**3
SUFFIX = ".kv"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCache:
    """What is known of a file before its state is read.

    Attributes:
        tokens: The tokens it holds the cache of.
        file: It.
        offset: Where the state begins.
        size_bytes: Length of the state.
        checksum: Of tokens and state.
    """

    tokens: tuple[int, ...]
    file: Path
    offset: int
    size_bytes: int
    checksum: bytes


class KvStore:
    """A folder of caches with a limit; the ones used longest ago go first.

    Thread: any; files are replaced whole.
    """

    def __init__(self, folder: Path, quota_bytes: int = DEFAULT_QUOTA_BYTES) -> None:
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._dropped: set[str] = set()  # what is in memory of them must not come back

    def look(self, owner: str, family: bytes) -> StoredCache | None:
        """Return what is kept for an owner, if it was computed by this family.

        Args:
            owner: Whose it is.
            family: Says which model and context computed it.
        """
        try:
            with self._file(owner).open("rb") as file:
                head = _HEADER.unpack(file.read(_HEADER.size))
                magic, version, count, size_bytes, stored_family, checksum = head
                if (magic, version, stored_family) != (MAGIC, VERSION, family):
                    return None
                tokens = array(NUMBER, file.read(8 * count))
                is_whole = os.fstat(file.fileno()).st_size == file.tell() + size_bytes
                if len(tokens) != count or not is_whole:
                    return None
                return StoredCache(
                    tokens=tuple(tokens),
                    file=self._file(owner),
                    offset=file.tell(),
                    size_bytes=size_bytes,
                    checksum=checksum,
                )
        except (OSError, struct.error, ValueError):
            return None

    def read(self, stored: StoredCache) -> bytes | None:
        """Return the state, None when it is not what was written."""
        try:
            with stored.file.open("rb") as file:
                file.seek(stored.offset)
                state = file.read(stored.size_bytes)
            os.utime(stored.file)  # used now
        except OSError:
            return None
        return state if _checksum(stored.tokens, state) == stored.checksum else None

    def write(self, owner: str, family: bytes, tokens: Sequence[int], state: bytes) -> None:
        """Keep a cache in place of what was kept before for its owner."""
        if len(state) > self._quota_bytes or owner in self._dropped:
            return
        head = _HEADER.pack(
            MAGIC, VERSION, len(tokens), len(state), family, _checksum(tokens, state)
        )
        file = self._file(owner)
        draft = file.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(file, len(state))
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(head)
                out.write(array(NUMBER, tokens).tobytes())
                out.write(state)
            draft.replace(file)
        except OSError as error:
            logger.warning("a KV cache could not be kept: %s", error)
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def drop(self, owner: str) -> None:
        """Forget what is kept for an owner, and keep nothing more of it."""
        self._dropped.add(owner)
        try:
            self._file(owner).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("a KV cache could not be removed: %s", error)

    def _file(self, owner: str) -> Path:
        return self._folder / (hashlib.sha256(owner.encode()).hexdigest()[:32] + SUFFIX)

    def _make_room(self, file: Path, needed_bytes: int) -> None:
        others = sorted(
            ((each.stat(), each) for each in self._folder.glob(f"*{SUFFIX}") if each != file),
            key=lambda pair: pair[0].st_mtime_ns,
        )
        used_bytes = sum(state.st_size for state, _ in others)
        for state, each in others:
            if used_bytes + needed_bytes <= self._quota_bytes:
                return
            each.unlink(missing_ok=True)
            used_bytes -= state.st_size


def _checksum(tokens: Sequence[int], state: bytes) -> bytes:
    digest = hashlib.blake2b(array(NUMBER, tokens).tobytes(), digest_size=32)
    digest.update(state)
    return digest.digest()
