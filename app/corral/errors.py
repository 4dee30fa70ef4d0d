"""The two kinds of error that people see; anything else is a bug.

A `UserError` is theirs to mend (a name, a value, a file that is not a model). An `ExternalError` is
the world's (disk, network, GPU, a damaged file). Front ends show both without a traceback.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a text an error lies.

    Attributes:
        line: Line number, from 1.
        column: Column in characters, from 1.
        source: Name of the text, if it has one.
    """

    line: int
    column: int = 1
    source: str = ""


class CorralError(Exception):
    """What happened, in words for the person who sees it.

    Attributes:
        summary: One sentence: what happened, with the two numbers where there are numbers.
        detail: More, for those who want it; may have several lines.
        hint: What to do about it.
    """

    exit_code = 1

    def __init__(self, summary: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        # Ollama's own words, which are kept as they are, have no full stop.
        stop = "" if self.summary.endswith((".", "!", "?", ":", "…", "。")) else "."
        sentence = self.summary + (stop if self.summary else "")
        return f"{sentence} {self.hint}" if self.hint else sentence


class UserError(CorralError):
    """Something the user said that cannot be done as it stands."""

    exit_code = 2

    def __init__(
        self, summary: str, *, detail: str = "", hint: str = "", place: Place | None = None
    ) -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.place = place


class ExternalError(CorralError):
    """Something outside the program that failed: disk, network, GPU, a damaged file."""

    exit_code = 3
