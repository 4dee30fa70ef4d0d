"""Bounds, places of mistakes, and what Ollama's cases leave out."""

import datetime as dt

import pytest

from corral.errors import UserError
from corral.prompt.conversation import Conversation
from corral.prompt.gotemplate.evaluator import Bounds, execute
from corral.prompt.gotemplate.functions import FUNCTION_NAMES
from corral.prompt.gotemplate.parser import parse
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.message import Message, Role

HELLO = Conversation(messages=(Message(role=Role.USER, content="Hello"),))


def prompt(template: str, content: str = "Hello") -> str:
    chat = Conversation(messages=(Message(role=Role.USER, content=content),))
    return GoTemplate(template).render(chat)


@pytest.mark.parametrize(
    ("template", "line", "column", "words"),
    [
        ("a\n{{ .Prompt", 2, 1, "unclosed"),
        ("{{ .Prompt }}\n  {{ upper .Prompt }}", 2, 6, '"upper" not defined'),
        ("{{ if .Prompt }}\nx", 1, 1, "no {{end}}"),
        ("x {{ end }}", 1, 6, "unexpected {{end}}"),
        ("{{ range .Messages }}{{ .Nope }}{{ end }}", 1, 25, "can't evaluate field Nope"),
        ("{{ .Prompt }}\n\n{{ len 3 }}", 3, 4, "len of type int"),
        ("{{ $x }}", 1, 4, "undefined variable"),
        ("{{ .Prompt | }}", 1, 14, "a value is missing"),
        ('{{ printf "%s" }}{{ index .Prompt 99 }}', 1, 21, "out of range"),
        ("{{/* no end", 1, 1, "comment"),
        ("{{ break }}", 1, 4, "outside {{range}}"),
    ],
)
def test_a_mistake_is_told_with_line_and_column(
    template: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(UserError, match=r"^The TEMPLATE fails") as caught:
        prompt(template)
    assert words in caught.value.summary
    assert caught.value.place
    assert (caught.value.place.line, caught.value.place.column) == (line, column)


@pytest.mark.parametrize(
    "template",
    [
        "{{ range 99999999 }}{{ end }}",
        "{{ range 9999 }}{{ range 9999 }}{{ end }}{{ end }}",
        '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
        '{{ $s := "aaaaaaaaaa" }}{{ range 99 }}{{ $s = print $s $s }}{{ end }}',
        "{{ range 99999 }}" + "x" * 1000 + "{{ end }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ if 1 }}" * 5000 + "{{ end }}" * 5000,
        "{{ if 0 }}" + "{{ else if 0 }}" * 5000 + "{{ end }}",
        "a" * 1024 * 1024,
    ],
)
def test_no_template_takes_more_than_it_may(template: str) -> None:
    with pytest.raises(UserError, match=r"^The TEMPLATE "):
        prompt(template)


def test_bounds_are_the_callers() -> None:
    tree = parse("{{ range 50 }}x{{ end }}", FUNCTION_NAMES)
    assert execute(tree, None) == "x" * 50
    template = GoTemplate("{{ range 50 }}x{{ end }}")
    with pytest.raises(UserError, match="more than 20 steps"):
        template.render(HELLO, Bounds(steps=20))
    with pytest.raises(UserError, match="more than 10 characters"):
        template.render(HELLO, Bounds(output_characters=10))


def test_a_width_is_not_a_bomb() -> None:
    assert prompt('{{ printf "%999999999d" 1 }}{{ .Prompt }}').startswith("%!(BADWIDTH)")


@pytest.mark.parametrize(
    ("action", "written"),
    [
        ('printf "%5d|%-5d|%05d" 42 42 42', "   42|42   |00042"),
        ('printf "%q %x" "a\\"b" "hi"', '"a\\"b" 6869'),
        ('printf "%.2f %v" 1.5 1000000.0', "1.50 1e+06"),
        ('printf "%s" "a" "b"', "a%!(EXTRA string=b)"),
        ('html "<a b=\\"c\\">"', "&lt;a b=&#34;c&#34;&gt;"),
        ('urlquery "a b&c"', "a+b%26c"),
        ("println 1 2", "1 2\n"),
        ("print 1 2", "1 2"),
        ('print "a" 1', "a1"),
        ('len "é"', "2"),
        ('index "abc" 1', "98"),
        ("ge 2 1 | not", "false"),
        ("1e3", "1000"),
        ("0x1F", "31"),
        ("`raw \\n`", "raw \\n"),
        ('json "a<b"', '"a\\u003cb"'),
    ],
)
def test_functions_write_what_go_writes(action: str, written: str) -> None:
    assert execute(parse(f"{{{{ {action} }}}}", FUNCTION_NAMES), None) == written


def test_the_dates_are_todays_and_yesterdays() -> None:
    written = execute(parse("{{ currentDate }} {{ yesterdayDate }}", FUNCTION_NAMES), None)
    today, yesterday = map(dt.date.fromisoformat, written.split())
    assert today - yesterday == dt.timedelta(days=1)


def test_a_tools_types_are_those_of_typescript() -> None:
    template = GoTemplate(
        "{{ range .Messages }}{{ end }}{{ range .Tools }}"
        "{{ range $n, $p := .Function.Parameters.Properties }}"
        "{{ $n }}:{{ toTypeScriptType $p }};{{ end }}{{ end }}"
    )
    properties = {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}, "c": {}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": properties}}}
    chat = Conversation(messages=HELLO.messages, tools=(tool,))
    assert template.render(chat) == "a:number;b:string | null;c:any;"


def test_half_surrogates_become_question_marks() -> None:
    assert prompt("{{ .Prompt }}", "a\ud800b") == "a?b"


def test_text_cut_inside_a_character_still_is_text() -> None:
    assert prompt('{{ slice .Prompt 0 1 }}{{ "" }}', "é") == "�"


def test_a_prefilled_answer_ends_the_prompt_of_an_old_template() -> None:
    chat = Conversation(messages=(*HELLO.messages, Message(role=Role.ASSISTANT, content="Well,")))
    template = "<u>{{ .Prompt }}</u><a>{{ if .Response }}{{ .Response }}{{ end }}</a>"
    assert GoTemplate(template).render(chat) == "<u>Hello</u><a>Well,"
