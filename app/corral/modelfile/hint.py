"""What can be said about a place in a Modelfile, and how it can be mended."""

import re
from dataclasses import dataclass
from enum import StrEnum

from corral.errors import Place
from corral.modelfile.positions import Lines
from corral.modelfile.scanner import Statement, end_of_line, scan

_PLACE = re.compile("%([1-9])")


class Severity(StrEnum):
    """How bad it is: refused by Ollama as it stands, or read other than it was perhaps meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the text of a Modelfile; every part may be missing.

    Attributes:
        trained_context_tokens: Context length the base model was trained with, 0 if unknown.
        template: Chat template of the base model, with the words that its variables stand for.
        models: Names of the models in the library, the newest first; None if unknown.
    """

    trained_context_tokens: int = 0
    template: str = ""
    models: tuple[str, ...] | None = None


def filled(words: str, values: tuple[str, ...]) -> str:
    """Return `words` with "%1", "%2" and so on replaced by `values`."""
    return _PLACE.sub(lambda found: values[int(found[1]) - 1], words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A change of the text that mends a problem.

    Attributes:
        title: What a button says: a phrase, or a verb and what it is done with.
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
        words: What is wrong, in one sentence or two; "%1" and so on stand for `values`.
        values: What is not the same in every language: names, numbers, pieces of the text.
        start: First character that is underlined.
        end: Behind the last one.
        place: The same for people.
        fix: How to mend it, if that is known.
    """

    severity: Severity
    words: str
    values: tuple[str, ...] = ()
    start: int
    end: int
    place: Place
    fix: Fix | None = None

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return filled(self.words, self.values)


class Sheet:
    """A Modelfile text with its statements, on which hints are written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements = scan(text)
        self._lines = Lines(text)

    def error(
        self, words: str, start: int, end: int, *values: object, fix: Fix | None = None
    ) -> Hint:
        """Return an error about a part of the text."""
        return self._hint(Severity.ERROR, words, values, start, end, fix)

    def warning(
        self, words: str, start: int, end: int, *values: object, fix: Fix | None = None
    ) -> Hint:
        """Return a warning about a part of the text."""
        return self._hint(Severity.WARNING, words, values, start, end, fix)

    def line(self, offset: int) -> int:
        """Return the number of the line of a character, from 1."""
        return self._lines.place(offset).line

    def end_of_line(self, offset: int) -> int:
        """Return where the line of a character ends, before its newline."""
        return end_of_line(self.text, offset)

    def line_removed(self, statement: Statement) -> Fix:
        """Return the fix that takes a statement's lines out."""
        end = statement.end
        end += 2 if self.text.startswith("\r\n", end) else min(1, len(self.text) - end)
        start = self._lines.start(statement.start)
        return Fix(title="Remove the line", start=start, end=end, replacement="")

    def comment_moved(self, statement: Statement, comment_at: int, end: int) -> Fix:
        """Return the fix that moves a comment behind a value to a line before the statement."""
        comment = self.text[comment_at:end].rstrip(" \t")
        kept = self.text[statement.start : comment_at].rstrip(" \t")
        return Fix(
            title="Move to its own line",
            start=statement.start,
            end=end,
            replacement=f"{comment}{self.newline}{kept}",
        )

    @property
    def newline(self) -> str:
        """What ends the lines of the text."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def _hint(
        self,
        severity: Severity,
        words: str,
        values: tuple[object, ...],
        start: int,
        end: int,
        fix: Fix | None,
    ) -> Hint:
        return Hint(
            severity=severity,
            words=words,
            values=tuple(map(str, values)),
            start=start,
            end=end,
            place=self._lines.place(start),
            fix=fix,
        )
