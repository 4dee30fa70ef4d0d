"""The screen, the program and its pictures."""

from helpers.stage import pictures, program, pytest_terminal_summary, screen

__all__ = ["pictures", "program", "pytest_terminal_summary", "screen"]
