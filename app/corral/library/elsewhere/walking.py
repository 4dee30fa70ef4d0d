"""Looking through a folder of somebody else's, whatever lies in it.

Only the folder's entries are read here, never what is in a file: a device or a pipe is passed over.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# Deeper or fuller folders are no stores of models; the bounds keep a scan from taking for ever.
MOST_LEVELS = 12
MOST_ENTRIES = 200_000
# LM Studio, llama.cpp, GPT4All and browsers, while they download.
_UNFINISHED = re.compile(
    r"(?P<prefix>downloading_|incomplete-)?(?P<name>.+\.gguf)"
    r"(?P<suffix>\.(part|partial|incomplete|downloadInProgress|crdownload|download|tmp))?",
    re.IGNORECASE | re.DOTALL,
)


class FileSort(StrEnum):
    """What a file is by its name."""

    GGUF = "gguf"
    UNFINISHED = "unfinished"
    SAFETENSORS = "safetensors"
    LOST_LINK = "lost_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file as it was when its folder was read.

    Attributes:
        path: Where it lies, links not followed: its name tells what the model is.
        sort: What it is by its name.
        device: Number of its drive.
        inode: Its number there.
        size_bytes: Its size.
        mtime_ns: When it was last written to, in nanoseconds since the epoch.
        is_link: Whether it is a symbolic link; the numbers are those of its target.
    """

    path: Path
    sort: FileSort
    device: int = 0
    inode: int = 0
    size_bytes: int = 0
    mtime_ns: int = 0
    is_link: bool = False

    @property
    def identity(self) -> tuple[int, int, int, int]:
        """What stays the same as long as nobody writes into it."""
        return self.device, self.inode, self.size_bytes, self.mtime_ns


def walk(folder: Path, *, hidden: bool = True, skipped: Path | None = None) -> Iterator[FoundFile]:
    """Yield the files of models below a folder, in the order of their names.

    What cannot be read is passed over; links to folders are followed, each folder once.

    Args:
        folder: The folder.
        hidden: Whether to look into folders whose name begins with a dot.
        skipped: A folder that is left out.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [(folder, 0)]
    left = MOST_ENTRIES
    while waiting and left > 0:
        at, level = waiting.pop()
        if not _is_new(at, seen) or at == skipped:
            continue
        entries = _entries(at)
        left -= len(entries)
        deeper = []
        for entry in entries:
            if sort := sort_of(entry.name):
                if found := _found(entry, sort):
                    yield found
            elif level < MOST_LEVELS and (hidden or not entry.name.startswith(".")):
                deeper.append(entry)
        waiting.extend(
            (Path(entry.path), level + 1) for entry in reversed(deeper) if _is_dir(entry)
        )


def sort_of(name: str) -> FileSort | None:
    """Return what a file is by its name, None when it has nothing to do with models."""
    if name.lower().endswith(".safetensors"):
        return FileSort.SAFETENSORS
    if ".gguf" not in name.lower():
        return None
    found = _UNFINISHED.fullmatch(name)
    if found is None:
        return None
    return FileSort.UNFINISHED if found["prefix"] or found["suffix"] else FileSort.GGUF


def finished_name(name: str) -> str:
    """Return what an unfinished file is going to be called."""
    found = _UNFINISHED.fullmatch(name)
    return found["name"] if found else name


def look_at(path: Path) -> FoundFile | None:
    """Return a GGUF file as it is now, None when there is none."""
    try:
        status = path.stat()
        is_link = path.is_symlink()
    except OSError:
        return None
    return (
        _of(path, FileSort.GGUF, status, is_link=is_link) if stat.S_ISREG(status.st_mode) else None
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_new(folder: Path, seen: set[tuple[int, int]]) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    key = status.st_dev, status.st_ino
    is_new = key not in seen
    seen.add(key)
    return is_new


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _found(entry: os.DirEntry[str], sort: FileSort) -> FoundFile | None:
    """Return the file of an entry, None for folders, devices and pipes."""
    path = Path(entry.path)
    try:
        is_link = entry.is_symlink()
        status = entry.stat()
    except FileNotFoundError:
        return FoundFile(path=path, sort=FileSort.LOST_LINK, is_link=True) if is_link else None
    except OSError:  # a loop of links, or a folder that may be listed but not entered
        return FoundFile(path=path, sort=FileSort.LOST_LINK, is_link=True)
    return _of(path, sort, status, is_link=is_link) if stat.S_ISREG(status.st_mode) else None


def _of(path: Path, sort: FileSort, status: os.stat_result, *, is_link: bool) -> FoundFile:
    return FoundFile(
        path=path,
        sort=sort,
        device=status.st_dev,
        inode=status.st_ino,
        size_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        is_link=is_link,
    )
