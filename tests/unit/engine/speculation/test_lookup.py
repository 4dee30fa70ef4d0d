"""Guesses from what was said already."""

from corral.engine.speculation.lookup import PromptLookup


def test_it_goes_on_as_the_same_words_went_on_before() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3])
    assert lookup.strength() == 4
    assert lookup.draft(3) == [4, 5, 6]
    for token in (4, 5, 6):
        lookup.extend(token)
    assert lookup.strength() == 8
    assert lookup.draft(2) == [7, 9]


def test_the_longest_match_wins_over_the_newest() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 50, 3, 4, 60, 1, 2, 3, 4])
    lookup.strength()
    assert lookup.draft(1) == [5]


def test_of_equal_matches_the_newest_wins_until_a_passage_is_followed() -> None:
    tokens = [7, 8, 1, 70, 7, 8, 2, 80, 5, 7, 8]
    lookup = PromptLookup(tokens)
    lookup.strength()
    assert lookup.draft(2) == [2, 80]
    for token in (1, 70):
        lookup.extend(token)
    lookup.strength()
    assert lookup.draft(2) == [7, 8]


def test_a_loop_is_guessed_to_go_round() -> None:
    lookup = PromptLookup([4, 1, 2, 1, 2, 1, 2])
    lookup.strength()
    assert lookup.draft(5) == [1, 2, 1, 2, 1]


def test_pictures_are_not_guessed() -> None:
    lookup = PromptLookup([1, 2, 3, -9, -9, 5, 1, 2])
    lookup.strength()
    assert lookup.draft(4) == [3]
    lookup = PromptLookup([1, 2, -9, -9, 5, 1, 2])
    lookup.strength()
    assert lookup.draft(4) == []


def test_what_never_stood_before_is_not_guessed() -> None:
    lookup = PromptLookup(range(50))
    assert lookup.strength() is None
    assert lookup.draft(4) == ()
    lookup.extend(3)
    assert lookup.strength() is None
    assert PromptLookup(()).strength() is None
