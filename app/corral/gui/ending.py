"""How the process of the window ends, once everything in it is closed."""

import logging
import os
import sys
from enum import StrEnum


class Ending(StrEnum):
    """How to leave."""

    PLAIN = "plain"
    HARD = "hard"  # a thread is parked inside llama.cpp, whose destructors might wait for it
    RESTART = "restart"


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
