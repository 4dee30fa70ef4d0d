"""The tokens of one decode call."""

import ctypes
from collections.abc import Sequence
from typing import Any, Protocol

from corral.llama.library import LlamaLibrary


class Decodable(Protocol):
    """What a decode call takes."""

    struct: Any


class Batch:
    """Arrays for up to `capacity` tokens of some sequences, made once and filled again and again.

    Attributes:
        struct: The `llama_batch` that points to the arrays.
        count: How many tokens are in it.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, capacity: int, n_sequences: int = 1) -> None:
        self.capacity = capacity
        self.count = 0
        self._tokens = (ctypes.c_int32 * capacity)()
        self._positions = (ctypes.c_int32 * capacity)()
        self._wants_logits = (ctypes.c_int8 * capacity)()
        self._one_each = (ctypes.c_int32 * capacity)(*[1] * capacity)
        self._ids = (ctypes.c_int32 * n_sequences)(*range(n_sequences))
        # Each row points to its sequence's number; as addresses they are filled by the slice.
        self._first_id = ctypes.addressof(self._ids)
        self._id_pointers = (ctypes.c_uint64 * capacity)()
        int_pointer = ctypes.POINTER(ctypes.c_int32)
        self.struct: Any = library.api.llama_batch(
            n_tokens=0,
            token=ctypes.cast(self._tokens, library.api.llama_token_p),
            pos=ctypes.cast(self._positions, int_pointer),
            n_seq_id=ctypes.cast(self._one_each, int_pointer),
            seq_id=ctypes.cast(self._id_pointers, ctypes.POINTER(int_pointer)),
            logits=ctypes.cast(self._wants_logits, ctypes.POINTER(ctypes.c_int8)),
        )

    @property
    def room(self) -> int:
        """How many more tokens it takes."""
        return self.capacity - self.count

    def clear(self) -> None:
        """Empty it."""
        self.count = self.struct.n_tokens = 0

    def want_all(self) -> None:
        """Have llama.cpp give out what it computes of all tokens, not only of the last ones."""
        ctypes.memset(self._wants_logits, 1, self.count)

    def add(
        self, tokens: Sequence[int], position: int, *, sequence: int = 0, n_logits: int = 1
    ) -> int:
        """Take tokens that follow each other in one sequence.

        Args:
            tokens: They, at most `room`.
            position: Where the first of them stands.
            sequence: The sequence they belong to.
            n_logits: How many of the last of them are to have logits.

        Returns:
            The row of the last one.
        """
        start, length = self.count, len(tokens)
        end = start + length
        self._tokens[start:end] = list(tokens)
        self._positions[start:end] = list(range(position, position + length))
        self._id_pointers[start:end] = [self._first_id + 4 * sequence] * length
        ctypes.memset(ctypes.byref(self._wants_logits, start), 0, length - n_logits)
        ctypes.memset(ctypes.byref(self._wants_logits, end - n_logits), 1, n_logits)
        self.count = self.struct.n_tokens = end
        return end - 1
