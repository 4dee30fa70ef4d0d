"""Text to tokens and back."""

import ctypes
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from corral.llama.library import LlamaLibrary

NO_TOKEN = -1
PIECE_BYTES = 32  # almost always enough; the longest of Gemma 3 has 48
# The pre-tokenizers recurse about 326 bytes of stack for each character of such a run, and the
# engine thread's stack is made for twice this many.
_LONG_RUN = re.compile(r"\s{200000}|\S{200000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FillingMarks:
    """The tokens by which a model knows that it is to fill a place in a text.

    Attributes:
        prefix: Stands before what is before the place.
        suffix: Stands before what is behind it.
        middle: Stands at the end: from there on the model fills.
    """

    prefix: int
    suffix: int
    middle: int


class Vocabulary:
    """The vocabulary of one loaded model.

    Attributes:
        pointer: The `llama_vocab`.
        n_vocab: How many tokens there are; ids are 0 to `n_vocab - 1`.
        pointer: The `llama_vocab`.
        bos_token: Text of the token that begins a text, empty when there is none.
        eos_token: Text of the token that ends a text, empty when there is none.
        bos: The token that begins a text, -1 when there is none.
        filling_marks: The tokens for filling places, None when it has none.
        kind: llama.cpp's number of the kind of tokenizer.
        control: The tokens that begin and end a text, -1 for none.
        adds_bos: Whether `tokenize` with `add_special` begins with that token.

    Thread: the engine thread, for its deep stack.
    """

    def __init__(self, library: LlamaLibrary, pointer: int) -> None:
        self.pointer = pointer
        self._tokenize: Any = library.api.llama_tokenize
        self._to_piece = library.short_call("llama_token_to_piece")
        self._is_end = library.short_call("llama_vocab_is_eog")
        self.n_vocab: int = library.api.llama_vocab_n_tokens(pointer)
        self._pieces: dict[int, str | bytes | None] = {}
        self.bos: int = library.api.llama_vocab_bos(pointer)
        self.bos_token = self._text(self.bos)
        self.eos_token = self._text(library.api.llama_vocab_eos(pointer))
        self.filling_marks = _filling_marks(library.api, pointer)
        self._raw_text = library.short_call("llama_vocab_get_text")
        self.kind: int = library.api.llama_vocab_type(pointer)
        self.control: tuple[int, int] = (self.bos, library.api.llama_vocab_eos(pointer))
        self.adds_bos: bool = library.api.llama_vocab_get_add_bos(pointer)

    def tokenize(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Return the tokens of a text.

        Args:
            text: Any text.
            add_special: Begin and end as the model wants it.
            parse_special: Read the text of control tokens as these tokens.
        """
        tokens: list[int] = []
        for part in _split_long_runs(text):
            first = add_special and not tokens
            tokens += self._tokenize_part(part, add_special=first, parse_special=parse_special)
        return tokens

    def piece(self, token: int) -> str | bytes | None:
        """Return what a token adds to the text.

        Returns:
            Text, or bytes where they are not whole characters; None for a token that ends the
            generation.
        """
        try:
            return self._pieces[token]
        except KeyError:
            return self._pieces.setdefault(token, self._find_piece(token))

    def text(self, tokens: Iterable[int]) -> str:
        """Return what tokens say together; control tokens say nothing."""
        pieces = (self._read_piece(token, is_special=False) for token in tokens)
        return b"".join(pieces).decode("utf-8", "replace")

    def raw_text(self, token: int) -> bytes:
        """Return a token's text as the model file has it."""
        text: bytes = self._raw_text(self.pointer, token)
        return text

    def piece_bytes(self, token: int) -> bytes:
        """Return what a token stands for, control tokens with their names."""
        return self._read_piece(token, is_special=True)

    def _tokenize_part(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (ctypes.c_int32 * room)()
            count = self._tokenize(
                self.pointer, data, len(data), tokens, room, add_special, parse_special
            )
            if count >= 0:
                return tokens[:count]
            room = -count

    def _find_piece(self, token: int) -> str | bytes | None:
        if self._is_end(self.pointer, token):
            return None
        piece = self._read_piece(token, is_special=False)
        try:
            return piece.decode("utf-8")
        except UnicodeDecodeError:
            return piece

    def _text(self, token: int) -> str:
        if token == NO_TOKEN:
            return ""
        return self._read_piece(token, is_special=True).decode("utf-8", "replace")

    def _read_piece(self, token: int, *, is_special: bool) -> bytes:
        room = PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = self._to_piece(self.pointer, token, buffer, room, 0, is_special)
            if size >= 0:
                return buffer.raw[:size]
            room = -size


def _split_long_runs(text: str) -> list[str]:
    parts, start = [], 0
    for run in _LONG_RUN.finditer(text):
        parts.append(text[start : run.end()])
        start = run.end()
    return [*parts, text[start:]] if start < len(text) or not parts else parts


def _filling_marks(api: Any, vocabulary: int) -> FillingMarks | None:
    prefix, suffix, middle = (
        find(vocabulary)
        for find in (api.llama_vocab_fim_pre, api.llama_vocab_fim_suf, api.llama_vocab_fim_mid)
    )
    if NO_TOKEN in (prefix, suffix, middle):
        return None
    return FillingMarks(prefix=prefix, suffix=suffix, middle=middle)
