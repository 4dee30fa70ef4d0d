import pytest

from corral.chats.title import automatic_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("  two\n\tlines ", "two lines"),
        ("", ""),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("量" * 100, "量" * 59 + "…"),
        ("word " * 20, "word " * 10 + "word word…"),
        ("a " + "b" * 90, "a " + "b" * 57 + "…"),
    ],
)
def test_a_title_is_the_first_words_on_one_line(text: str, title: str) -> None:
    assert automatic_title(text) == title.strip()
