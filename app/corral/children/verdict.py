"""What the pre-flight of a model file found, and where that is kept."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one file under one build of llama.cpp and its devices.

    Attributes:
        summary: What went wrong; empty when the file passed.
        detail: llama.cpp's own words.
    """

    summary: str = ""
    detail: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether the file may be loaded in the main process."""
        return not self.summary


class Verdicts(Protocol):
    """Keeps verdicts; the key tells file, build and devices."""

    async def find(self, key: str) -> Verdict | None:
        """Return the verdict on a key, None if there is none yet."""
        ...

    async def keep(self, key: str, verdict: Verdict) -> None:
        """Remember a verdict."""
        ...
