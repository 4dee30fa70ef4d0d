"""Marks around special tokens go through a template and come out again."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.prompt.conversation import Conversation
from corral.prompt.guard import (
    BREAK,
    FIRST_MARK,
    LAST_MARK,
    GuardedText,
    Span,
    broken,
    clean,
    marked,
    special_pattern,
    without_marks,
)
from corral.prompt.message import Message, Role
from corral.prompt.tool import ToolCall

PATTERN = special_pattern(["<|end|>", "<|end|>2", "<s>"])
assert PATTERN


def chat(content: str, **fields: object) -> Conversation:
    message = Message(role=Role.USER, content=content)
    return Conversation(messages=(replace(message, **fields),))  # type: ignore[arg-type]


def test_a_conversation_without_special_tokens_needs_no_marks() -> None:
    assert marked(chat("Hello < | end"), PATTERN) is None


def test_special_tokens_are_marked_wherever_people_write() -> None:
    tool = {"function": {"name": "f", "description": "a<s>"}}
    given = replace(
        chat(
            "x<|end|>y",
            thinking="<s>",
            tool_calls=(ToolCall(name="f", arguments={"<s>": ["<|end|>", 1]}),),
        ),
        tools=(tool,),
    )
    made = marked(given, PATTERN)
    assert made
    assert str(made).count(ascii(FIRST_MARK)[1:-1]) == 5
    assert made.messages[0].content == f"x{FIRST_MARK}<|end|>{LAST_MARK}y"


def test_the_longest_special_token_is_the_one_that_is_marked() -> None:
    made = marked(chat("<|end|>2"), PATTERN)
    assert made
    assert made.messages[0].content == f"{FIRST_MARK}<|end|>2{LAST_MARK}"


@given(
    texts=st.lists(st.text("<|ab[>", min_size=1, max_size=6), min_size=1, max_size=12),
    said=st.text("<|ab[>", max_size=60),
)
def test_the_pattern_finds_what_a_plain_list_of_the_texts_finds(
    texts: list[str], said: str
) -> None:
    pattern = special_pattern(texts)
    assert pattern
    plain = re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))))
    assert pattern.findall(said) == plain.findall(said)


def test_marks_come_out_as_places() -> None:
    text = f"ab{FIRST_MARK}<s>{LAST_MARK}cd{FIRST_MARK}x{LAST_MARK}"
    assert without_marks(text) == GuardedText(
        text="ab<s>cdx", guarded=(Span(start=2, end=5), Span(start=7, end=8))
    )
    assert without_marks("plain") == GuardedText(text="plain")


@pytest.mark.parametrize("text", ["ab", "ba", "aabb", "abb", "a", "b", "aba"])
def test_torn_marks_are_noticed(text: str) -> None:
    marks = text.replace("a", FIRST_MARK).replace("b", LAST_MARK)
    is_whole = text == "ab"
    assert (without_marks(marks) is not None) is is_whole


def test_a_broken_special_token_reads_the_same_and_is_none() -> None:
    text = broken(chat("a<|end|>"), PATTERN).messages[0].content
    assert text.replace(BREAK, "") == "a<|end|>"
    assert not PATTERN.search(text)


def test_texts_that_hold_the_marks_lose_them() -> None:
    assert clean(chat(f"a{FIRST_MARK}b{LAST_MARK}")).messages[0].content == "a�b�"


def test_nested_texts_are_found_and_endless_ones_are_left_alone() -> None:
    pattern = special_pattern(["<" * length for length in range(1, 300)])
    assert pattern
    assert pattern.findall("a<<<b" + "<" * 150) == ["<<<", "<" * 100, "<" * 50]
    assert special_pattern(["", "x" * 1000]) is None
