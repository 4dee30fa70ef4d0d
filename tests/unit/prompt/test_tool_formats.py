"""The replies of well-known model families, split into thinking, answer and tool calls."""

import json

import pytest

from corral.events import TextAdded, TextKind, ToolCalled
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.reply_format import ReplyFormat, reply_format

TOOLS = ("get_weather", "add")
WEATHER = ("get_weather", {"city": "Paris"})
ADD = ("add", {"a": 1, "b": "2"})


def gguf(text: str) -> ChosenTemplate:
    return ChosenTemplate(source=TemplateSource.GGUF, text=text)


def told(
    reading: ReplyFormat, reply: str, prompt: str = ""
) -> tuple[str, str, list[tuple[str, object]], list[str]]:
    """Thinking, answer, sound calls and the texts of malformed ones."""
    splitter = reading.splitter(prompt)
    assert splitter
    pieces = [*splitter.feed(reply), *splitter.flush()]
    texts = dict.fromkeys(TextKind, "")
    for piece in pieces:
        if isinstance(piece, TextAdded):
            texts[piece.kind] += piece.text
    calls = [piece for piece in pieces if isinstance(piece, ToolCalled)]
    sound = [(item.name, json.loads(item.arguments)) for item in calls if not item.problem]
    bad = [item.arguments for item in calls if item.problem]
    return texts[TextKind.THINKING], texts[TextKind.ANSWER], sound, bad


QWEN = "{% <think></think><tool_call></tool_call> %}"
FAMILIES = {
    "qwen, hermes": (
        QWEN,
        (
            "<think>\nHm.\n</think>\n\nLet me see.\n<tool_call>\n"
            '{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>\n<tool_call>\n'
            '{"name": "add", "arguments": {"a": 1, "b": "2"}}\n</tool_call>'
        ),
        ("Hm.\n", "Let me see.\n", [WEATHER, ADD]),
    ),
    "qwen3-coder": (
        QWEN,
        (
            "Sure.<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n"
            '"2"\n</parameter>\n</function>\n</tool_call> Done.'
        ),
        ("", "Sure.Done.", [ADD]),
    ),
    "glm": (
        QWEN,
        (
            "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n"
            "</tool_call>"
        ),
        ("", "", [WEATHER]),
    ),
    "llama 3, bare": (
        "<|start_header_id|><|python_tag|>",
        '{"name": "get_weather", "parameters": {"city": "Paris"}}',
        ("", "", [WEATHER]),
    ),
    "llama 3, python tag": (
        "<|start_header_id|><|python_tag|>",
        '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}',
        ("", "", [WEATHER]),
    ),
    "llama 3, built in": (
        "<|python_tag|>",
        '<|python_tag|>brave_search.call(query="Paris")',
        ("", "", [("brave_search.call", {"query": "Paris"})]),
    ),
    "mistral, list": (
        "[TOOL_CALLS]",
        (
            '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}}, '
            '{"name": "add", "arguments": {"a": 1, "b": "2"}}]'
        ),
        ("", "", [WEATHER, ADD]),
    ),
    "mistral, names": (
        "[TOOL_CALLS] [THINK][/THINK]",
        (
            '[THINK]Hm.[/THINK]Now:[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}'
            '[TOOL_CALLS]add[CALL_ID]x1[ARGS]{"a": 1, "b": "2"}'
        ),
        ("Hm.", "Now:", [WEATHER, ADD]),
    ),
    "deepseek r1": (
        "<think></think><｜tool▁calls▁begin｜>",
        (
            "<think>Hm.</think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>"
            'get_weather\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>'
            'function<｜tool▁sep｜>add\n```json\n{"a": 1, "b": "2"}\n```<｜tool▁call▁end｜>'
            "<｜tool▁calls▁end｜>"
        ),
        ("Hm.", "", [WEATHER, ADD]),
    ),
    "deepseek v3.1": (
        "<｜tool▁calls▁begin｜>",
        (
            "Ok.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>"
            '{"city": "Paris"}'
            "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
        ),
        ("", "Ok.", [WEATHER]),
    ),
    "gpt-oss": (
        "<|start|><|message|><|channel|>",
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary"
            ' to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}'
        ),
        ("Hm.", "", [WEATHER]),
    ),
    "gpt-oss, answer": (
        "<|start|><|message|><|channel|>",
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.",
        ("Hm.", "Yes.", []),
    ),
    "gemma 3": (
        "<start_of_turn>```tool_code",
        'Ok.\n```tool_code\nprint(get_weather(city="Paris"))\n```',
        ("", "Ok.\n", [WEATHER]),
    ),
    "functiongemma": (
        "<start_function_call>",
        "<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>",
        ("", "", [WEATHER]),
    ),
    "command-r": (
        "Action: ```json",
        'Action: ```json\n[{"tool_name": "get_weather", "parameters": {"city": "Paris"}}]```',
        ("", "", [WEATHER]),
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_familys_reply_is_split(name: str) -> None:
    template, reply, expected = FAMILIES[name]
    thinking, answer, calls, bad = told(reply_format(gguf(template), (), TOOLS), reply)
    assert (thinking, answer, calls) == expected
    assert not bad


@pytest.mark.parametrize(
    ("template", "reply", "left"),
    [
        (QWEN, '<tool_call>{"name": "add", "arg</tool_call>', '{"name": "add", "arg'),
        (QWEN, '<tool_call>{"name": "add", "arguments": {', '{"name": "add", "arguments": {'),
        (QWEN, '<tool_call>{"x": 1}</tool_call>', '{"x": 1}'),
        ("[TOOL_CALLS]", "[TOOL_CALLS]add[ARGS]{nonsense", "add[ARGS]{nonsense"),
        ("<start_function_call>", "<start_function_call>hello<end_function_call>", "hello"),
    ],
)
def test_a_malformed_call_is_told_softly_with_its_text(
    template: str, reply: str, left: str
) -> None:
    assert told(reply_format(gguf(template), (), TOOLS), reply) == ("", "", [], [left])


def test_json_that_calls_no_known_tool_is_an_answer() -> None:
    reading = reply_format(gguf("<|start_header_id|>"), (), TOOLS)
    reply = '{"name": "Marie", "age": 7}'
    assert told(reading, reply) == ("", reply, [], [])


def test_without_tools_only_special_tokens_mark_calls() -> None:
    assert reply_format(gguf("{{ messages }} <tool_call>"), ()).splitter("") is None
    reading = reply_format(gguf(""), ("<tool_call>", "</tool_call>"))
    reply = '<tool_call>{"name": "add", "arguments": {}}</tool_call>'
    assert told(reading, reply) == ("", "", [("add", {})], [])


def test_a_prompt_that_ends_with_the_tag_begins_with_thinking() -> None:
    reading = reply_format(gguf(QWEN), ())
    assert told(reading, "Hm.</think>Yes.", "...<think>\n")[:2] == ("Hm.", "Yes.")


def test_a_modelfiles_template_says_what_marks_thinking_and_calls() -> None:
    text = (
        "{{ range .Messages }}{{ if .Thinking }}<hm>{{ .Thinking }}</hm>{{ end }}"
        "{{ range .ToolCalls }}<call>{{ .Function }}{{ end }}{{ end }}"
    )
    template = ChosenTemplate(source=TemplateSource.MODELFILE, text=text)
    reading = reply_format(template, (), TOOLS)
    reply = '<hm>So.</hm>Ok.<call>{"name": "add", "arguments": {"a": 1, "b": "2"}}'
    assert told(reading, reply) == ("So.", "Ok.", [ADD], [])
    assert {"<hm>", "</hm>"} <= set(reading.marks)


@pytest.mark.parametrize(
    ("parser", "reply", "said"),
    [
        ("qwen3-thinking", '<think>a</think>b<tool_call>{"name": "f"}</tool_call>', "abf"),
        ("qwen3-coder", "b<function=f>\n<parameter=x>\n1\n</parameter>\n</function>", "bf"),
        ("deepseek3", "<think>a</think>b", "ab"),
        ("ministral", '[THINK]a[/THINK]b[TOOL_CALLS]f[ARGS]{"x": 1}', "abf"),
        ("harmony", "<|channel|>analysis<|message|>a<|end|>", "a"),
        ("gemma4", "b<|tool_call>call:f{}<tool_call|>", "bf"),
    ],
)
def test_a_named_parser_is_heeded_where_the_template_says_nothing(
    parser: str, reply: str, said: str
) -> None:
    template = ChosenTemplate(source=TemplateSource.MODELFILE, text="{{ .Prompt }}")
    splitter = reply_format(template, [], ["f"], parser).splitter("")
    assert splitter
    pieces = [*splitter.feed(reply), *splitter.flush()]
    words = [piece.text if isinstance(piece, TextAdded) else piece.name for piece in pieces]
    assert "".join(words) == said
    assert all(isinstance(piece, TextAdded) or not piece.problem for piece in pieces)


def test_passthrough_splits_nothing_and_an_unknown_parser_changes_nothing() -> None:
    template = ChosenTemplate(source=TemplateSource.GGUF, text="<think></think>{{ tools }}")
    assert reply_format(template, [], ["f"], "passthrough").splitter("") is None
    assert reply_format(template, [], ["f"], "??") == reply_format(template, [], ["f"])
