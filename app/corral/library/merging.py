"""Taking a model that is split over several files into the store, as one file."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corral.foreign import safe_line
from corral.gguf.check import check_file
from corral.gguf.merge import Merge, plan_merge
from corral.jobs import Progress, Ticket
from corral.library.disk import disk_errors, finish
from corral.library.linking import identify
from corral.library.store import Store
from corral.library.taking import Content, UnfinishedFile, check_unchanged, unfinished_file


@contextmanager
def take_merged(
    store: Store, shards: Sequence[Path], ticket: Ticket, *, beside_bytes: int = 0
) -> Iterator[Content]:
    """Write the files of a split model as one; it is gone at the end of the block unless placed.

    Args:
        store: Where the content is to go.
        shards: All files, in their order.
        ticket: For progress and cancel.
        beside_bytes: What else is to be written after it, for the check of the free space.

    Raises:
        ExternalError: If a file is damaged, the disk is full or fails, or a file changes meanwhile.
        Cancelled: If the ticket was cancelled.
    """
    name = safe_line(shards[0].name)
    with disk_errors(f"join the files of {name}"):
        identities = [identify(path.stat()) for path in shards]
        merge = plan_merge(shards)
        store.need_space(merge.size_bytes + beside_bytes, name)
        with unfinished_file(store) as part:
            digest = _write(merge, part, ticket)
            for path, identity in zip(shards, identities, strict=True):
                check_unchanged(path, identity)
            ticket.report(Progress(phase="Writing to the drive", unit="steps"))
            finish(part.file)
            assert part.path is not None
            check_file(part.path)
            yield Content(
                digest=digest,
                size_bytes=merge.size_bytes,
                part=part.path,
                source=shards[0],
                identity=identify(os.fstat(part.file.fileno())),
            )


def _write(merge: Merge, part: UnfinishedFile, ticket: Ticket) -> str:
    sha256, done = hashlib.sha256(), 0
    for chunk in merge.chunks():
        sha256.update(chunk)
        part.file.write(chunk)
        done += len(chunk)
        ticket.report(Progress(phase="Joining the files", done=done, total=merge.size_bytes))
    return f"sha256:{sha256.hexdigest()}"
