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
from corral.prompt.guard import GuardedText, Guards, SpecialTexts
from corral.prompt.origin import Span
from helpers.models import gemma3_path, smollm2_path


@pytest.fixture(scope="module", params=[smollm2_path, gemma3_path], ids=["bpe", "spm"])
def tokenizer(
    request: pytest.FixtureRequest, library: LlamaLibrary
) -> Iterator[tuple[Vocabulary, SpecialTokens]]:
    dry = DryModel(library, request.param(), LoadOptions(n_gpu_layers=0))
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


def test_a_control_token_in_a_message_is_read_as_its_characters(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    opening, closing = turn_marks(special)
    for control in special.control[:20]:
        prompt = around(f" What is {control} for?{control}", opening, closing)
        tokens = tokenize_guarded(
            vocabulary, special, guards_of(special), prompt, add_special=False
        )
        known = {token.id for token in special.by_text.values() if token.steers}
        assert [token for token in tokens if token in known] == [
            special.by_text[opening].id,
            special.by_text[closing].id,
        ]
        assert shown(vocabulary, tokens) == prompt.text


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
        assert shown(vocabulary, tokens) == prompt.text


def test_a_word_that_marks_parts_is_a_token_in_the_template_and_text_in_a_message(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    words = [word for word in special.others if word.strip() and len(word) > 3][:20]
    for word in words:
        said = f"a {word} b{word}"
        prompt = around(said, f"{word}user\n", f"\n{word}")
        guards = guards_of(special, (word,))
        tokens = tokenize_guarded(vocabulary, special, guards, prompt, add_special=False)
        assert tokens.count(special.by_text[word].id) == 2
        assert shown(vocabulary, tokens) == prompt.text
        ordinary = tokenize_guarded(
            vocabulary, special, guards_of(special), prompt, add_special=False
        )
        assert ordinary.count(special.by_text[word].id) == 4  # a word like all words
    assert words or "<start_of_turn>" not in special.by_text, "Gemma has some"


def test_special_tokens_are_told_from_others(
    tokenizer: tuple[Vocabulary, SpecialTokens],
) -> None:
    vocabulary, special = tokenizer
    control = special.control[3]
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
