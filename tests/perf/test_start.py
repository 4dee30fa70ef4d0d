"""How long from the command to a window that takes keys, beside an empty PySide6 window."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.desktop import ROOT, Program

ROUNDS = 7
AIM, MOST = 1.5, 2.5
USABLE_WINDOW = Path(__file__).with_name("usable_window.py")


def seconds_to_usable(program: Program, *arguments: str) -> float:
    """Start a window, and close it when it has said that it is usable."""
    environment = {
        **program.screen.environment,
        "CORRAL_HOME": str(program.home),
        "PYTHONPATH": str(ROOT / "app"),
        # An installed program is compiled; a checkout on a read-only disk or in a sandbox may not.
        "PYTHONPYCACHEPREFIX": str(program.home / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(USABLE_WINDOW), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "usable"
        seconds = time.perf_counter() - started
        process.kill()
    return seconds


@pytest.mark.perf
def test_the_window_is_usable_soon(program: Program) -> None:
    first_s = seconds_to_usable(program, "corral")
    empty_s, ours_s = [], []
    for _ in range(ROUNDS):
        empty_s.append(seconds_to_usable(program))
        ours_s.append(seconds_to_usable(program, "corral"))
    empty, ours = statistics.median(empty_s), statistics.median(ours_s)
    print(
        f"\nusable window, median of {ROUNDS}: empty PySide6 {empty:.2f} s, Corral {ours:.2f} s, "
        f"ratio {ours / empty:.2f} (aim {AIM}, at most {MOST}); "
        f"Corral's first start, with the starter model to register: {first_s:.2f} s"
    )
    assert ours / empty < MOST
