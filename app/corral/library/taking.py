"""Taking the content of a user's file into the store: cloned, linked or copied, and read once."""

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedRandom, FileIO
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.jobs import Progress, Ticket
from corral.library.content import hash_file
from corral.library.disk import disk_errors, finish, move_durably, open_part, sync_folder
from corral.library.linking import FileIdentity, Link, Links, identify
from corral.library.store import Store

# Linux' request to share the blocks of another file on file systems that can (Btrfs, XFS, …).
FICLONE = 0x40049409


class ImportHow(StrEnum):
    """How the content of a file comes into the store.

    On file systems that can, it is always cloned: at once, without taking space, and apart from
    the original. Otherwise:

    AUTO asks whether a hard link will do, and copies if not. LINK makes a hard link or fails. COPY
    copies.
    """

    AUTO = "auto"
    LINK = "link"
    COPY = "copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Content that was read and waits to be put in place as a blob.

    Attributes:
        digest: Its digest.
        size_bytes: Its size.
        part: The clone or copy; None when the file itself is to be linked.
        source: The user's file.
        identity: What the file was while it was read.
        is_stored: Whether the store had this content already, so that nothing is to be linked.
    """

    digest: str
    size_bytes: int
    part: Path | None
    source: Path
    identity: FileIdentity
    is_stored: bool = False


@contextmanager
def take(
    store: Store,
    source: Path,
    how: ImportHow,
    ticket: Ticket,
    ask_link: Callable[[], bool] | None,
    *,
    beside_bytes: int = 0,
) -> Iterator[Content]:
    """Read a file, cloning or copying it unless it is linked.

    A clone or copy that was not put in place by `place` is gone at the end of the block.

    Args:
        store: Where the content is to go.
        source: The file, without symbolic links in its path.
        how: How it may come there.
        ticket: For progress and cancel.
        ask_link: Asked whether a hard link will do; None means no.
        beside_bytes: What else is to be written after it, for the check of the free space.

    Raises:
        UserError: If a link was demanded and is not possible.
        ExternalError: If the disk is full or fails, or the file changes meanwhile.
        Cancelled: If the ticket was cancelled.
    """
    with disk_errors(f"import {safe_line(source.name)}"), source.open("rb", buffering=0) as file:
        identity = identify(os.fstat(file.fileno()))
        with unfinished_file(store) as part:
            is_cloned = _clone(file, part.file)
            would_ask = not is_cloned and how is ImportHow.AUTO and ask_link is not None
            known = _digest_if_like_a_blob(store, file, identity, ticket) if would_ask else ""
            is_stored = bool(known) and _is_stored(store, known, identity)
            if is_cloned:
                digest = hash_file(part.file, identity.size_bytes, ticket)
            elif is_stored:
                part.discard()
                digest = known
            elif _may_link(store, source, how, ask_link):
                part.discard()
                digest = known or hash_file(file, identity.size_bytes, ticket)
            else:
                store.need_space(identity.size_bytes + beside_bytes, safe_line(source.name))
                digest = hash_file(file, identity.size_bytes, ticket, copy_to=part.file)
            check_unchanged(source, identity)
            if part.path:
                ticket.report(Progress(phase="Writing to the drive", unit="steps"))
                finish(part.file)
            yield Content(
                digest=digest,
                size_bytes=identity.size_bytes,
                part=part.path,
                source=source,
                identity=identity,
                is_stored=is_stored,
            )


def place(store: Store, links: Links, content: Content) -> None:
    """Make content a blob; the caller holds the store's lock.

    A blob that is there already is kept, unless it is a link and this is better, or broken.

    Raises:
        ExternalError: If the file that is to be linked was exchanged.
        OSError: If the disk fails.
    """
    blob = store.blob_path(content.digest)
    has_blob = store.blob_size(content.digest) == content.size_bytes
    is_link = content.digest in links.read()
    if content.part:
        if not has_blob or is_link:
            move_durably(content.part, blob)
            links.forget({content.digest})
    elif content.is_stored and not has_blob:
        raise ExternalError(
            f"What {safe_line(content.source.name)} shares with a model was removed meanwhile.",
            hint="Import it again.",
        )
    elif not has_blob or not links.is_intact(content.digest):
        # Noted first: a blob that is a link without anyone knowing must never be.
        links.note(content.digest, Link(source=str(content.source), identity=content.identity))
        blob.unlink(missing_ok=True)
        os.link(content.source, blob)
        if identify(blob.stat()) != content.identity:
            blob.unlink()
            raise _changed_meanwhile(content.source)
        sync_folder(blob.parent)


class UnfinishedFile:
    """The unfinished file of one import.

    Attributes:
        path: Where it lies, None when it was discarded.
        file: It, open.
    """

    def __init__(self, path: Path, file: BufferedRandom) -> None:
        self.path: Path | None = path
        self.file = file

    def discard(self) -> None:
        """Do without it."""
        if self.path:
            self.path.unlink(missing_ok=True)
            self.path = None


@contextmanager
def unfinished_file(store: Store) -> Iterator[UnfinishedFile]:
    """Have a file among the blobs that is gone at the end of the block unless it is moved."""
    with store.exclusive():
        path, file = open_part(store.blobs)
    part = UnfinishedFile(path, file)
    try:
        with file:
            yield part
    finally:
        part.discard()


def _clone(source: FileIO, target: BufferedRandom) -> bool:
    try:
        fcntl.ioctl(target.fileno(), FICLONE, source.fileno())
    except OSError:
        return False
    return True


def _digest_if_like_a_blob(
    store: Store, file: FileIO, identity: FileIdentity, ticket: Ticket
) -> str:
    """Read a file if a blob is as large as it; "" if there is none, and nothing was read.

    The file is left at its beginning.
    """
    blobs = store.blobs.glob("sha256-*")
    if not any(blob.stat().st_size == identity.size_bytes for blob in blobs):
        return ""
    digest = hash_file(file, identity.size_bytes, ticket)
    file.seek(0)
    return digest


def _is_stored(store: Store, digest: str, identity: FileIdentity) -> bool:
    """Whether a blob with this content is there and still is what it was."""
    return store.blob_size(digest) == identity.size_bytes and Links(store).is_intact(digest)


def _may_link(
    store: Store, source: Path, how: ImportHow, ask_link: Callable[[], bool] | None
) -> bool:
    if how is ImportHow.COPY or (how is ImportHow.AUTO and ask_link is None):
        return False
    obstacle = _obstacle_to_link(store, source)
    if how is ImportHow.LINK and obstacle:
        raise UserError(
            f"{safe_line(source.name)} cannot be linked: {obstacle}.",
            hint="Copy it instead: import it without asking for a link.",
        )
    if obstacle:
        return False
    return how is ImportHow.LINK or (ask_link is not None and ask_link())


def _obstacle_to_link(store: Store, source: Path) -> str:
    """Try a link; return why it is impossible, "" if it is not."""
    trial = store.blobs / f".corral-link-{os.getpid()}-{threading.get_ident()}.part"
    try:
        os.link(source, trial)
        trial.unlink(missing_ok=True)  # whoever sweeps may have come first
    except OSError as error:
        if error.errno == errno.EXDEV:
            return "it lies on another drive than the models"
        return error.strerror or str(error)
    return ""


def check_unchanged(source: Path, identity: FileIdentity) -> None:
    """Make sure that a file was not written to while it was read.

    Raises:
        ExternalError: If it was, or is gone.
    """
    with suppress(FileNotFoundError):
        if identify(source.stat()) == identity:
            return
    raise _changed_meanwhile(source)


def _changed_meanwhile(source: Path) -> ExternalError:
    return ExternalError(
        f"{safe_line(source.name)} changed while it was imported.",
        hint="Wait until the program that writes it is done, then import it again.",
    )
