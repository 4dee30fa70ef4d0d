from corral.events import TextKind
from corral.gui.chat.markdown_segments import Code, Prose, SegmentSplitter, Thinking


def split(text: str) -> list[object]:
    splitter = SegmentSplitter()
    splitter.feed(text)
    splitter.finish()
    return list(splitter.segments())


def test_code_stands_between_prose() -> None:
    assert split("Look:\n\n```python title=x\na = 1\n\nb = 2\n```\nDone.") == [
        Prose(text="Look:"),
        Code(language="python", text="a = 1\n\nb = 2", is_closed=True),
        Prose(text="Done."),
    ]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert split("````md\n```py\nx\n```\n````") == [
        Code(language="md", text="```py\nx\n```", is_closed=True)
    ]


def test_an_open_fence_shows_its_lines_but_not_the_start_of_its_end() -> None:
    splitter = SegmentSplitter()
    splitter.feed("```\nx\n``")
    assert splitter.segments() == [Code(language="", text="x", is_closed=False)]


def test_the_start_of_a_fence_is_never_seen_as_text() -> None:
    splitter = SegmentSplitter()
    for letter in "Hi\n\n```pyth":
        splitter.feed(letter)
        assert all("`" not in segment.text for segment in splitter.segments())


def test_three_backticks_inside_a_line_are_text() -> None:
    assert split("``` a`b") == [Prose(text="``` a`b")]


def test_code_in_a_list_loses_the_indent_of_its_item() -> None:
    segments = split("1. Do\n   ```sh\n   ls\n     -l\n   ```\n   - more\n2. Next")
    assert segments == [
        Prose(text="1. Do"),
        Code(language="sh", text="ls\n  -l", is_closed=True),
        Prose(text="- more\n2. Next"),
    ]


def test_long_prose_is_cut_at_a_blank_line_only() -> None:
    paragraph = "word " * 200
    segments = split("\n\n".join([paragraph.strip()] * 5))
    assert [len(segment.text) for segment in segments] == [1999 + 1, 2000, 999]
    assert len(split("\n".join([paragraph] * 5))) == 1


def test_a_list_is_never_cut() -> None:
    item = "- " + "word " * 100
    text = "\n\n".join([item] * 10) + "\n\n  more of the last one\n\nAfter the list."
    segments = split(text)
    assert len(segments) == 2
    assert segments[1] == Prose(text="After the list.")


def test_thinking_is_kept_apart_and_closed_by_the_answer() -> None:
    splitter = SegmentSplitter()
    splitter.feed("\nHm, ", TextKind.THINKING)
    assert splitter.segments() == [Thinking(text="Hm,", is_closed=False)]
    splitter.feed("yes.\n", TextKind.THINKING)
    splitter.feed("Yes.")
    assert splitter.segments() == [Thinking(text="Hm, yes.", is_closed=True), Prose(text="Yes.")]


def test_a_cut_off_block_is_closed_at_the_end() -> None:
    assert split("```c\nint x;") == [Code(language="c", text="int x;", is_closed=True)]
