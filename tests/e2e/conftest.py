"""The screen, the program and its pictures."""

from pathlib import Path

import pytest

from helpers.stage import pictures, program, pytest_terminal_summary, screen

__all__ = ["pictures", "program", "pytest_terminal_summary", "screen"]

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep those together that share the one screen, where tests run side by side."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("screen"))
