"""However a stream is cut, thinking and answer are the same."""

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from corral.events import TextKind
from corral.prompt.thinking import ThinkingSplitter

PARTS = ["<think>", "</think>", "<th", "</thi", "ink>", "a", "b", " ", "\n", "<", "é"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def split(pieces: list[str], *, starts_thinking: bool) -> dict[TextKind, str]:
    splitter = ThinkingSplitter(starts_thinking=starts_thinking)
    texts = dict.fromkeys(TextKind, "")
    for added in [item for piece in pieces for item in splitter.feed(piece)] + splitter.flush():
        texts[added.kind] += added.text
    return texts


@given(text=TEXTS, places=st.lists(st.integers(0, 60)), starts_thinking=st.booleans())
@example(text=" \n<think> \na</think> <think>b", places=[5], starts_thinking=False)
def test_any_split_gives_the_same_as_the_whole(
    text: str, places: list[int], starts_thinking: bool
) -> None:
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    pieces = [text[start:end] for start, end in itertools.pairwise(borders)]
    whole = split([text], starts_thinking=starts_thinking)
    assert split(pieces, starts_thinking=starts_thinking) == whole
    assert split(list(text), starts_thinking=starts_thinking) == whole


@given(text=TEXTS)
def test_a_reply_that_does_not_begin_with_the_tag_is_all_answer(text: str) -> None:
    if not text.lstrip().startswith("<think>"):
        assert split([text], starts_thinking=False)[TextKind.ANSWER] == text
