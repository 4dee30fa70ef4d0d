"""Ollama's recorded cases of tool calls and thinking, all of them; the counts are printed."""

import json
from typing import Any

import pytest

from corral.events import TextAdded, ToolCalled
from corral.prompt.gotemplate.tags import inferred_thinking_tags, inferred_tool_tag
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.thinking import ThinkingSplitter
from corral.prompt.tool import tool_name
from corral.prompt.tool_json import find_arguments
from corral.prompt.tool_tag import TagSplitter
from helpers.vectors import vectors

TOOLS = vectors("tools")
THINKING = vectors("thinking")
NAMES = [tool_name(tool) for tool in TOOLS["tools"]]


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    for name, found in (("tools", TOOLS), ("thinking", THINKING)):
        sizes = {key: len(value) for key, value in found.items() if isinstance(value, list)}
        print(f"\n{name}: {sizes}")


@pytest.mark.parametrize("case", TOOLS["parser"], ids=lambda case: case["name"])
def test_calls_are_split_as_ollama_does(case: dict[str, Any]) -> None:
    splitter = TagSplitter(inferred_tool_tag(GoTemplate(case["template"]).tree), NAMES)
    pieces = [piece for text in case["inputs"] for piece in splitter.feed(text)]
    content = "".join(piece.text for piece in pieces if isinstance(piece, TextAdded))
    calls = [piece for piece in pieces if isinstance(piece, ToolCalled)]
    assert content == case["content"]
    assert [(item.name, json.loads(item.arguments)) for item in calls] == [
        (item["name"], item["arguments"]) for item in case["calls"]
    ]
    assert not any(item.problem for item in calls)


@pytest.mark.parametrize("case", TOOLS["parse_tag"], ids=lambda case: case["name"])
def test_the_tag_of_calls_is_found_in_the_template(case: dict[str, Any]) -> None:
    assert inferred_tool_tag(GoTemplate(case["template"]).tree) == case["tag"]


@pytest.mark.parametrize("case", TOOLS["find_arguments"], ids=lambda case: case["name"])
def test_arguments_are_found_in_a_call(case: dict[str, Any]) -> None:
    assert find_arguments(case["buffer"], case["tool"] or "") == case["arguments"]


@pytest.mark.parametrize("case", THINKING["infer_tags"], ids=lambda case: case["name"])
def test_the_tags_of_thinking_are_found_in_the_template(case: dict[str, Any]) -> None:
    tags = inferred_thinking_tags(GoTemplate(case["template"]).tree)
    assert tags == ((case["open"], case["close"]) if case["open"] else None)


def split(splitter: ThinkingSplitter, text: str) -> dict[str, str]:
    told = {"thinking": "", "answer": ""}
    for piece in splitter.feed(text):
        told[piece.kind] += piece.text
    return told


@pytest.mark.parametrize("case", THINKING["one_shot"], ids=lambda case: case["input"])
def test_a_whole_reply_is_split_into_thinking_and_answer(case: dict[str, Any]) -> None:
    told = split(ThinkingSplitter(), case["input"])
    assert told == {"thinking": case["thinking"], "answer": case["content"]}


@pytest.mark.parametrize("case", THINKING["streaming"], ids=lambda case: case["name"])
def test_a_growing_reply_is_split_step_by_step(case: dict[str, Any]) -> None:
    splitter = ThinkingSplitter()
    for step in case["steps"]:
        told = split(splitter, step["input"])
        assert told == {"thinking": step["thinking"], "answer": step["content"]}
