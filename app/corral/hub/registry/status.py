"""What pulling and pushing tell as they go, in Ollama's words."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One line of what Ollama's API tells.

    Attributes:
        status: The words.
        digest: Of which blob, "" for none.
        total: Its size in bytes.
        completed: How much of it is done.
    """

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


OnStatus = Callable[[Status], None]


def short_digest(digest: str) -> str:
    """Return the twelve digits by which a blob is told."""
    return digest.partition(":")[2][:12]
