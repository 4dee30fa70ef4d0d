from typing import Any

import pytest

from corral.events import TextAdded, TextKind
from corral.prompt.thinking import ThinkingSplitter, thinking_tags
from helpers.vectors import vectors

VECTORS = vectors("thinking")


def joined(added: list[TextAdded], kind: TextKind) -> str:
    return "".join(item.text for item in added if item.kind is kind)


@pytest.mark.parametrize("case", VECTORS["one_shot"], ids=lambda case: case["input"])
def test_a_whole_reply_is_split_as_ollama_splits_it(case: dict[str, Any]) -> None:
    splitter = ThinkingSplitter()
    added = splitter.feed(case["input"]) + splitter.flush()
    assert joined(added, TextKind.THINKING) == case["thinking"]
    assert joined(added, TextKind.ANSWER) == case["content"]


@pytest.mark.parametrize("case", VECTORS["streaming"], ids=lambda case: case["name"])
def test_each_piece_gives_what_it_gives_in_ollama(case: dict[str, Any]) -> None:
    splitter = ThinkingSplitter()
    for step in case["steps"]:
        added = splitter.feed(step["input"])
        assert joined(added, TextKind.THINKING) == step["thinking"]
        assert joined(added, TextKind.ANSWER) == step["content"]


def test_a_prompt_that_ends_with_the_opening_tag_starts_in_thinking() -> None:
    splitter = ThinkingSplitter(starts_thinking=True)
    assert splitter.feed("\nfirst</think>\n\nthen") == [
        TextAdded(text="first", kind=TextKind.THINKING),
        TextAdded(text="then", kind=TextKind.ANSWER),
    ]


def test_a_reply_that_ends_within_a_tag_loses_nothing() -> None:
    splitter = ThinkingSplitter()
    added = splitter.feed("<think>why</thi") + splitter.flush()
    assert joined(added, TextKind.THINKING) == "why</thi"
    splitter = ThinkingSplitter()
    added = splitter.feed(" <thi") + splitter.flush()
    assert joined(added, TextKind.ANSWER) == " <thi"


def test_templates_that_know_thinking_name_its_tags() -> None:
    assert thinking_tags("{{ content.split('</think>')[-1] }}") == ("<think>", "</think>")
    assert thinking_tags("{{ content }}") is None
    assert thinking_tags(None) is None
