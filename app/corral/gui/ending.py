"""How the process of the window ends, once everything in it is closed."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QTimer


class Ending(StrEnum):
    """How to leave."""

    PLAIN = "plain"
    HARD = "hard"  # a thread is parked inside llama.cpp, whose destructors might wait for it
    RESTART = "restart"


def close_on_signals(close: Callable[[], object]) -> None:
    """Let a logout, a shutdown and Ctrl+C in the terminal close the window in good order.

    Python hears a signal when it runs next, at the latest with a timer of the hardware panel.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: QTimer.singleShot(0, close))


def leave(ending: Ending) -> None:
    """End the process, or make it another one; return only for a plain end."""
    if ending is Ending.PLAIN:
        return
    logging.shutdown()
    if ending is Ending.RESTART:
        os.execv(sys.executable, restart_command())  # noqa: S606 (this program itself)
    os._exit(0)


def restart_command() -> list[str]:
    """Return the command line that this program was started with, without a file to import."""
    n_arguments = len(sys.argv) - 1
    return [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - n_arguments]]
