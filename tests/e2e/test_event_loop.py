"""The window stays quick while a model answers."""

import pytest

from helpers.desktop import Program
from helpers.loop_gaps import GENEROUS_MS, measure


def test_the_loop_comes_round_while_an_answer_streams(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        assert measure(program) < GENEROUS_MS
