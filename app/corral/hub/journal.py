"""What is known about an unfinished download: a small file beside it, so that a restart goes on.

It never says more than is on the drive: the data is synced before the journal is written.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """How far a download has come.

    Attributes:
        size_bytes: Size of the whole file.
        sha256: 64 hex digits that it must have; parts of a file without are not gone on with.
        part_bytes: Size of its parts.
        done: How much of each part is there.
        is_verified: Whether the whole file is there and has its digest.
    """

    size_bytes: int
    sha256: str
    part_bytes: int
    done: tuple[int, ...]
    is_verified: bool = False

    def write(self, partial: Path) -> None:
        """Write it beside the unfinished file, which the caller holds: nobody else writes it.

        Raises:
            OSError: If it cannot be written.
        """
        new = _new_path(partial)
        with new.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self)))
            file.flush()
            os.fsync(file.fileno())
        new.replace(journal_path(partial))


def journal_path(partial: Path) -> Path:
    """Return where the journal of an unfinished file lies."""
    return partial.with_name(f"{partial.name}.json")


def remove_journal(partial: Path) -> None:
    """Remove what is kept beside an unfinished file."""
    for path in (journal_path(partial), _new_path(partial)):
        path.unlink(missing_ok=True)


def sweep_journals(folder: Path) -> None:
    """Remove journals whose file was moved to its place just before a crash."""
    for path in folder.glob("*-partial.json*"):
        if not path.with_name(path.name.partition(".json")[0]).exists():
            path.unlink(missing_ok=True)


def read_journal(partial: Path, size_bytes: int, sha256: str | None) -> Journal | None:
    """Return the journal of an unfinished file, None if it is another's or makes no sense."""
    try:
        fields = json.loads(journal_path(partial).read_bytes())
        journal = Journal(**{**fields, "done": tuple(fields["done"])})
        is_sound = _is_sound(journal) and partial.stat().st_size == journal.size_bytes
    except (OSError, ValueError, TypeError, KeyError):
        return None
    is_same = sha256 is not None and (journal.size_bytes, journal.sha256) == (size_bytes, sha256)
    return journal if is_same and is_sound else None


def _new_path(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json.new")


def _is_sound(journal: Journal) -> bool:
    size, part = journal.size_bytes, journal.part_bytes
    if not all(type(number) is int for number in (size, part, *journal.done)):
        return False
    if part <= 0 or size < 0 or len(journal.done) != -(-size // part):
        return False
    lengths = [min(part, size - start) for start in range(0, size, part)]
    return all(0 <= done <= length for done, length in zip(journal.done, lengths, strict=True))
