"""Tokens that steer a model, and text that must not become one of them.

Where a person writes `<|im_end|>`, the model shall read these characters and not the token. All
other text around it is cut up exactly as llama.cpp would: it splits a text at special tokens and
cuts up what lies between on its own. Where nobody writes any, llama.cpp cuts up the whole.
"""

import codecs
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corral.llama.library import LlamaLibrary
from corral.llama.vocabulary import Vocabulary
from corral.prompt.guard import GuardedText, Guards, SpecialTexts, marking_words, written_specials

UNKNOWN, CONTROL, USER_DEFINED = 1 << 0, 1 << 3, 1 << 4
STRIPS_LEFT, STRIPS_RIGHT = 1 << 7, 1 << 8
_SIGNS = "|>]}｜▷"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialToken:
    """A token that is found as a whole in a prompt.

    Attributes:
        id: The token.
        steers: Whether it is a control token, which messages must not hold; the others (such as
            `<think>` in some models) are ordinary words.
        strips_left: Whether blanks before it belong to it.
        strips_right: Whether blanks behind it belong to it.
    """

    id: int
    steers: bool
    strips_left: bool
    strips_right: bool


class SpecialTokens:
    """The special tokens of one vocabulary.

    Attributes:
        by_text: All of them.

    Thread: the engine thread for making it; afterwards any.
    """

    def __init__(self, by_text: Mapping[str, SpecialToken]) -> None:
        self.by_text = by_text
        self.control = tuple(text for text, token in by_text.items() if token.steers)
        self.others = tuple(text for text, token in by_text.items() if not token.steers)

    def texts(self, template: str, marks: Iterable[str]) -> SpecialTexts:
        """Return the texts that people must not write as tokens in prompts of a template.

        Args:
            template: The template.
            marks: Texts that mark parts of replies.
        """
        return SpecialTexts(control=self.control, words=marking_words(self.others, template, marks))

    def marks(self, texts: Iterable[str]) -> dict[int, str]:
        """Return the tokens among texts that say nothing by themselves, with their texts."""
        tokens = ((self.by_text.get(text), text) for text in texts)
        return {token.id: text for token, text in tokens if token and token.steers}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenText:
    """One token of a prompt.

    Attributes:
        id: The token.
        text: What it stands for; bytes that are no characters are shown as U+FFFD.
        part: What it adds to the text; those of all tokens are the whole text.
        is_special: Whether it is a special token.
    """

    id: int
    text: str
    part: str
    is_special: bool


def read_special_tokens(library: LlamaLibrary, vocabulary: Vocabulary) -> SpecialTokens:
    """Return the special tokens of a vocabulary.

    It looks at every token once, so that the caller should keep what it gets.
    """
    attributes: Any = library.short_call("llama_vocab_get_attr")
    read_text: Any = library.short_call("llama_vocab_get_text")
    found: dict[str, SpecialToken] = {}
    for token in range(vocabulary.n_vocab):
        bits: int = attributes(vocabulary.pointer, token)
        if not bits & (UNKNOWN | CONTROL | USER_DEFINED):
            continue
        data: bytes | None = read_text(vocabulary.pointer, token)
        if data:
            found[data.decode("utf-8", "replace")] = SpecialToken(
                id=token,
                steers=bool(bits & (UNKNOWN | CONTROL)),
                strips_left=bool(bits & STRIPS_LEFT),
                strips_right=bool(bits & STRIPS_RIGHT),
            )
    return SpecialTokens(found)


def tokenize_guarded(
    vocabulary: Vocabulary,
    special: SpecialTokens,
    guards: Guards,
    prompt: GuardedText,
    *,
    add_special: bool,
) -> list[int]:
    """Return the tokens of a prompt; inside the guarded places nothing is a special token."""
    text = prompt.text
    written = guards.everything and written_specials(guards.everything, text, prompt.guarded)
    if written is None:
        return vocabulary.tokenize(text, add_special=add_special, parse_special=True)
    edges = vocabulary.tokenize("", add_special=True, parse_special=True) if add_special else []
    begins = 1 if vocabulary.adds_bos else 0
    tokens = edges[:begins]
    position = 0
    before: SpecialToken | None = None
    for span in written:
        token = special.by_text[text[span.start : span.end]]
        tokens += _words(vocabulary, guards, text[position : span.start], before, token)
        tokens.append(token.id)
        position, before = span.end, token
    return [*tokens, *_words(vocabulary, guards, text[position:], before, None), *edges[begins:]]


def _words(
    vocabulary: Vocabulary,
    guards: Guards,
    text: str,
    before: SpecialToken | None,
    after: SpecialToken | None,
) -> list[int]:
    """Return the tokens of what lies between two special tokens; none of them is one."""
    if before and before.strips_right:
        text = text.lstrip()
    if after and after.strips_left:
        text = text.rstrip()
    tokens: list[int] = []
    for piece in _broken(text, guards.words):
        tokens += _tokens_behind(vocabulary, piece) if tokens else _plain_tokens(vocabulary, piece)
    return tokens


def _plain_tokens(vocabulary: Vocabulary, text: str) -> list[int]:
    return vocabulary.tokenize(text, add_special=False, parse_special=False) if text else []


def _tokens_behind(vocabulary: Vocabulary, text: str) -> list[int]:
    """Return the tokens of a text that goes on with another one.

    Some vocabularies put a blank before every text; behind a line break they do not.
    """
    line_break = _plain_tokens(vocabulary, "\n")
    tokens = _plain_tokens(vocabulary, "\n" + text)
    if tokens[: len(line_break)] == line_break:
        return tokens[len(line_break) :]
    return _plain_tokens(vocabulary, text)


def _broken(text: str, words: Sequence[str]) -> list[str]:
    """Cut a text inside of each of some words, which llama.cpp would find whole.

    It is cut before the sign at a word's end, where it mostly would be cut anyway.
    """
    pieces = [text]
    for word in sorted(words, key=len, reverse=True):
        border = len(word.rstrip(_SIGNS)) or len(word) - 1
        first, second = word[:border], word[border:]
        parts = [part for piece in pieces for part in _cut_at(piece, word, first, second)]
        pieces = parts
    return pieces


def _cut_at(text: str, word: str, first: str, second: str) -> list[str]:
    head, *rest = text.split(word)
    pieces = [head]
    for part in rest:
        pieces[-1] += first
        pieces.append(second + part)
    return pieces


def describe_tokens(
    vocabulary: Vocabulary, special: SpecialTokens, tokens: Sequence[int]
) -> list[TokenText]:
    """Return tokens with their texts, special ones too."""
    ids = {token.id for token in special.by_text.values()}
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    described = []
    for token in tokens:
        data = vocabulary.piece_bytes(token)
        described.append(
            TokenText(
                id=token,
                text=data.decode("utf-8", "replace"),
                part=decoder.decode(data),
                is_special=token in ids,
            )
        )
    return described
