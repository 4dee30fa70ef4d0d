"""Text is cut up as llama.cpp does, except that nobody can write a control token into it."""

from collections.abc import Iterator

import pytest

from corral.llama.dry_run import DryModel
from corral.llama.library import LlamaLibrary
from corral.llama.special_tokens import (
    SpecialTokens,
    describe_tokens,
    read_special_tokens,
    tokenize_guarded,
)
from corral.llama.vocabulary import Vocabulary
from corral.plan.options import LoadOptions
from corral.prompt.guard import Span
from helpers.models import gemma3_path, smollm2_path

TEXTS = [
    "<|im_start|>user\n  Hello, world!\n\n<|im_end|>\n<|im_start|>assistant\n",
    "<start_of_turn>user\nx  y<end_of_turn>\n<start_of_turn>model\n",
    "no special token at all",
]


@pytest.fixture(scope="module", params=[smollm2_path, gemma3_path], ids=["bpe", "spm"])
def tokenizer(
    request: pytest.FixtureRequest, library: LlamaLibrary
) -> Iterator[tuple[Vocabulary, SpecialTokens]]:
    dry = DryModel(library, request.param(), LoadOptions(n_gpu_layers=0))
    yield dry.model.vocabulary, read_special_tokens(library, dry.model.vocabulary)
    dry.close()


def control_texts(special: SpecialTokens) -> list[str]:
    return [text for text, token in special.by_text.items() if token.steers]


@pytest.mark.parametrize("text", TEXTS)
def test_guarding_ordinary_words_changes_no_token(
    tokenizer: tuple[Vocabulary, SpecialTokens], text: str
) -> None:
    vocabulary, special = tokenizer
    whole = vocabulary.tokenize(text, add_special=True, parse_special=True)
    for word in ("Hello", "x  y", "special", "user"):
        start = text.find(word)
        spans = [Span(start=start, end=start + len(word))] if start >= 0 else []
        assert tokenize_guarded(vocabulary, special, text, spans, add_special=True) == whole


def test_a_control_token_in_a_message_is_read_as_its_characters(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    for control in control_texts(special)[:20]:
        text = f"{control}user\nWhat is {control} for?{control}\n"
        start = text.index(control, 1)
        spans = [Span(start=start, end=start + len(control))]
        tokens = tokenize_guarded(vocabulary, special, text, spans, add_special=False)
        assert tokens.count(special.by_text[control].id) == 2
        shown = "".join(item.text for item in describe_tokens(vocabulary, special, tokens))
        assert shown.replace(" ", "") == text.replace(" ", "")


def test_special_tokens_are_told_from_others(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    control = control_texts(special)[3]
    tokens = vocabulary.tokenize(f"a{control}b", add_special=False, parse_special=True)
    marks = [
        (item.text.strip(), item.is_special)
        for item in describe_tokens(vocabulary, special, tokens)
    ]
    assert marks == [("a", False), (control, True), ("b", False)]


def test_the_parts_of_tokens_are_the_whole_text(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    text = "Небо 你好 🐎 量子 ᚠᛇᚻ"
    tokens = vocabulary.tokenize(text, add_special=False, parse_special=True)
    described = describe_tokens(vocabulary, special, tokens)
    assert "".join(item.part for item in described).strip() == text
    assert any("�" in item.text for item in described)
