import itertools
import json
import re
from typing import Any

import pytest
from jinja2 import Environment, TemplateError

from corral.errors import UserError
from corral.gguf.reader import read_header
from corral.prompt import jinja_chat
from corral.prompt.conversation import Conversation
from corral.prompt.jinja_chat import ChatTemplates
from corral.prompt.message import Message, Role
from corral.prompt.tool import ToolCall
from helpers.models import gemma3_path, smollm2_path
from helpers.vectors import vectors

VECTORS = vectors("template_detect")
CHAT = [
    Message(role=Role.USER, content='Grüße & <b>"1"</b>\n'),
    Message(role=Role.ASSISTANT, content=" Hello\t世界 "),
    Message(role=Role.USER, content="{{ 7 * 7 }}"),
]
SYSTEM_CHAT = [Message(role=Role.SYSTEM, content="Be brief."), *CHAT]


def render(template: str, messages: list[Message] = CHAT, **options: bool) -> str:
    chat = Conversation(messages=tuple(messages))
    return ChatTemplates().render(template, chat, bos_token="<s>", eos_token="</s>", **options)


def test_a_template_that_reads_typed_parts_alone_is_given_them() -> None:
    parts_only = (
        "{% for message in messages %}{{ message.role }}: "
        "{% for part in message['content'] %}"
        "{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
        "{% endfor %};{% endfor %}"
    )
    either = (
        "{% for message in messages %}{% if message.content is string %}{{ message.content }};"
        "{% else %}parts;{% endif %}{% endfor %}"
    )
    chat = [Message(role=Role.USER, content="Hello"), Message(role=Role.ASSISTANT, content="Hi")]

    assert render(parts_only, chat, add_generation_prompt=False) == "user: Hello;assistant: Hi;"
    assert render(either, chat, add_generation_prompt=False) == "Hello;Hi;"


def render_outside(template: str, messages: list[Message], *, prompt: bool) -> str:
    """Jinja as it is, without any sandbox."""

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = Environment(  # the point of it: no sandbox, no escaping
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, **options: json.dumps(
        value, **{"ensure_ascii": False, **options}
    )
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda form: form
    return environment.from_string(template).render(
        messages=[{"role": item.role.value, "content": item.content} for item in messages],
        tools=None,
        documents=None,
        bos_token="<s>",
        eos_token="</s>",
        add_generation_prompt=prompt,
    )


def assert_same_as_outside(template: str) -> None:
    for messages, prompt in itertools.product((CHAT, SYSTEM_CHAT), (True, False)):
        refusal = ""
        try:
            expected = render_outside(template, messages, prompt=prompt)
        except TemplateError as error:
            refusal = str(error)
        if refusal:
            with pytest.raises(UserError, match=re.escape(refusal)):
                render(template, messages, add_generation_prompt=prompt)
        else:
            assert render(template, messages, add_generation_prompt=prompt) == expected


@pytest.mark.parametrize("case", VECTORS["index"], ids=lambda case: case["name"])
def test_known_chat_templates_render_as_jinja_renders_them_outside_the_sandbox(
    case: dict[str, Any],
) -> None:
    assert_same_as_outside(case["template"])


def test_the_template_of_smollm2_renders_as_outside_the_sandbox() -> None:
    template = read_header(smollm2_path()).chat_template
    assert template
    assert_same_as_outside(template)


def test_the_template_of_gemma_3_renders_as_outside_the_sandbox() -> None:
    """The 270M model's file has none of its own: it is the one that Ollama's index has for it."""
    assert read_header(gemma3_path()).chat_template is None
    known = (case for case in VECTORS["index"] if case["name"] == "gemma3-instruct")
    assert_same_as_outside(next(known)["template"])


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    print(f"\ntemplate_detect: {len(VECTORS['index'])} templates rendered")


TOOLED = Conversation(
    messages=(
        Message(role=Role.USER, content="Weather?"),
        Message(
            role=Role.ASSISTANT,
            content="",
            thinking="Hm.",
            tool_calls=(ToolCall(name="look", arguments={"city": "Łódź"}, id="c1"),),
        ),
        Message(role=Role.TOOL, content="18 C", tool_name="look", tool_call_id="c1"),
    ),
    tools=({"type": "function", "function": {"name": "look", "parameters": {}}},),
    thinks=False,
    think_level="high",
)


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("{{ tools[0].function.name }} {{ tools|length }}", "look 1"),
        ("{{ messages[1].tool_calls[0].function.arguments|tojson }}", '{"city": "Łódź"}'),
        ("{{ messages[1].tool_calls[0].id }} {{ messages[1].reasoning_content }}", "c1 Hm."),
        ("{{ messages[2].name }} {{ messages[2].tool_call_id }}", "look c1"),
        ("{{ enable_thinking }} {{ reasoning_effort }}", "False high"),
        ("{{ 'x' if documents is none else 'y' }}{{ documents }}", "xNone"),
        ("{% if messages[0].tool_calls is defined %}y{% else %}n{% endif %}", "n"),
    ],
)
def test_templates_find_tools_calls_and_switches_where_transformers_puts_them(
    template: str, written: str
) -> None:
    assert ChatTemplates().render(template, TOOLED, bos_token="", eos_token="") == written


def test_switches_that_are_not_set_are_not_there() -> None:
    template = "{{ enable_thinking is defined }}{{ reasoning_effort is defined }}{{ tools }}"
    assert render(template) == "FalseFalseNone"


def test_a_begun_answer_ends_the_prompt() -> None:
    template = (
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    begun = [*CHAT[:1], Message(role=Role.ASSISTANT, content="Well, ")]
    assert render(template, begun).endswith("<assistant>Well,")
    assert render(template, begun, add_generation_prompt=False).endswith("Well, </>")
    assert render(template).endswith("</><assistant>")


def test_smollm2_gets_the_prompt_that_it_was_trained_on() -> None:
    template = read_header(smollm2_path()).chat_template
    assert render(template, [Message(role=Role.USER, content="Hi")]) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )


def test_blocks_leave_no_blank_lines_and_loops_can_be_left() -> None:
    template = (
        "{% for m in messages %}\n  {% if loop.index > 1 %}\n    {% break %}\n  {% endif %}\n"
        "{{ m.role }}\n{% endfor %}"
    )
    assert render(template) == "user\n"


def test_the_generation_tag_keeps_its_content_and_its_names() -> None:
    template = "{% set a = 1 %}{% generation %}{% set a = 2 %}<{{ a }}>{% endgeneration %}{{ a }}"
    assert render(template) == "<2>1"


def test_tojson_escapes_nothing_for_html() -> None:
    assert render("{{ messages[0].content|tojson }}") == '"Grüße & <b>\\"1\\"</b>\\n"'
    assert render("{{ {'b': 1, 'a': [2]}|tojson(indent=1) }}") == '{\n "b": 1,\n "a": [\n  2\n ]\n}'


def test_the_date_is_at_hand() -> None:
    assert len(render("{{ strftime_now('%Y-%m-%d') }}")) == 10


def test_text_of_the_messages_is_never_a_template() -> None:
    assert render("{{ messages[-1].content }}") == "{{ 7 * 7 }}"


def test_half_surrogates_become_question_marks() -> None:
    assert render("{{ messages[0].content }}", [Message(role=Role.USER, content="a\ud800")]) == "a?"


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("{{ 1 }}\n{% if %}", 2, "Expected an expression"),
        ("\n\n{{ raise_exception('Roles must alternate') }}", 3, "Roles must alternate"),
        ("a\n{{ messages[0].tools.name }}", 2, "no attribute 'tools'"),
        ("{% macro f() %}\n{{ 1 / 0 }}{% endmacro %}\n{{ f() }}", 2, "division by zero"),
        ("{{ raise_exception('\x1b[31m<b>') }}", 1, "\\x1b[31m<b>"),
        ("{% include 'other' %}", 1, "no loader"),
        ("{{ messages.append(1) }}", 1, "'append' of a 'list' is out of reach"),
    ],
)
def test_a_failure_names_the_template_the_line_and_the_reason(
    template: str, line: int, words: str
) -> None:
    with pytest.raises(UserError, match=r"^The chat template fails") as caught:
        render(template)
    assert words in caught.value.summary
    assert caught.value.place
    assert caught.value.place.line == line


def test_too_long_a_template_is_refused_with_both_numbers() -> None:
    with pytest.raises(UserError, match=r"1,048,576 characters; at most 524,288"):
        render("a" * 1024 * 1024)


def test_too_long_a_prompt_is_refused_while_it_is_written() -> None:
    template = "{% for i in range(99999) %}{{ messages[0].content * 100 }}{% endfor %}"
    with pytest.raises(UserError, match=f"{jinja_chat.MAX_PROMPT_BYTES:,}"):
        render(template)
