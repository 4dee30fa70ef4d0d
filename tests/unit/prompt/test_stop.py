import pytest

from corral.prompt.stop import StopSearch


def run(stops: list[str], *pieces: str) -> tuple[str, bool]:
    search = StopSearch(stops)
    shown, is_hit = "", False
    for piece in pieces:
        text, is_hit = search.feed(piece)
        shown += text
    return shown + search.flush(), is_hit


def test_text_before_the_stop_string_is_shown_and_nothing_after_it() -> None:
    assert run(["END"], "one END two", " three") == ("one ", True)


def test_a_stop_string_over_three_pieces_is_found() -> None:
    assert run(["<|im_end|>"], "Hi<|im", "_e", "nd|>") == ("Hi", True)


def test_what_could_become_a_stop_string_is_held_back_and_no_more() -> None:
    search = StopSearch(["<|end|>"])
    assert search.feed("a < b <|e") == ("a < b ", False)
    assert search.feed("x") == ("<|ex", False)


def test_what_was_held_back_is_shown_at_the_end() -> None:
    assert run(["END"], "the EN") == ("the EN", False)


def test_the_stop_string_that_is_complete_first_counts() -> None:
    assert run(["abcd", "bc"], "xabcd") == ("xa", True)


def test_of_two_complete_at_the_same_character_the_longer_counts() -> None:
    assert run(["bc", "abc"], "xabc") == ("x", True)


@pytest.mark.parametrize("stops", [[], [""]])
def test_without_stop_strings_all_text_passes_at_once(stops: list[str]) -> None:
    assert StopSearch(stops).feed("text") == ("text", False)
