"""Letters go away and come back, and bring their origin with them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from corral.prompt.origin import (
    Span,
    moved,
    moved_spans,
    restored,
    through,
    without_empty_planes,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(without_empty_planes)


@given(TEXTS)
def test_letters_come_back_as_they_were_and_blanks_never_leave(text: str) -> None:
    away = moved(text)
    assert restored(away) == text
    assert len(away) == len(text)
    assert [letter.isspace() for letter in away] == [letter.isspace() for letter in text]
    assert away.strip() == moved(text.strip())
    assert away.split() == [moved(word) for word in text.split()]


@given(TEXTS, TEXTS)
def test_a_text_in_the_middle_of_others_is_found_again(one: str, said: str) -> None:
    whole = one + moved(said) + one
    inside = set()
    for span in moved_spans(whole):
        inside |= set(range(span.start, span.end))
    told = {
        number for number in range(len(one), len(one) + len(said)) if not whole[number].isspace()
    }
    assert told <= inside <= set(range(len(one), len(one) + len(said)))
    assert restored(whole) == one + said + one


def test_blanks_between_words_belong_to_them_and_those_around_do_not() -> None:
    assert moved_spans(f"a {moved(' b  c ')} d") == (Span(start=3, end=7),)
    assert moved_spans("plain") == ()


def test_half_surrogates_become_question_marks() -> None:
    assert restored(moved("a\ud800")) == "a?"


def test_escaping_goes_through_and_what_it_adds_is_moved_too() -> None:
    escape = lambda text: json.dumps(text)[1:-1]  # noqa: E731 (short, and used twice)
    text = through(escape, 'x"' + moved('y"é'))
    assert restored(text) == escape('x"y"é')
    assert restored(text[3:]) == escape('y"é')
    assert text[:3] == 'x\\"'
    assert through(escape, 'x"') == escape('x"')


def test_nothing_stays_where_letters_are_moved_to() -> None:
    assert without_empty_planes("a\U00045678b\U0001f40e") == "a\ufffdb\U0001f40e"
