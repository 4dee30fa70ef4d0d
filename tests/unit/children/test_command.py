import os
import sys
from pathlib import Path

import pytest

from corral.children import command
from corral.children.command import child_command, child_environment


def test_a_child_is_this_program_again() -> None:
    assert child_command("render") == [
        sys.executable, "-P", "-m", "corral", "--child", "render",
    ]  # fmt: skip


def test_a_frozen_program_is_its_own_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command("render") == [sys.executable, "--child", "render"]


def test_a_child_finds_the_package_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PACKAGE_FOLDER", Path("/checkout/app/corral"))
    monkeypatch.setenv("PYTHONPATH", "/other")
    assert child_environment()["PYTHONPATH"].split(os.pathsep) == ["/checkout/app", "/other"]
    monkeypatch.delenv("PYTHONPATH")
    assert child_environment()["PYTHONPATH"] == "/checkout/app"


def test_an_installed_package_does_not_come_before_the_standard_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path("/venv/lib/python3.11/site-packages/corral")
    monkeypatch.setattr(command, "PACKAGE_FOLDER", folder)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert "PYTHONPATH" not in child_environment()
