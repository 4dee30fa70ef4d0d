"""Any split of a stream gives the same segments, and closed ones never change."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corral.events import TextKind
from corral.gui.chat.markdown_segments import Code, Prose, SegmentSplitter

LINES = st.sampled_from(
    ["", " ", "word " * 80, "word", "# Title", "- item", "* item", "1. item", "12", "-", "   more",
     "```", "```python", "````", "~~~", "  ```js", "    ```", "``", "`a` b", "``` a`b", "> quote",
     "| a | b |", "|---|---|", "\tx", "é😀漢字", "x = 1\r", "**bold**", "   - deep", "\r"]
)  # fmt: skip
TEXTS = st.builds("\n".join, st.lists(LINES, max_size=30)) | st.text("`~-1. \n#ab", max_size=60)


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted(place % (len(text) + 1) for place in places)
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


@given(text=TEXTS, places=st.lists(st.integers(min_value=0, max_value=10_000), max_size=40))
@settings(max_examples=400, deadline=None)
def test_the_pieces_a_text_comes_in_do_not_matter(text: str, places: list[int]) -> None:
    whole, pieces = SegmentSplitter(), SegmentSplitter()
    whole.feed(text)
    for piece in cut(text, places):
        pieces.feed(piece)
    assert pieces.segments() == whole.segments()
    whole.finish()
    pieces.finish()
    assert pieces.segments() == whole.segments()


@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_all_segments_but_the_last_are_final(text: str) -> None:
    splitter = SegmentSplitter()
    final = []
    for letter in text:
        splitter.feed(letter)
        segments = list(splitter.segments())
        assert segments[: len(final)] == final
        assert list(splitter.closed) == segments[: len(splitter.closed)]
        final = segments[:-1]
    splitter.finish()
    assert splitter.segments()[: len(final)] == final


@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_nothing_that_was_written_is_lost(text: str) -> None:
    splitter = SegmentSplitter()
    splitter.feed(text)
    splitter.finish()
    kept = "".join(
        s.text + (s.language if isinstance(s, Code) else "") for s in splitter.segments()
    )
    assert letters(kept) <= letters(text)
    if "`" not in text and "~" not in text:
        assert "".join(kept.split()) == "".join(text.split())
        assert all(isinstance(s, Prose) and s.text.strip() for s in splitter.segments())


def letters(text: str) -> set[str]:
    return set(text) - set(" \t\r\n")


@given(parts=st.lists(st.tuples(TEXTS, st.sampled_from(TextKind)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_thinking_between_answers_keeps_its_place(parts: list[tuple[str, TextKind]]) -> None:
    whole, pieces = SegmentSplitter(), SegmentSplitter()
    for text, kind in parts:
        whole.feed(text, kind)
        for letter in text:
            pieces.feed(letter, kind)
    assert pieces.segments() == whole.segments()
