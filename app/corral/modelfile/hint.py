"""What can be said about a place in a Modelfile, and how it can be mended."""

from dataclasses import dataclass
from enum import StrEnum

from corral.errors import Place
from corral.modelfile.positions import Lines
from corral.modelfile.scanner import Statement, end_of_line, scan


class Severity(StrEnum):
    """How bad it is: refused by Ollama as it stands, or read other than it was perhaps meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A change of the text that mends a problem.

    Attributes:
        title: What a button says.
        start: First character that is replaced.
        end: Behind the last one.
        replacement: What comes there.
    """

    title: str
    start: int
    end: int
    replacement: str

    def apply(self, text: str) -> str:
        """Return `text` mended."""
        return text[: self.start] + self.replacement + text[self.end :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One problem.

    Attributes:
        severity: How bad it is.
        message: What is wrong, in one sentence or two.
        start: First character that is underlined.
        end: Behind the last one.
        place: The same for people.
        fix: How to mend it, if that is known.
    """

    severity: Severity
    message: str
    start: int
    end: int
    place: Place
    fix: Fix | None = None


class Sheet:
    """A Modelfile text with its statements, on which hints are written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements = scan(text)
        self._lines = Lines(text)

    def error(self, message: str, start: int, end: int, fix: Fix | None = None) -> Hint:
        """Return an error about a part of the text."""
        return self._hint(Severity.ERROR, message, start, end, fix)

    def warning(self, message: str, start: int, end: int, fix: Fix | None = None) -> Hint:
        """Return a warning about a part of the text."""
        return self._hint(Severity.WARNING, message, start, end, fix)

    def line(self, offset: int) -> int:
        """Return the number of the line of a character, from 1."""
        return self._lines.place(offset).line

    def end_of_line(self, offset: int) -> int:
        """Return where the line of a character ends, before its newline."""
        return end_of_line(self.text, offset)

    def line_removed(self, statement: Statement, title: str) -> Fix:
        """Return the fix that takes a statement's lines out."""
        end = statement.end
        end += 2 if self.text.startswith("\r\n", end) else min(1, len(self.text) - end)
        start = self._lines.start(statement.start)
        return Fix(title=title, start=start, end=end, replacement="")

    def comment_moved(self, statement: Statement, comment_at: int, end: int) -> Fix:
        """Return the fix that moves a comment behind a value to a line before the statement."""
        newline = "\r\n" if "\r\n" in self.text else "\n"
        comment = self.text[comment_at:end].rstrip(" \t")
        kept = self.text[statement.start : comment_at].rstrip(" \t")
        return Fix(
            title="Move to its own line",
            start=statement.start,
            end=end,
            replacement=f"{comment}{newline}{kept}",
        )

    def _hint(
        self, severity: Severity, message: str, start: int, end: int, fix: Fix | None
    ) -> Hint:
        return Hint(
            severity=severity,
            message=message,
            start=start,
            end=end,
            place=self._lines.place(start),
            fix=fix,
        )
