"""Models as files with a name, for other programs: dragged out, or written somewhere.

A blob has no name that tells what it is. For a drag each file gets a second name in a folder of its
own: a clone where the file system can share blocks, else a hard link, else a symbolic link. Neither
takes space. Whoever receives the drag may read the files long after it ended, so the folders stay
for a day and are cleared away before the next drag, or at the next start.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.jobs import Progress, Ticket
from corral.library.disk import disk_errors, finish, free_bytes, move_durably, open_part
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.library.sweeping import OUTGOING_KEPT_S, clear_outgoing
from corral.library.taking import FICLONE
from corral.units import file_size

COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """One file of a model under the name that others see.

    Attributes:
        source: Where its content lies.
        name: File name with its ending.
    """

    source: Path
    name: str


def outgoing_files(model: StoredModel) -> tuple[OutgoingFile, ...]:
    """Return the files that make up a model, weights first; adapters and drafts are left out.

    Raises:
        UserError: If the model has no weights.
    """
    if model.problem or not model.weights.is_absolute():
        raise UserError(f"'{safe_line(model.name)}' has no file to hand out: {model.problem}")
    stem = outgoing_stem(model)
    shards = shards_of(model) or (model.weights,)
    if len(shards) == 1:
        weights = [OutgoingFile(source=shards[0], name=f"{stem}.gguf")]
    else:
        weights = [
            OutgoingFile(source=path, name=f"{stem}-{number:05d}-of-{len(shards):05d}.gguf")
            for number, path in enumerate(shards, 1)
        ]
    numbers = [""] if len(model.projectors) == 1 else [f"-{n + 1}" for n in range(99)]
    projectors = [
        OutgoingFile(source=path, name=f"mmproj-{stem}{number}.gguf")
        for path, number in zip(model.projectors, numbers, strict=False)
    ]
    return (*weights, *projectors)


def outgoing_stem(model: StoredModel) -> str:
    """Return the file name of a model without ending: "llama3.1-8b-Q4_K_M"."""
    base, _, tag = without_latest(model.name).rpartition("/")[2].partition(":")
    quantization = model.config.quantization
    parts = [base] if tag.casefold() == quantization.casefold() else [base, tag]
    stem = "-".join(part for part in parts if part)
    if quantization.casefold() not in stem.casefold():
        stem = f"{stem}-{quantization}"
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in stem)


def shards_of(model: StoredModel) -> tuple[Path, ...]:
    """Return the files that the weights are split over, none when they are one file."""
    return model.shards


def outgoing_folder(models: Path) -> Path:
    """Return where the files for other programs stand, on the drive of the models."""
    return models / ".corral" / "outgoing"


def offer(folder: Path, model: StoredModel) -> tuple[Path, ...]:
    """Give the files of a model their names in a new folder below `folder`.

    Raises:
        UserError: If the model has no weights.
        ExternalError: If the disk fails.
    """
    files = outgoing_files(model)
    with disk_errors(f"make a file of {safe_line(model.name)}"):
        clear_outgoing(folder, time.time() - OUTGOING_KEPT_S)
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=folder))
        for file in files:
            _give_name(file.source, place / file.name)
    return tuple(place / file.name for file in files)


def withdraw(paths: tuple[Path, ...]) -> None:
    """Take back what `offer` made, when nobody took it."""
    for place in {path.parent for path in paths}:
        shutil.rmtree(place, ignore_errors=True)


def export(model: StoredModel, target: Path, ticket: Ticket) -> tuple[Path, ...]:
    """Write a model's files; the weights are called as asked, the others as is usual.

    Args:
        model: The model.
        target: The file to write; several files of weights are written beside it.
        ticket: For progress and cancel; a cancelled export leaves nothing behind.

    Raises:
        UserError: If the model has no weights.
        ExternalError: If the disk is full or fails.
        Cancelled: If the ticket was cancelled.
    """
    files = outgoing_files(model)
    targets = [target if len(files) == 1 else target.parent / file.name for file in files]
    if len(shards_of(model)) < 2:
        targets[0] = target
    total = sum(file.source.stat().st_size for file in files)
    done = 0
    for file, path in zip(files, targets, strict=True):
        with disk_errors(f"write {safe_line(path.name)}"):
            done = _write(file.source, path, ticket, done=done, total=total)
    return tuple(targets)


def _give_name(source: Path, target: Path) -> None:
    """Clone, or link; a symbolic link reaches over to other drives."""
    with source.open("rb") as content, target.open("xb") as clone, suppress(OSError):
        fcntl.ioctl(clone.fileno(), FICLONE, content.fileno())
        return
    target.unlink()
    try:
        os.link(source, target)
    except OSError:
        target.symlink_to(source)


def _write(source: Path, target: Path, ticket: Ticket, *, done: int, total: int) -> int:
    """Write one file by way of an unfinished one.

    Returns:
        How many bytes of all files are done now.
    """
    part, file = open_part(target.parent)
    try:
        with source.open("rb", buffering=0) as content, file:
            size_bytes = os.fstat(content.fileno()).st_size
            if _is_cloned(content.fileno(), file.fileno()):
                done += size_bytes
                ticket.report(Progress(phase="Copying", done=done, total=total))
            else:
                _need_space(target, total - done)
                for count in _copied(content.fileno(), file.fileno()):
                    done += count
                    ticket.report(Progress(phase="Copying", done=done, total=total))
            finish(file)
        move_durably(part, target)
    finally:
        part.unlink(missing_ok=True)
    return done


def _is_cloned(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError:
        return False
    return True


def _copied(source: int, target: int) -> Iterator[int]:
    """Copy within the kernel, and tell how much after each step."""
    while count := os.sendfile(target, source, None, COPY_BYTES):
        yield count


def _need_space(target: Path, size_bytes: int) -> None:
    free = free_bytes(target.parent)
    if size_bytes > free:
        raise ExternalError(
            f"Not enough free space for {safe_line(target.name)}: {file_size(size_bytes)} "
            f"needed, {file_size(free)} free.",
            hint="Choose a folder on another drive.",
        )
