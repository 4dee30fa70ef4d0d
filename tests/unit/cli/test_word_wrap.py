"""Lines on a terminal break between words, however the text comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.cli.word_wrap import WordWrap


def wrapped(text: str, width: int, step: int = 1) -> str:
    wrap = WordWrap(width)
    parts = [text[at : at + step] for at in range(0, len(text), step)]
    return "".join(map(wrap.feed, parts)) + wrap.end()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three", "one two\nthree"),
        ("one two  three", "one two\nthree"),
        ("12345678 90", "12345678\n90"),
        ("12345678901234 x yz", "12345678901234 x\nyz"),
        ("a\n\n  b c d e f", "a\n\n  b c d\ne f"),
        ("end ", "end "),
        ("量子電腦是什麼", "量子電腦\n是什麼"),
        ("ab 量子電", "ab 量子\n電"),
        ("cafe\u0301 nice", "cafe\u0301\nnice"),
        ("", ""),
    ],
)
def test_lines_break_between_words(text: str, shown: str) -> None:
    assert wrapped(text, 8) == shown


def test_a_word_is_held_back_until_it_is_whole() -> None:
    wrap = WordWrap(10)
    assert wrap.feed("one tw") == "one"
    assert wrap.feed("o ") == " two"
    assert wrap.end() == " "


@given(st.text(st.sampled_from("ab \n\t量e\u0301"), max_size=60), st.integers(2, 12), st.data())
def test_the_pieces_do_not_matter_and_no_word_is_lost(
    text: str, width: int, data: st.DataObject
) -> None:
    whole = wrapped(text, width, max(1, len(text)))
    assert wrapped(text, width, data.draw(st.integers(1, 7))) == whole
    assert "".join(whole.split()) == "".join(text.split())
    assert whole.count("\n") >= text.count("\n")
