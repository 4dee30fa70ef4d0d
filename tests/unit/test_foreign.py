"""Strangers' text cannot command a terminal or turn a line around."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.foreign import safe_line, safe_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb\x00\x7f", "a\\x0db\\x00\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj\u202eexe", "gpj\\u202eexe"),
        ("\u2066x\u2069\u200f", "\\u2066x\\u2069\\u200f"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
        ("量子力學 שלום 👨\u200d👩", "量子力學 שלום 👨\u200d👩"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(st.text() | st.text(st.characters(max_codepoint=0x2100)))
def test_no_control_character_but_line_feed_and_tab_is_left(text: str) -> None:
    left = {char for char in safe_text(text) if unicodedata.category(char) in ("Cc", "Cs")}
    assert left <= {"\n", "\t"}


def test_a_line_is_one_line_and_not_longer_than_asked() -> None:
    assert safe_line(" a\n\n b\t\x1bc ") == "a b \\x1bc"
    assert safe_line("x" * 10, limit=10) == "x" * 10
    assert safe_line("x" * 11, limit=10) == "x" * 9 + "…"
