"""Blobs that are hard links to a file of the user's: noted, and checked before each load.

Such a blob changes when the user's program writes into the file, and no digest would notice.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.jobs import Ticket
from corral.library.content import hash_file
from corral.library.disk import disk_errors
from corral.library.go_json import JsonValue, go_json
from corral.library.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """What stays the same as long as nobody writes into a file.

    Attributes:
        inode: Its number on the drive.
        size_bytes: Its size.
        mtime_ns: When it was last written to, in nanoseconds since the epoch.
    """

    inode: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One linked blob.

    Attributes:
        source: The user's file.
        identity: What it was when its digest was taken.
    """

    source: str
    identity: FileIdentity


def identify(status: os.stat_result) -> FileIdentity:
    """Return the identity of a file from its status."""
    return FileIdentity(inode=status.st_ino, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns)


class Links:
    """The record of linked blobs of one store, by digest.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = store.own / "links.json"

    def read(self) -> dict[str, Link]:
        """Return all linked blobs; none if the record is absent or damaged."""
        try:
            fields = json.loads(self._path.read_bytes())
            return {
                digest: Link(source=each["source"], identity=FileIdentity(**each["identity"]))
                for digest, each in fields.items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def write(self, links: dict[str, Link]) -> None:
        """Replace the record; the caller holds the store's lock."""
        fields: dict[str, JsonValue] = {digest: asdict(link) for digest, link in links.items()}
        self._store.write_file(self._path, go_json(fields))

    def note(self, digest: str, link: Link) -> None:
        """Record a linked blob; the caller holds the store's lock."""
        self.write(self.read() | {digest: link})

    def forget(self, digests: set[str]) -> None:
        """Drop blobs from the record; the caller holds the store's lock."""
        links = self.read()
        if digests & links.keys():
            self.write({digest: link for digest, link in links.items() if digest not in digests})

    def is_intact(self, digest: str) -> bool:
        """Tell whether a blob is no link, or one to a file that nobody wrote to since."""
        link = self.read().get(digest)
        if link is None:
            return True
        try:
            return identify(self._store.blob_path(digest).stat()) == link.identity
        except OSError:
            return False

    def verify(self, digest: str, ticket: Ticket) -> None:
        """Make sure that a blob still has its content.

        Only when its file looks touched is it read as a whole.

        Raises:
            ExternalError: If the linked file changed.
            Cancelled: If the ticket was cancelled while the file was read.
        """
        if self.is_intact(digest):
            return
        path, link = self._store.blob_path(digest), self.read()[digest]
        with disk_errors(f"read the linked file {path}"), path.open("rb") as file:
            identity = identify(os.fstat(file.fileno()))
            if hash_file(file, identity.size_bytes, ticket) != digest:
                raise _changed(link, identity)
        with self._store.exclusive():
            self.note(digest, Link(source=link.source, identity=identity))


def _changed(link: Link, now: FileIdentity) -> ExternalError:
    return ExternalError(
        f"The linked file changed: {safe_line(Path(link.source).name)} is no longer the file "
        "that was imported.",
        detail=(
            f"{safe_line(link.source, 1000)}\n"
            f"then: {link.identity.size_bytes:,} bytes, written at {link.identity.mtime_ns} ns\n"
            f"now: {now.size_bytes:,} bytes, written at {now.mtime_ns} ns"
        ),
        hint="Remove the model and import the file again.",
    )
