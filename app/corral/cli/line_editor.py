"""One line from the terminal: keys, completion and what was typed before, by the system's readline.

Where there is no readline (Windows) the terminal itself edits.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

KEPT_LINES = 100


class LineEditor:
    """Reads lines.

    Args:
        history_file: What was typed before is read from here and kept here.
        suggest: Returns what a line can go on to.

    Thread: the main one; readline hears Ctrl+C there only.
    """

    def __init__(self, history_file: Path, suggest: Callable[[str], list[str]]) -> None:
        self._history_file = history_file
        self._suggest = suggest
        self._found: list[str] = []
        self._keeps_history = True
        if sys.platform != "win32":
            self._prepare()

    def read(self, prompt: str) -> str:
        """Read a line.

        Raises:
            EOFError: If the end was typed (Ctrl+D).
            KeyboardInterrupt: If Ctrl+C was pressed; the line is forgotten.
        """
        line = input(prompt)
        if self._keeps_history and line.strip():
            self._keep()
        return line

    def keep_history(self, *, keeps: bool) -> None:
        """Say whether lines are remembered from now on."""
        self._keeps_history = keeps
        if sys.platform != "win32":
            import readline  # lazy: it asks the terminal for its keys

            readline.set_auto_history(keeps)

    def _prepare(self) -> None:
        import readline  # lazy: it asks the terminal for its keys

        readline.set_history_length(KEPT_LINES)
        readline.clear_history()
        with suppress(OSError):  # nothing was typed yet, or it cannot be read: it begins empty
            readline.read_history_file(self._history_file)
        readline.set_completer_delims("")
        readline.set_completer(self._complete)
        readline.parse_and_bind("tab: complete")

    def _complete(self, line: str, number: int) -> str | None:
        if number == 0:
            self._found = self._suggest(line)
        return self._found[number] if number < len(self._found) else None

    def _keep(self) -> None:
        if sys.platform == "win32":
            return
        import readline  # lazy: it asks the terminal for its keys

        try:
            descriptor = os.open(self._history_file, os.O_WRONLY | os.O_CREAT, 0o600)
            os.close(descriptor)  # made private before anything is in it
            readline.write_history_file(self._history_file)
        except OSError:
            self._keeps_history = False  # a full disk is no reason to disturb a conversation
