"""Headers of models on the hub: a few megabytes instead of the whole file.

What was fetched is kept as a sparse file of the model's full size: a header with holes for the
weights, which is all that a plan and llama.cpp's dry run need.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.gguf.cursor import Cursor
from corral.gguf.header import Header
from corral.gguf.reader import read_header, read_header_at
from corral.gguf.shards import join_headers
from corral.hub.huggingface.files import RemoteBytes
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.records import QuantFile, Repository
from corral.jobs import Progress, Ticket
from corral.library.disk import disk_errors

# The largest vocabularies make headers of some 20 MB.
MAX_FETCHED_BYTES = 64 << 20
_MOST_SHARDS = 200
_MOST_COPIES = 100
_UNFINISHED = ".header-"
_LEFT_BEHIND_S = 86_400.0
_FIRST_BYTES = 1 << 20
_LARGEST_STEP_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteHeader:
    """What is known of a model on the hub before it is downloaded.

    Attributes:
        header: Its header; of all shards together.
        copy: A file of the model's size that holds the header only; of shards the first.
        fetched_bytes: What was transferred for it now, 0 when it was known.
    """

    header: Header
    copy: Path
    fetched_bytes: int


def remote_header(
    hub: HuggingFace, repository: Repository, quant: QuantFile, folder: Path, ticket: Ticket
) -> RemoteHeader:
    """Return the header of a model on the hub.

    Args:
        hub: The hub.
        repository: The repository.
        quant: The model.
        folder: Where fetched headers are kept.
        ticket: For cancel.

    Raises:
        GgufError: If the file is not a sound GGUF file.
        CorralError: If the hub cannot be asked or the disk fails.
        Cancelled: If the ticket was cancelled.
    """
    count = len(quant.files)
    if count > _MOST_SHARDS:
        raise ExternalError(
            f"{safe_line(quant.file_name)} has {count} shards; "
            f"headers of at most {_MOST_SHARDS} are read."
        )
    key = _key(hub, repository, quant)
    names = [f"{key}-{n:05}-of-{count:05}.gguf" for n in range(1, count + 1)]
    copies = [folder / name for name in (names if count > 1 else [f"{key}.gguf"])]
    fetched_bytes = 0
    with disk_errors(f"keep a header in {folder}"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, copy in zip(quant.files, copies, strict=True):
            if not copy.is_file() or copy.stat().st_size != file.size_bytes:
                fetched_bytes += _fetch(RemoteBytes(hub, repository, file), copy, ticket)
        _drop_old(folder, keep={*copies})
    headers = [read_header(copy) for copy in copies]
    return RemoteHeader(
        header=headers[0] if count == 1 else join_headers(headers),
        copy=copies[0],
        fetched_bytes=fetched_bytes,
    )


def _key(hub: HuggingFace, repository: Repository, quant: QuantFile) -> str:
    """Return what tells a model from all others; a digest alone is only its owner's word."""
    words = [hub.network.hub_endpoint, repository.repo_id]
    for file in quant.files:
        words += [file.path, file.digest or repository.commit, str(file.size_bytes)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:40]


def _drop_old(folder: Path, keep: Collection[Path]) -> None:
    """Remove copies that were not made lately, and what crashes left; all can be fetched again."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        if path.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
            path.unlink(missing_ok=True)
    copies = {path: path.stat().st_mtime for path in folder.glob("*.gguf") if path not in keep}
    for path in sorted(copies, key=copies.__getitem__, reverse=True)[_MOST_COPIES:]:
        path.unlink(missing_ok=True)


def _fetch(remote: RemoteBytes, copy: Path, ticket: Ticket) -> int:
    """Write the header-only copy of a file; return how many bytes were transferred."""
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=copy.parent)
    os.close(descriptor)
    partial = Path(name)
    try:
        with closing(remote), _Fetching(partial, remote, ticket) as file:
            read_header_at(Cursor(file))
            fetched_bytes = file.fetched_bytes
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)
    return fetched_bytes


class _Fetching(FileIO):
    """A sparse file that fetches from its start on as far as somebody reads it."""

    def __init__(self, path: Path, remote: RemoteBytes, ticket: Ticket) -> None:
        super().__init__(path, "r+b")
        self.truncate(remote.file.size_bytes)
        self.fetched_bytes = 0
        self._remote = remote
        self._ticket = ticket

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes from here."""
        place, end = self.tell(), self._remote.file.size_bytes
        wanted = end if size is None or size < 0 else min(end, place + size)
        while self.fetched_bytes < wanted:
            self._fetch_more(wanted - self.fetched_bytes)
        self.seek(place)
        return bytes(super().read(wanted - place))

    def _fetch_more(self, at_least: int) -> None:
        start, end = self.fetched_bytes, self._remote.file.size_bytes
        if start + at_least > MAX_FETCHED_BYTES:
            raise ExternalError(
                f"The header of {safe_line(self._remote.file.path)} goes on behind "
                f"{MAX_FETCHED_BYTES:,} bytes; the file is damaged or hostile."
            )
        step = min(max(at_least, start or _FIRST_BYTES), _LARGEST_STEP_BYTES)
        self._ticket.report(Progress(phase="Reading header", done=start))
        data = self._remote.fetch(start, min(step, end - start, MAX_FETCHED_BYTES - start))
        self.seek(start)
        self.write(data)
        self.fetched_bytes = start + len(data)
