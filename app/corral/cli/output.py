"""What the command line prints: tables, progress, errors; no stranger's control characters."""

import logging
import shutil
import sys
from collections.abc import Sequence

from corral.errors import CorralError, UserError
from corral.foreign import safe_line, safe_text
from corral.jobs import Progress
from corral.units import file_size


def log_to_stderr() -> None:
    """Show faults of the program; what goes wrong outside is told by the commands themselves."""
    handler = logging.StreamHandler()
    handler.setFormatter(_SafeFormatter("corral: %(message)s"))
    logging.basicConfig(level=logging.ERROR, handlers=[handler])


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headings, columns aligned, each on one line."""
    cells = [list(headings), *[[_cell(text) for text in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        line = "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


def print_error(error: CorralError) -> None:
    """Print an error for people to the standard error."""
    print(f"corral: {_where(error)}{safe_text(error.summary)}", file=sys.stderr)
    for text in (error.detail, error.hint):
        if text:
            print(f"  {safe_text(text)}", file=sys.stderr)


def _cell(text: str) -> str:
    return safe_text(text).replace("\n", "\\n").replace("\t", "\\t")


def _where(error: CorralError) -> str:
    """Return the place that an error names, as compilers write it."""
    place = error.place if isinstance(error, UserError) else None
    if place is None:
        return ""
    if place.source:
        return f"{safe_text(place.source)}:{place.line}:{place.column}: "
    return f"line {place.line}, column {place.column}: "


class _SafeFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return safe_text(super().format(record))


def write_line_over(text: str) -> None:
    """Write a line over the one before on a terminal; "" takes it away."""
    columns = shutil.get_terminal_size().columns
    sys.stderr.write(f"\r\x1b[K{safe_line(text, max(20, columns - 1))}")
    sys.stderr.flush()


class ProgressLine:
    """One line of progress on a terminal that is written over; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._is_shown = False

    def show(self, progress: Progress) -> None:
        """Show how far the work is."""
        if not self._is_terminal:
            return
        text = progress.phase
        if progress.total:
            done, total = progress.done, progress.total
            if progress.unit == "bytes":
                text += f" {file_size(done)} of {file_size(total)}"
            text += f" {100 * done // total} %"
        write_line_over(text)
        self._is_shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            write_line_over("")
            self._is_shown = False
