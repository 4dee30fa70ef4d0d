import sys

import pytest

from corral.gui.ending import Ending, leave, restart_command


@pytest.mark.parametrize(
    ("started_as", "argv", "again"),
    [
        (["python", "-m", "corral"], ["/x/__main__.py"], ["-m", "corral"]),
        (["python", "-m", "corral", "a.gguf"], ["/x/__main__.py", "a.gguf"], ["-m", "corral"]),
        (["python", "/bin/corral", "a.gguf"], ["/bin/corral", "a.gguf"], ["/bin/corral"]),
        (["corral", "a.gguf"], ["corral", "a.gguf"], []),  # frozen: its own interpreter
    ],
)
def test_a_restart_is_the_same_start_without_the_file(
    monkeypatch: pytest.MonkeyPatch, started_as: list[str], argv: list[str], again: list[str]
) -> None:
    monkeypatch.setattr(sys, "orig_argv", started_as)
    monkeypatch.setattr(sys, "argv", argv)
    assert restart_command() == [sys.executable, *again]


def test_a_plain_end_is_left_to_python() -> None:
    leave(Ending.PLAIN)  # returns
