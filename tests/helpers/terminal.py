"""A terminal on which the command line runs, as a person has it."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.command_line import CommandLine

# Ctrl+C reaches a program only on the terminal of its own session.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A conversation on a terminal."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.descriptor = descriptor
        self.process = process
        self.shown = b""

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.descriptor, keys.encode())

    def say(self, line: str, prompt: str = ">>> ") -> str:
        """Type a line at the prompt, and return what is shown up to the next one."""
        self.type(line + "\n")
        self.read_until(b"\n")  # the line itself
        return self.read_until(prompt.encode()).decode(errors="replace").replace("\r", "")

    def interrupt(self, words: bytes) -> bytes:
        """Press Ctrl+C at the prompt until some words are shown, and return what comes before.

        Python's line editor is deaf to it for the moment in which it takes a key.
        """
        for _ in range(10):
            self.type("\x03")
            if self._is_shown(words, 3):
                break
        return self.read_until(words)

    def read_until(self, words: bytes) -> bytes:
        """Return what is shown up to some words."""
        self._is_shown(words, 30)
        seen, found, self.shown = self.shown.partition(words)
        assert found, seen
        return seen

    def _is_shown(self, words: bytes, timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while words not in self.shown and (left_s := until - time.monotonic()) > 0:
            if select.select([self.descriptor], [], [], left_s)[0]:
                self.shown += os.read(self.descriptor, 4096)
        return words in self.shown


@contextmanager
def terminal(corral: CommandLine, *arguments: str) -> Iterator[Terminal]:
    """Start a command on a terminal of its own; it is ended behind the test."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *corral.command(*arguments)],
        env=corral.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
