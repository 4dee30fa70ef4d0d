"""Ollama's cases of roles, wishes for thinking, and thoughts in earlier answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from corral.library.names import parse_name
from corral.prompt.conversation import conversation_from_json
from corral.prompt.message import Message, Role
from corral.prompt.old_thinking import forgets_thinking, without_old_thinking
from corral.prompt.thinking_wish import ThinkingWish, thinking_wish
from helpers.vectors import vectors

MISC = vectors("misc")
Record = Callable[[str, object], None]


def said(wish: ThinkingWish) -> str | bool | None:
    return wish.level or wish.thinks


@pytest.mark.parametrize(
    ("cases", "key"), [("think_json", "request_json"), ("reasoning_effort", "effort")]
)
def test_wishes_for_thinking_are_read_as_ollama_reads_them(
    cases: str, key: str, record_property: Record
) -> None:
    for case in MISC[cases]:
        value = json.loads(case[key]).get("think") if key == "request_json" else case[key]
        if case["error"]:
            with pytest.raises(ValueError, match="thinking can be"):
                thinking_wish(value)
        else:
            assert said(thinking_wish(value)) == case["think"], case
    record_property("cases of misc", len(MISC[cases]))


def test_roles_are_read_in_any_case(record_property: Record) -> None:
    for case in MISC["message_role"]:
        conversation = conversation_from_json({"messages": [json.loads(case["input"])]})
        assert conversation.messages[0].role == case["role"]
    record_property("cases of misc", len(MISC["message_role"]))


def messages(entries: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(role=Role(each["role"]), content=each["content"]) for each in entries)


def test_thoughts_of_earlier_answers_are_left_out_where_ollama_does(
    record_property: Record,
) -> None:
    for case in MISC["filter_think_tags"]:
        name = parse_name(case["model_name"]).model if case["model_name"] else ""
        found = messages(case["messages"])
        if forgets_thinking(case["model_family"], name):
            found = without_old_thinking(found)
        assert found == messages(case["expect"])
    record_property("cases of misc", len(MISC["filter_think_tags"]))
