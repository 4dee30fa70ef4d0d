"""Whatever a template does with messages, their special tokens are known in its prompt."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.prompt.conversation import Conversation
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.guard import (
    GuardedText,
    Guards,
    SpecialTexts,
    agreed,
    all_moved,
    clean,
    kept,
    marking_words,
    said_moved,
    special_moved,
    special_pattern,
    written_specials,
)
from corral.prompt.jinja_chat import ChatTemplates
from corral.prompt.message import Message, Role
from corral.prompt.origin import Span, moved, restored
from corral.prompt.tool import ToolCall
from helpers.vectors import vectors

GUARDS = Guards(SpecialTexts(control=("<|end|>", "<|end|>2", "<s>"), words=("<think>", "</think>")))
assert GUARDS.everything
assert GUARDS.control


def chat(content: str, role: Role = Role.USER, **fields: object) -> Conversation:
    message = Message(role=role, content=content)
    return Conversation(messages=(replace(message, **fields),))  # type: ignore[arg-type]


def jinja(template: str) -> Callable[[Conversation], str]:
    templates = ChatTemplates()
    return lambda chat: templates.render(
        template, chat, bos_token="<s>", eos_token="", add_generation_prompt=False
    )


def go(template: str) -> Callable[[Conversation], str]:
    return GoTemplate(template).render


def rendered(render: Callable[[Conversation], str], given: Conversation) -> GuardedText:
    """The way that `PromptWriter` goes."""
    plain = render(given)
    for away in (all_moved(given), said_moved(given, GUARDS), special_moved(given, GUARDS)):
        with_moved = render(away)
        if found := agreed(plain, with_moved):
            return found
    return kept(with_moved)


def guarded_words(prompt: GuardedText) -> list[str]:
    return [prompt.text[span.start : span.end] for span in prompt.guarded]


WHOLE = "  Say <|end|> and ☃ 你好.  "
BRACKETED = "<|end|>[{}]<|end|>"


@pytest.mark.parametrize(
    ("render", "text"),
    [
        (jinja("<|end|>[{{ messages[0].content }}]<|end|>"), WHOLE),
        (jinja("<|end|>[{{ messages[0].content | trim }}]<|end|>"), WHOLE.strip()),
        (jinja("<|end|>[{{ messages[0].content | upper }}]<|end|>"), WHOLE.upper()),
        (jinja("<|end|>[{{ messages[0].content | replace(' ', '_') }}]<|end|>"), None),
        (jinja("<|end|>[{{ messages[0].content.split() | join('') }}]<|end|>"), None),
        (jinja("<|end|>[{{ messages[0].content[4:] }}]<|end|>"), WHOLE[4:]),
        (jinja("<|end|>[{{ messages[0].content | tojson }}]<|end|>"), None),
        (jinja("<|end|>[{{ messages[0].content | tojson(ensure_ascii=true) }}]<|end|>"), None),
        (jinja("<|end|>[{{ '%s' | format(messages[0].content) }}]<|end|>"), WHOLE),
        (go("<|end|>[{{ .Prompt }}]<|end|>"), WHOLE),
        (go('<|end|>[{{ printf "%q" .Prompt }}]<|end|>'), None),
        (go("<|end|>[{{ json .Prompt }}]<|end|>"), None),
        (go("<|end|>[{{ len .Prompt }}]<|end|>"), str(len(WHOLE.encode()))),
        (go("<|end|>[{{ slice .Prompt 4 12 }}]<|end|>"), WHOLE[4:12]),
        (go("<|end|>[{{ html .Prompt }}{{ js .Prompt }}{{ urlquery .Prompt }}]<|end|>"), None),
        (go('<|end|>[{{ if eq .Prompt "<s>" }}x{{ end }}{{ .Prompt }}]<|end|>'), WHOLE),
    ],
)
def test_a_template_that_works_on_text_writes_what_it_would_and_origins_are_known(
    render: Callable[[Conversation], str], text: str | None
) -> None:
    given = chat(WHOLE)
    prompt = rendered(render, given)
    assert not prompt.is_kept
    assert prompt.text == render(given)
    if text is not None:
        assert prompt.text == BRACKETED.format(text)
    written = written_specials(GUARDS.everything, prompt.text, prompt.guarded)
    if "<|end|>" in prompt.text[8:-8]:
        assert written == [
            Span(start=0, end=7),
            Span(start=len(prompt.text) - 7, end=len(prompt.text)),
        ]


def test_a_template_that_looks_for_marks_in_people_s_words_is_not_let() -> None:
    render = jinja("{{ 'cut' if '</think>' in messages[0].content else messages[0].content }}")
    prompt = rendered(render, chat("a</think>b"))
    assert prompt == GuardedText(text="a</think>b", guarded=(Span(start=1, end=9),), is_kept=True)


def test_a_template_may_cut_old_thinking_out_of_answers() -> None:
    render = jinja("{{ messages[0].content.split('</think>')[-1] }}<|end|>")
    prompt = rendered(render, chat("<think>a</think>b<|end|>", Role.ASSISTANT))
    assert (prompt.text, prompt.is_kept) == ("b<|end|><|end|>", False)
    assert guarded_words(prompt) == ["<|end|>"]


def test_a_special_token_put_together_of_the_templates_and_a_persons_words_is_none() -> None:
    prompt = rendered(jinja("<|{{ messages[0].content }}|>"), chat("end"))
    assert prompt.text == "<|end|>"
    assert written_specials(GUARDS.everything, prompt.text, prompt.guarded) == []


def test_tools_keep_their_names_and_lose_what_is_special() -> None:
    tool = {"type": "function", "function": {"name": "f", "description": "a <s> b"}}
    calls = (ToolCall(name="f", arguments={"x": ["<|end|>", 1]}),)
    given = replace(chat("", Role.ASSISTANT, tool_calls=calls), tools=(tool,))
    render = jinja(
        "{% if tools[0].type == 'function' and tools[0].function.name == 'f' %}{{ tools | tojson }}"
        "{% endif %}{{ messages[0].tool_calls[0].function.arguments | tojson }}<|end|>"
    )
    prompt = rendered(render, given)
    assert prompt.text == render(given)
    assert guarded_words(prompt) == ["a <s> b", "<|end|>"]
    written = written_specials(GUARDS.everything, prompt.text, prompt.guarded)
    assert written == [Span(start=len(prompt.text) - 7, end=len(prompt.text))]


def test_words_that_look_like_no_special_token_leave_the_prompt_in_one_piece() -> None:
    prompt = rendered(jinja("<|end|>{{ messages[0].content }}<|end|>"), chat("a < b | end > [x]"))
    assert written_specials(GUARDS.everything, prompt.text, prompt.guarded) is None


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(["<|end|>", "<s>", "<|", "end", "|>", " ", "x"]), st.booleans()),
        max_size=12,
    )
)
def test_only_what_the_template_wrote_alone_is_a_special_token(
    pieces: list[tuple[str, bool]],
) -> None:
    assert GUARDS.everything
    whole = "".join(moved(text) if is_said else text for text, is_said in pieces)
    prompt = kept(whole)
    hits = [
        Span(start=hit.start(), end=hit.end()) for hit in GUARDS.everything.finditer(prompt.text)
    ]
    written = written_specials(GUARDS.everything, prompt.text, prompt.guarded)
    for span in hits if written is None else written:
        assert whole[span.start : span.end] == prompt.text[span.start : span.end]


@pytest.mark.parametrize("case", vectors("template_detect")["index"], ids=lambda case: case["name"])
def test_known_templates_write_what_they_would_with_all_special_texts_known(
    case: dict[str, str],
) -> None:
    said = (" <|end|>\u4f60 ", "x<s>", "</think> <|")
    roles = (Role.USER, Role.ASSISTANT, Role.USER)
    given = Conversation(
        messages=tuple(
            Message(role=role, content=text) for role, text in zip(roles, said, strict=True)
        )
    )
    render = jinja(case["template"])
    prompt = rendered(render, given)
    assert (prompt.text, prompt.is_kept) == (render(given), False)
    for text in said:
        assert any(text.strip() in words for words in guarded_words(prompt))


def test_the_longest_special_token_is_the_one_that_is_found() -> None:
    assert GUARDS.control
    assert GUARDS.control.findall("<|end|>2<|end|>") == ["<|end|>2", "<|end|>"]


def test_ordinary_tokens_mark_parts_where_the_template_or_replies_have_them() -> None:
    words = ("<think>", "<table>", "\n\n", "  ", "<tool_call>")
    assert marking_words(words, "a<think>\n\n  b", ["<tool_call>"]) == ("<think>", "<tool_call>")


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


def test_nested_texts_are_found_and_endless_ones_are_left_alone() -> None:
    pattern = special_pattern(["<" * length for length in range(1, 300)])
    assert pattern
    assert pattern.findall("a<<<b" + "<" * 150) == ["<<<", "<" * 100, "<" * 50]
    assert special_pattern(["", "x" * 1000]) is None


def test_letters_that_nobody_has_defined_are_replaced() -> None:
    assert clean(chat("a\U00050000b")).messages[0].content == "a\ufffdb"
    assert restored(all_moved(chat("a\U000f0001b")).messages[0].content) == "a\U000f0001b"
