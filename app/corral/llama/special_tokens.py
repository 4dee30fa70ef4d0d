"""Tokens that steer a model, and text that must not become one of them.

Where a person writes `<|im_end|>`, the model shall read these characters and not the token. All
other text around it is cut up exactly as llama.cpp would: it splits a text at special tokens and
cuts up what lies between on its own.
"""

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corral.llama.library import LlamaLibrary
from corral.llama.vocabulary import Vocabulary
from corral.prompt.guard import Span, special_pattern

UNKNOWN, CONTROL, USER_DEFINED = 1 << 0, 1 << 3, 1 << 4
STRIPS_LEFT, STRIPS_RIGHT = 1 << 7, 1 << 8


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
        pattern: Finds those that steer, None if there are none.

    Thread: the engine thread for making it; afterwards any.
    """

    def __init__(self, by_text: Mapping[str, SpecialToken]) -> None:
        self.by_text = by_text
        self.pattern: re.Pattern[str] | None = special_pattern(
            text for text, token in by_text.items() if token.steers
        )

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
    text: str,
    guarded: Sequence[Span],
    *,
    add_special: bool,
) -> list[int]:
    """Return the tokens of a prompt; inside the guarded places nothing is a control token."""
    tokens: list[int] = []
    for piece, parses in _pieces(special, text, guarded):
        first = add_special and not tokens
        tokens += vocabulary.tokenize(piece, add_special=first, parse_special=parses)
    return tokens


def _pieces(special: SpecialTokens, text: str, guarded: Sequence[Span]) -> list[tuple[str, bool]]:
    """Cut a prompt at the control tokens around guarded places.

    Returns:
        Pieces of the text, and whether control tokens are looked for in them.
    """
    if not guarded or special.pattern is None:
        return [(text, True)]
    hits = [
        found.span()
        for found in special.pattern.finditer(text)
        if not any(span.start < found.end() and found.start() < span.end for span in guarded)
    ]
    pieces: list[tuple[str, bool]] = []
    position = 0
    for start, end in _windows(hits, guarded, len(text)):
        if position < start:
            pieces.append((text[position:start], True))
        if window := _stripped(special, text, start, end):
            pieces.append((window, False))
        position = end
    if position < len(text):
        pieces.append((text[position:], True))
    return pieces


def _windows(
    hits: Sequence[tuple[int, int]], guarded: Sequence[Span], length: int
) -> list[tuple[int, int]]:
    """Return the stretches between control tokens that hold guarded places."""
    windows: list[tuple[int, int]] = []
    for span in guarded:
        start = max((end for _, end in hits if end <= span.start), default=0)
        end = min((begin for begin, _ in hits if begin >= span.end), default=length)
        if not windows or windows[-1] != (start, end):
            windows.append((start, end))
    return windows


def _stripped(special: SpecialTokens, text: str, start: int, end: int) -> str:
    """Return a stretch without the blanks that belong to the tokens beside it."""
    window = text[start:end]
    assert special.pattern is not None
    for known, token in special.by_text.items():
        if token.strips_right and text.endswith(known, 0, start):
            window = window.lstrip()
        if token.strips_left and text.startswith(known, end):
            window = window.rstrip()
    return window


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
