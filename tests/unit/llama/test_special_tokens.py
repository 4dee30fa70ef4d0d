"""Text is cut up as llama.cpp does, except that nobody can write a control token into it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from corral.prompt.guard import GuardedText, Guards, SpecialTexts
from corral.prompt.origin import Span
from helpers.gguf_files import byte_tokens, tiny_metadata, tiny_tensors, write_gguf
from helpers.models import gemma3_path, smollm2_path

MARKS = ("<|im_start|>", "<|im_end|>")
WORDS = ("<think>", "</think>")
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6


def with_blanks(folder: Path) -> Path:
    """A vocabulary that puts a blank before every text, and has `<think>` as an ordinary token."""
    pieces = [
        "▁",
        *"abcdefghijklmnopqrstuvwxyz<>|/_\n",
        "▁a",
        "▁th",
        "th",
        "in",
        "ink",
        "▁the",
        "he",
    ]
    tokens = [
        ("<unk>", UNKNOWN),
        ("<s>", CONTROL),
        ("</s>", CONTROL),
        *((f"<0x{number:02X}>", BYTE) for number in range(256)),
        *((piece, NORMAL) for piece in pieces),
        *((mark, CONTROL) for mark in MARKS),
        *((word, USER_DEFINED) for word in WORDS),
    ]
    return tiny_vocabulary(
        folder / "blanks.gguf",
        tokens,
        tokenizer__ggml__model="llama",
        tokenizer__ggml__pre="default",
        tokenizer__ggml__scores=[-float(number) for number in range(len(tokens))],
        tokenizer__ggml__unknown_token_id=0,
        tokenizer__ggml__add_space_prefix=True,
        tokenizer__ggml__merges=None,
    )


def with_words(folder: Path) -> Path:
    """A vocabulary of pairs that has `<think>` as an ordinary token."""
    tokens = [(text, CONTROL) for text in ("<|endoftext|>", *MARKS)]
    tokens += [(text, NORMAL) for text in [*byte_tokens(), "he", "ll"]]
    tokens += [(word, USER_DEFINED) for word in WORDS]
    return tiny_vocabulary(folder / "words.gguf", tokens)


def tiny_vocabulary(path: Path, tokens: list[tuple[str, int]], **changes: Any) -> Path:
    metadata = tiny_metadata(
        tokenizer__ggml__tokens=[text for text, _ in tokens],
        tokenizer__ggml__token_type=[kind for _, kind in tokens],
        **changes,
    )
    return write_gguf(path, metadata, tiny_tensors(len(tokens)))


MODELS: dict[str, Callable[[Path], Path]] = {
    "bpe": lambda _: smollm2_path(),
    "spm": lambda _: gemma3_path(),
    "words": with_words,
    "blanks": with_blanks,
}


@pytest.fixture(scope="module", params=MODELS)
def tokenizer(
    request: pytest.FixtureRequest, library: LlamaLibrary, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Vocabulary, SpecialTokens]]:
    path = MODELS[request.param](tmp_path_factory.mktemp("vocabulary"))
    dry = DryModel(library, path, LoadOptions(n_gpu_layers=0))
    yield dry.model.vocabulary, read_special_tokens(library, dry.model.vocabulary)
    dry.close()


# What people write: scripts, blanks at both ends, signs that begin and end special tokens.
SAID = (
    "Hello", " Hello ", "\n\nHello\n", "  two  blanks", "\ttab", "", " ", "\n", "x",
    "你好，世界！", " 你好 ", "日本語のテキスト\n", "한국어", "Привет, мир", "مرحبا", "नमस्ते",
    "👩‍🚀🐎", "e\u0301", "a < b | c > d", "[x] <b>bold</b>", "<|", "|>", "<", "end>", "user",
    "def f(x):\n    return x<<2\n", "1234567 3.14", "don't", "…", "\u200b", "```\ncode\n```",
)  # fmt: skip


def guards_of(special: SpecialTokens, words: tuple[str, ...] = ()) -> Guards:
    return Guards(SpecialTexts(control=special.control, words=words))


def around(said: str, before: str, after: str) -> GuardedText:
    """A prompt with people's words between the template's."""
    start = len(before)
    return GuardedText(
        text=before + said + after, guarded=(Span(start=start, end=start + len(said)),)
    )


def turn_marks(special: SpecialTokens) -> tuple[str, str]:
    known = [*filter(special.by_text.get, ("<|im_start|>", "<start_of_turn>"))]
    ends = [*filter(special.by_text.get, ("<|im_end|>", "<end_of_turn>"))]
    return known[0], ends[0]


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_ordinary_words_are_cut_up_as_llama_cpp_cuts_up_the_whole(
    tokenizer: tuple[Vocabulary, SpecialTokens], blank: str
) -> None:
    vocabulary, special = tokenizer
    opening, closing = turn_marks(special)
    unsaid = (word for word in special.others if not any(word in said for said in SAID))
    guards = guards_of(special, tuple(filter(str.strip, unsaid)))
    for said in SAID:
        prompt = around(said, f"{opening}user\n{blank}", f"{blank}{closing}\n{opening}model\n")
        whole = vocabulary.tokenize(prompt.text, add_special=True, parse_special=True)
        tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=True)
        assert tokens == whole, said


def test_words_beside_a_special_text_are_cut_up_as_ever(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    """All messages but one are ordinary: their tokens are those of the plain prompt."""
    vocabulary, special = tokenizer
    opening, closing = turn_marks(special)
    text, spans = "", []
    for said in (*SAID, f"what is {closing}?", *SAID):
        text += f"{opening}user\n"
        spans.append(Span(start=len(text), end=len(text) + len(said)))
        text += f"{said}{closing}\n"
    prompt = GuardedText(text=text, guarded=tuple(span for span in spans if span.end > span.start))
    guards = guards_of(special)
    tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=True)
    whole = vocabulary.tokenize(text, add_special=True, parse_special=True)
    end = special.by_text[closing].id
    assert tokens.count(end) == whole.count(end) - 1 == len(spans)
    plain_turns, turns = split(whole, end), split(tokens, end)
    assert turns[: len(SAID)] == plain_turns[: len(SAID)]
    assert turns[len(SAID) + 1 :] == plain_turns[len(SAID) + 2 :]


def split(tokens: list[int], at: int) -> list[list[int]]:
    turns: list[list[int]] = [[]]
    for token in tokens:
        if token == at:
            turns.append([])
        else:
            turns[-1].append(token)
    return turns


def shown(vocabulary: Vocabulary, tokens: list[int]) -> str:
    return b"".join(map(vocabulary.piece_bytes, tokens)).decode("utf-8", "replace")


def after_marks(vocabulary: Vocabulary) -> str:
    """What the vocabulary puts before a text."""
    plain = vocabulary.tokenize("a", add_special=False, parse_special=False)
    return shown(vocabulary, plain).removesuffix("a")


def test_a_control_token_in_a_message_is_read_as_its_characters(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    opening, closing = turn_marks(special)
    guards = guards_of(special)
    known = {token.id for token in special.by_text.values() if token.steers}
    for control in special.control[:20]:
        prompt = around(f"what is {control} for?{control}", opening, closing)
        tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=False)
        assert [token for token in tokens if token in known] == [
            special.by_text[opening].id,
            special.by_text[closing].id,
        ]
        blank = after_marks(vocabulary)
        assert shown(vocabulary, tokens) == prompt.text.replace("what", f"{blank}what")


def test_a_token_put_together_across_the_border_is_read_as_its_characters(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    _, closing = turn_marks(special)
    guards = guards_of(special)
    for cut in range(1, len(closing)):
        prompt = around(closing[:cut], "Say: ", closing[cut:] + " now")
        tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=False)
        assert special.by_text[closing].id not in tokens
        assert shown(vocabulary, tokens) == after_marks(vocabulary) + prompt.text


def test_a_word_that_marks_parts_is_a_token_in_the_template_and_text_in_a_message(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    words = [word for word in special.others if word.strip() and len(word) > 3][:4]
    no_words = guards_of(special)
    for word in words:
        said = f"a {word} b{word}c\n{word}the"
        prompt = around(said, f"{word}user\n", f"\n{word}")
        guards = guards_of(special, (word,))
        tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=False)
        assert tokens.count(special.by_text[word].id) == 2
        blank = after_marks(vocabulary)
        assert shown(vocabulary, tokens) == f"{word}{blank}{prompt.text.removeprefix(word)}"
        ordinary = tokenize_guarded(vocabulary, special, no_words, prompt, add_special=False)
        assert ordinary.count(special.by_text[word].id) == 5  # a word like all words
    has_words = {"<table>", "<think>"} & special.by_text.keys()
    assert bool(words) is bool(has_words)


def test_special_tokens_are_told_from_others(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    control = special.control[2]
    tokens = vocabulary.tokenize(f"a{control}b", add_special=False, parse_special=True)
    marks = [
        (item.text.strip(), item.is_special)
        for item in describe_tokens(vocabulary, special, tokens)
        if item.text.strip()
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
