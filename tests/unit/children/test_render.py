"""Hostile chat templates: each ends as an error that names it, and the next one is rendered."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corral.children.command import child_environment
from corral.children.render_client import Renderer
from corral.errors import UserError
from corral.gguf.reader import read_header
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from helpers.models import smollm2_path

MESSAGES = Conversation(messages=(Message(role=Role.USER, content="Hi"),))
NOTHING = Conversation(messages=())
SOUND = "{{ bos_token }}{{ messages[0].role }}: {{ messages[0].content }}{{ eos_token }}"

ATTRIBUTE_WALKS = {
    "class": "{{ ''.__class__ }}",
    "subclasses": "{{ ().__class__.__base__.__subclasses__() }}",
    "globals": "{{ raise_exception.__globals__ }}",
    "class method": "{{ cycler.__init__.__globals__.os.popen('touch FILE').read() }}",
    "builtins": "{% for c in [].__class__.__base__.__subclasses__() %}{% if 'warning' in c.__name__"
    " %}{{ c()._module.__builtins__['__import__']('os').popen('touch FILE') }}{% endif %}"
    "{% endfor %}",
    "item": "{{ messages[0]['__class__'] }}",
    "attr filter": "{{ [1]|attr('__class__') }}",
    "map filter": "{{ [cycler]|map(attribute='__init__.__globals__')|list }}",
    "format": "{{ '{0.__init__.__globals__}'.format(cycler) }}",
    "format_map": "{{ '{a.__init__.__globals__}'.format_map({'a': cycler}) }}",
    "stored format": "{% set f = '{0.__class__}'.format %}{{ f(1) }}",
    "format by attr": "{{ ('{0.__class__}'|attr('format'))(cycler) }}",
    "format by map": "{{ (['{0.__class__}']|map('attr', 'format')|first)(cycler) }}",
    "context": "{{ self._TemplateReference__context }}",
    "generator frame": "{{ (messages|map('string')).gi_frame }}",
    "file": "{% include '/etc/passwd' %}",
    "module": "{% import 'os' as os %}",
    "change": "{{ messages.append(1) }}",
}

BOMBS = {
    "endless loop": "{% for i in range(99999) %}{% for j in range(99999) %}"
    "{% endfor %}{% endfor %}",
    "endless power": "{{ 7 ** (10 ** 8) }}",
    "endless text": "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
    "*": "{{ 'a' * 600000000 }}",
    "* that nearly fits": "{{ 'a' * 200000000 }}",
    "* of a list": "{{ ([1] * 400000000)|length }}",
    "~": "{% set n = namespace(s='aa') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}"
    "{% endfor %}",
    "+": "{% set n = namespace(s='aa') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}"
    "{% endfor %}",
    "ljust": "{{ 'a'.ljust(600000000) }}",
    "center": "{{ 'a'|center(600000000) }}",
    "format filter": "{{ '%600000000d'|format(1) }}",
    "format method": "{{ '{:600000000}'.format('a') }}",
    "escapes": "{{ '\\x01' * 4000000 }}",
    "recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "growing recursion": "{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('a') }}",
    "recursive loop": "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
    "recursive block": "{% block a %}{{ self.a() }}{% endblock %}",
    "nested value": "{% set n = namespace(x=1) %}{% for i in range(99999) %}{% set n.x = [n.x] %}"
    "{% endfor %}{{ n.x|tojson }}",
    "nested brackets": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "nested ifs": "{% if 1 %}" * 120 + "{% endif %}" * 120,
    "nested loops": "{% for a in [1] %}" * 25 + "{% endfor %}" * 25,
    "long sum": "{{ " + "+".join("1" * 30_000) + " }}",
    "1 MB of text": "a" * 1024 * 1024,
    "1 MB of expressions": "{{ x }}" * (1024 * 1024 // 7),
    "much to compile": "{{ x }}" * (500_000 // 7),
    "long error": "{{ raise_exception('x' * 20000000) }}",
}


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    renderer = Renderer()
    await renderer.prewarm()
    yield renderer
    await renderer.close()


async def assert_refused(renderer: Renderer, template: str) -> None:
    started = time.monotonic()
    with pytest.raises(UserError, match=r"^The chat template ") as caught:
        await renderer.render(template, MESSAGES, bos_token="<s>", eos_token="</s>")
    assert time.monotonic() - started < 3  # what is promised, not a benchmark
    assert len(str(caught.value)) < 500
    prompt = await renderer.render(SOUND, MESSAGES, bos_token="<s>", eos_token="</s>")
    assert prompt == "<s>user: Hi</s>"


@pytest.mark.parametrize("name", ATTRIBUTE_WALKS)
async def test_no_walk_leads_out_of_the_sandbox(
    renderer: Renderer, name: str, tmp_path: Path
) -> None:
    touched = tmp_path / "touched"
    await assert_refused(renderer, ATTRIBUTE_WALKS[name].replace("FILE", str(touched)))
    assert not touched.exists()


@pytest.mark.parametrize("name", BOMBS)
async def test_no_template_takes_more_than_its_time_memory_and_text(
    renderer: Renderer, name: str
) -> None:
    await assert_refused(renderer, BOMBS[name])


async def test_a_renderer_starts_by_itself_and_replaces_a_dead_child(renderer: Renderer) -> None:
    await renderer.close()
    assert await renderer.render("a", NOTHING) == "a"
    os.kill(renderer._child.pid, 9)
    assert await renderer.render("b", NOTHING) == "b"


async def test_a_real_model_gets_its_prompt_through_the_child(renderer: Renderer) -> None:
    template = read_header(smollm2_path()).chat_template
    assert template
    prompt = await renderer.render(template, MESSAGES)
    assert prompt.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")


async def test_the_prompt_can_be_asked_to_end_with_the_last_message(renderer: Renderer) -> None:
    template = "{% if add_generation_prompt %}assistant:{% endif %}"
    assert await renderer.render(template, NOTHING) == "assistant:"
    prompt = await renderer.render(template, NOTHING, add_generation_prompt=False)
    assert prompt == ""


def test_the_parent_does_not_import_jinja() -> None:
    code = "import sys, corral.children.render_client; sys.exit('jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=child_environment(), check=True, timeout=20)


GO_BOMBS = {
    "endless loop": "{{ range 99999999 }}{{ end }}",
    "endless text": "{{ range 99999 }}" + "x" * 1000 + "{{ end }}",
    "doubling": '{{ $s := "aaaaaaaaaa" }}{{ range 99 }}{{ $s = print $s $s }}{{ end }}',
    "recursion": '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
    "deep recursion": '{{ define "x" }}'
    + "{{ if 1 }}" * 50
    + '{{ template "x" . }}'
    + "{{ end }}" * 51
    + '{{ template "x" . }}',
    "nested brackets": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "1 MB of actions": "{{ 1 }}" * (1024 * 1024 // 7),
    "much to read": "{{ 1 }}" * (500_000 // 7) + "{{ nope }}",
    "width": '{{ range 9999 }}{{ printf "%9999d" 1 }}{{ end }}',
}


@pytest.mark.parametrize("name", GO_BOMBS)
async def test_no_modelfile_template_takes_more_than_it_may(renderer: Renderer, name: str) -> None:
    started = time.monotonic()
    with pytest.raises(UserError, match=r"^The (TEMPLATE|chat template) ") as caught:
        await renderer.render(GO_BOMBS[name], MESSAGES, language=TemplateLanguage.GO)
    assert time.monotonic() - started < 3  # what is promised, not a benchmark
    assert len(str(caught.value)) < 500
    sound = "{{ range .Messages }}{{ .Role }}: {{ .Content }}{{ end }}"
    prompt = await renderer.render(sound, MESSAGES, language=TemplateLanguage.GO)
    assert prompt == "user: Hi"
