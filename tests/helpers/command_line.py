"""The command line as its users start it: a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import corral

APP = Path(corral.__file__).parents[1]
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did."""

    exit_code: int
    out: str
    err: str


class CommandLine:
    """Runs `corral` in one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", **environment: str) -> Outcome:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            env=self.environment(**environment),
            timeout=TIMEOUT_S,
            check=False,
        )
        outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in outcome.err, outcome.err
        return outcome

    def start(self, *arguments: str | Path, **streams: int) -> subprocess.Popen[bytes]:
        """Start a command."""
        return subprocess.Popen(self.command(*arguments), env=self.environment(), **streams)

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command with its arguments."""
        return [sys.executable, "-m", "corral", *map(str, arguments)]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the command."""
        paths = os.pathsep.join(filter(None, [str(APP), os.environ.get("PYTHONPATH")]))
        return {**os.environ, "PYTHONPATH": paths, "CORRAL_HOME": str(self.home), **more}
