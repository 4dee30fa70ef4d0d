"""Which folders of another program change when its models do."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from corral.library.elsewhere.names import REPOSITORY
from corral.library.elsewhere.walking import MOST_LEVELS
from corral.library.model import Home, HomeKind

# Where files come and go while a download runs, which says nothing yet.
_BUSY = frozenset({"blobs", "refs", ".no_exist", ".locks"})


def folders_below(home: Home, skipped: Path | None = None) -> Iterator[Path]:
    """Yield the folders to watch, those nearest to the home first; links are not followed.

    Args:
        home: The place of the models.
        skipped: A folder that is left out.
    """
    waiting = deque([(home.folder, 0)])
    while waiting:
        folder, level = waiting.popleft()
        if folder == skipped:
            continue
        yield folder
        if level < MOST_LEVELS:
            waiting.extend((below, level + 1) for below in _below(folder, home))


def _below(folder: Path, home: Home) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    except OSError:
        return []
    return [folder / name for name in names if not _is_passed_over(folder, name, home)]


def _is_passed_over(folder: Path, name: str, home: Home) -> bool:
    if name in _BUSY:
        return True
    if home.kind is HomeKind.HUGGING_FACE and folder == home.folder:
        return REPOSITORY.fullmatch(name) is None
    return home.kind is HomeKind.FOLDER and name.startswith(".")
