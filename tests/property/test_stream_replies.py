"""However a reply is cut, thinking, answer and tool calls are the same, in every format."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corral.events import TextAdded, TextKind, ToolCalled
from corral.prompt.harmony import HARMONY_TAGS, HarmonySplitter
from corral.prompt.splitter import Chain, ReplySplitter, Splitter
from corral.prompt.thinking import ThinkingSplitter
from corral.prompt.tool_blocks import BlockSplitter
from corral.prompt.tool_formats import BLOCK_FORMATS
from corral.prompt.tool_tag import TagSplitter

JSON = [
    '{"name": "add", "arguments": {"a": "}]", "b": [1]}}',
    '{"name": "add"}',
    '{"name": "nope", "arguments": {}}',
    '{"a": "\\\\"}',
    '{"add": {"x": 1}}',
    "{", "}", "[", "]", '"', "\\", ",",
]  # fmt: skip
WORDS = ["<think>", "</think>", "a", " ", "\n", "<", "é", "add", "add_more", "```", "call:f{k:1}"]
BLOCKS = [mark for item in BLOCK_FORMATS for mark in item.marks]
INNER = [
    "<function=f>", "<parameter=x>", "</parameter>", "</function>", "f\n<arg_key>k</arg_key>",
    "<arg_value>1</arg_value>", "f(x=1)", "name",
]  # fmt: skip
HARMONY = [*HARMONY_TAGS, "analysis", "final", "commentary", " to=functions.add ", "json"]
NAMES = ["add", "add_more"]


def made(kind: str) -> Splitter:
    thinking = ThinkingSplitter()
    match kind:
        case "harmony":
            return HarmonySplitter()
        case "blocks":
            return ReplySplitter(thinking, BlockSplitter(BLOCK_FORMATS))
        case "chain":
            return ReplySplitter(
                thinking, Chain(TagSplitter("{", NAMES), BlockSplitter(BLOCK_FORMATS[:5]))
            )
        case _:
            return ReplySplitter(thinking, TagSplitter(kind, NAMES))


def told(kind: str, pieces: list[str]) -> tuple[str, str, list[ToolCalled]]:
    splitter = made(kind)
    found = [item for piece in pieces for item in splitter.feed(piece)] + splitter.flush()
    texts = dict.fromkeys(TextKind, "")
    for item in found:
        if isinstance(item, TextAdded):
            texts[item.kind] += item.text
    calls = [item for item in found if isinstance(item, ToolCalled)]
    return texts[TextKind.THINKING], texts[TextKind.ANSWER], calls


PARTS = [*JSON, *WORDS, *BLOCKS, *INNER, *HARMONY]


@pytest.mark.parametrize("kind", ["harmony", "blocks", "chain", "{", "[", "<tool_call>", "[T] ["])
@given(
    text=st.one_of(
        st.lists(st.sampled_from([*JSON, *WORDS, "<tool_call>", "[T] ["]), max_size=10),
        st.lists(st.sampled_from(PARTS), max_size=12),
        st.lists(st.sampled_from([*HARMONY, "a", *JSON[:2]]), max_size=12),
    ).map("".join),
    places=st.lists(st.integers(0, 400), max_size=8),
)
@example(text='[T] [{"name": "add", "arguments": {"a": "}]"}}', places=[60])
@example(text="a<|message|>", places=[])
@example(text='<think>x</think>[{"a": 1}] {"name": "add", "arguments": {}}', places=[20, 28])
def test_any_split_gives_the_same_as_the_whole(kind: str, text: str, places: list[int]) -> None:
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    pieces = [text[start:end] for start, end in itertools.pairwise(borders)]
    whole = told(kind, [text])
    assert told(kind, pieces) == whole
    assert told(kind, list(text)) == whole


@given(text=st.lists(st.sampled_from([*WORDS, "x{y}"]), max_size=10).map("".join))
def test_without_marks_nothing_is_lost(text: str) -> None:
    thinking, answer, calls = told("blocks", [text])
    if "<think>" not in text and "```" not in text:
        assert (thinking, answer, calls) == ("", text, [])
