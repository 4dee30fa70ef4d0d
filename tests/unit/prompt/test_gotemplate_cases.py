"""Ollama's recorded cases of its templates, all of them; the counts are printed."""

from typing import Any

import pytest

from corral.errors import UserError
from corral.prompt.conversation import Conversation, conversation_from_json
from corral.prompt.gotemplate.evaluator import execute
from corral.prompt.gotemplate.fault import TemplateFault
from corral.prompt.gotemplate.functions import FUNCTION_NAMES
from corral.prompt.gotemplate.parser import parse
from corral.prompt.gotemplate.template import GoTemplate, collate
from corral.prompt.guard import all_moved
from corral.prompt.message import Message, Role
from corral.prompt.origin import restored
from helpers.vectors import vectors

LANGUAGE = vectors("gotemplate_language")
TEMPLATES = vectors("templates")
# Ollama prints a tool's function as a Go struct by mistake; here it is JSON, as `json` prints it.
IMPROVED = "go_struct_dump"


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    for name, found in (("gotemplate_language", LANGUAGE), ("templates", TEMPLATES)):
        sizes = {key: len(value) for key, value in found.items() if isinstance(value, list)}
        print(f"\n{name}: {sizes}")
    quirks = [case["id"] for case in TEMPLATES["cases"] if case.get("quirk")]
    print(f"templates: improved upon (a tool's function prints as JSON): {quirks}")


def conversation(case: dict[str, Any]) -> Conversation:
    given = {
        "messages": case["messages"],
        "tools": case.get("tools"),
        "suffix": case.get("suffix", ""),
        "think_level": case.get("think_level", ""),
        "thinks": case.get("think", False) if case.get("is_think_set") else None,
    }
    if "prompt" in case:
        given["messages"] = [{"role": "user", "content": case["prompt"]}]
    elif case.get("suffix"):
        given["suffix"] = ""  # without a prompt Ollama takes the way of a chat
    return conversation_from_json(given)


@pytest.mark.parametrize("case", LANGUAGE["cases"], ids=lambda case: case["id"])
def test_the_language_is_gos(case: dict[str, Any]) -> None:
    expected = case["expect"]
    if "parse_error" in expected:
        with pytest.raises(TemplateFault):
            parse(case["template"], FUNCTION_NAMES)
        return
    tree = parse(case["template"], FUNCTION_NAMES)
    if "error" in expected:
        with pytest.raises(TemplateFault):
            execute(tree, as_go(LANGUAGE["data"]))
    else:
        assert execute(tree, as_go(LANGUAGE["data"])) == expected["output"]


def as_go(value: Any) -> Any:
    """JSON as Go reads it: every number is a float."""
    if isinstance(value, dict):
        return {key: as_go(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_go(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("case", TEMPLATES["cases"], ids=lambda case: case["id"])
def test_prompts_are_ollamas(case: dict[str, Any]) -> None:
    expected = case["expect"]
    if "parse_error" in expected:
        with pytest.raises(UserError, match=r"line \d+, column \d+"):
            GoTemplate(case["template"])
        return
    template = GoTemplate(case["template"])
    if "error" in expected:
        with pytest.raises(UserError, match=r"line \d+, column \d+"):
            template.render(conversation(case))
        return
    prompt = template.render(conversation(case))
    if case.get("quirk") == IMPROVED:
        assert '{"name":"get_weather","description":"Get \\u003ccurrent' in prompt
        assert "{get_weather " not in prompt
    else:
        assert prompt == expected["output"]
    assert restored(template.render(all_moved(conversation(case)))) == prompt
    if "vars" in case:
        assert sorted(template.names) == case["vars"]


@pytest.mark.parametrize("case", TEMPLATES["vars"], ids=lambda case: case["template"])
def test_the_names_in_a_template_are_found(case: dict[str, Any]) -> None:
    assert sorted(GoTemplate(case["template"]).names) == case["vars"]


@pytest.mark.parametrize("case", TEMPLATES["parse_errors"], ids=lambda case: case["template"])
def test_a_broken_template_says_what_is_wrong(case: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=case["error_contains"]):
        GoTemplate(case["template"])


@pytest.mark.parametrize("case", TEMPLATES["collate"], ids=lambda case: case["source"])
def test_neighbours_of_one_role_become_one_message(case: dict[str, Any]) -> None:
    system, merged = collate([message(item) for item in case["messages"]])
    assert system == case["system"]
    assert merged == tuple(message(item) for item in case["expected"])


def message(item: dict[str, str]) -> Message:
    return Message(
        role=Role(item["role"]), content=item["content"], tool_name=item.get("tool_name", "")
    )
