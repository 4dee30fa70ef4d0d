"""A prompt costs next to nothing, and a dead child is replaced at once."""

import os
import time

import pytest

from corral.children.render_client import Renderer
from corral.gguf.reader import read_header
from corral.llama.dry_run import DryModel
from corral.llama.library import load_library
from corral.llama.special_tokens import read_special_tokens
from corral.plan.options import LoadOptions
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from helpers.models import gemma3_path, smollm2_path

pytestmark = pytest.mark.perf

MESSAGES = 100
RENDERING_BUDGET_S = 0.005
REPLACEMENT_BUDGET_S = 0.5
ROUNDS = 20
GO = (
    "{{ range $i, $_ := .Messages }}{{ $last := eq (len (slice $.Messages $i)) 1 }}"
    "<|im_start|>{{ .Role }}\n{{ .Content }}{{ if not $last }}<|im_end|>\n{{ end }}{{ end }}"
    "<|im_end|>\n<|im_start|>assistant\n"
)
CHAT = Conversation(
    messages=tuple(
        Message(role=(Role.USER, Role.ASSISTANT)[number % 2], content="Forty words. " * 20)
        for number in range(MESSAGES - 1)
    )
)


async def rendering_s(renderer: Renderer, template: str, language: TemplateLanguage) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await renderer.render_guarded(template, CHAT, language=language)
        times.append(time.perf_counter() - started)
    return min(times)


async def test_a_chat_of_a_hundred_messages_is_rendered_in_a_moment() -> None:
    own = read_header(smollm2_path()).chat_template
    assert own
    renderer = Renderer()
    try:
        jinja_s = await rendering_s(renderer, own, TemplateLanguage.JINJA)
        go_s = await rendering_s(renderer, GO, TemplateLanguage.GO)
    finally:
        await renderer.close()
    print(f"\n{MESSAGES} messages: Jinja {jinja_s * 1000:.2f} ms, Go {go_s * 1000:.2f} ms")
    assert jinja_s < RENDERING_BUDGET_S
    assert go_s < RENDERING_BUDGET_S


async def test_a_dead_child_is_replaced_at_once() -> None:
    renderer = Renderer()
    times = []
    try:
        for _ in range(5):
            await renderer.render("a", CHAT)
            pid = renderer._child.pid
            assert pid
            os.kill(pid, 9)
            started = time.perf_counter()
            await renderer.render("b", CHAT)
            times.append(time.perf_counter() - started)
    finally:
        await renderer.close()
    print(f"\na dead child is replaced in {min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms")
    assert min(times) < REPLACEMENT_BUDGET_S


def test_the_special_tokens_of_a_large_vocabulary_are_read_once_in_a_moment() -> None:
    library = load_library()
    dry = DryModel(library, gemma3_path(), LoadOptions(n_gpu_layers=0))
    started = time.perf_counter()
    special = read_special_tokens(library, dry.model.vocabulary)
    took_s = time.perf_counter() - started
    count = dry.model.vocabulary.n_vocab
    dry.close()
    print(f"\n{count:,} tokens, {len(special.by_text):,} special: {took_s * 1000:.0f} ms, once")
    assert took_s < 1
