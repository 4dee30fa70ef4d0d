"""What must be set before llama.cpp and its OpenMP library come into the process."""

import os
import sys

# Without it a failed assertion forks and runs a debugger on the whole program.
NO_BACKTRACE = ("GGML_NO_BACKTRACE", "1")
# Short spinning at OpenMP barriers: as fast as the default on an idle machine, and many times
# faster beside a busy window, where long spinning steals the cores it waits for.
SPIN_COUNT = ("GOMP_SPINCOUNT", "1000")
# How long a busy Python thread may keep the GIL from the engine thread after each llama.cpp call.
SWITCH_INTERVAL_S = 0.001


def prepare_environment() -> None:
    """Set what llama.cpp reads at its start; what the user has set stays.

    Thread: any, before the first import of `llama_cpp`.
    """
    for name, value in (NO_BACKTRACE, SPIN_COUNT):
        os.environ.setdefault(name, value)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
