"""What a check of the store can find."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class FaultKind(StrEnum):
    """What can be wrong with a store."""

    DAMAGED_BLOB = "damaged blob"
    MISSING_BLOB = "missing blob"
    CHANGED_LINK = "changed linked file"
    UNREADABLE_MANIFEST = "unreadable manifest"
    STRAY_FILE = "stray file"
    LOST_TRASH = "broken model in the trash"
    STALE_LINK = "record of a link without its blob"
    UNNEEDED_BLOB = "blob that no model names"
    LEFTOVER = "unfinished file"

    @property
    def is_harmless(self) -> bool:
        """Whether it is only something left lying about, which the next start removes."""
        return self in {FaultKind.STALE_LINK, FaultKind.UNNEEDED_BLOB, FaultKind.LEFTOVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: What it is.
        what: The same for people, with names and numbers.
        path: The file it is about.
        mended: What was done about it, "" for nothing.
    """

    kind: FaultKind
    what: str
    path: Path
    mended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check found.

    Attributes:
        faults: What is wrong, or was.
        models: How many models there are.
        blobs: How many blobs there are.
        read_bytes: How much was read to compare digests, 0 for a fast check.
    """

    faults: tuple[Fault, ...]
    models: int
    blobs: int
    read_bytes: int

    @property
    def is_sound(self) -> bool:
        """Whether every model, and every one in the trash, is whole."""
        return all(fault.kind.is_harmless for fault in self.faults)

    @property
    def is_mended(self) -> bool:
        """Whether nothing is wrong any more."""
        return all(fault.mended for fault in self.faults)
