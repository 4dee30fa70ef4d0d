"""However a stream is cut, the stop search lets the same text through."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from corral.prompt.stop import StopSearch

LETTERS = st.text("ab<|", max_size=40)
STOPS = st.lists(st.text("ab<|", max_size=6), max_size=4)


def shown(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    search = StopSearch(stops)
    text, is_hit = "", False
    for piece in pieces:
        added, is_hit = search.feed(piece)
        text += added
    return text + search.flush(), is_hit


def cut(text: str, places: list[int]) -> list[str]:
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in itertools.pairwise(borders)]


@given(text=LETTERS, stops=STOPS, places=st.lists(st.integers(0, 40)))
def test_any_split_gives_the_same_as_the_whole(
    text: str, stops: list[str], places: list[int]
) -> None:
    whole = shown([text], stops)
    assert shown(cut(text, places), stops) == whole
    assert shown(list(text), stops) == whole


@given(text=LETTERS, stops=STOPS)
def test_no_stop_string_is_ever_shown_and_nothing_else_is_lost(text: str, stops: list[str]) -> None:
    result, is_hit = shown([text], stops)
    assert text.startswith(result)
    assert not any(stop and stop in result for stop in stops)
    assert is_hit == any(stop and stop in text for stop in stops)
    assert is_hit or result == text


@given(text=LETTERS, stops=STOPS)
def test_only_the_beginning_of_a_stop_string_is_held_back(text: str, stops: list[str]) -> None:
    search = StopSearch(stops)
    result, is_hit = search.feed(text)
    held = text[len(result) :]
    assert is_hit or not held or any(stop.startswith(held) for stop in stops)
