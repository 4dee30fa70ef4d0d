"""A grammar that says which tokens may come next."""

import ctypes
from math import inf
from typing import Any

from corral.errors import UserError
from corral.llama.candidates import Candidates
from corral.llama.library import LlamaLibrary
from corral.llama.vocabulary import Vocabulary

ROOT = b"root"


class Grammar:
    """llama.cpp's grammar and how far a text has come in it.

    Kept apart from the chain of samplers: a token is chosen first, and only if the grammar forbids
    it the whole vocabulary is searched. Only tokens that were asked about are ever accepted, as
    llama.cpp ends the process over others.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, vocabulary: Vocabulary, text: str) -> None:
        """Begin at the rule `root`.

        Raises:
            UserError: If llama.cpp cannot read the grammar.
        """
        api = library.api
        self._sampler: Any = api.llama_sampler_init_grammar(vocabulary.pointer, text.encode(), ROOT)
        if not self._sampler:
            raise UserError(
                "llama.cpp cannot use this grammar.",
                hint="Look for a rule that begins with itself or that is named and never written.",
            )
        self._free = api.llama_sampler_free
        self._apply = api.llama_sampler_apply  # may take milliseconds
        self._apply_short = library.short_call("llama_sampler_apply")
        self._accept = library.short_call("llama_sampler_accept")
        self._one = (api.llama_token_data * 1)()
        self._one_array: Any = api.llama_token_data_array()

    def allows(self, token: int) -> bool:
        """Whether a token may come next."""
        self._one[0].id, self._one[0].logit, self._one[0].p = token, 1.0, 0.0
        array = self._one_array
        array.data, array.size, array.selected, array.sorted = self._one, 1, -1, False
        self._apply_short(self._sampler, ctypes.byref(array))
        return bool(self._one[0].logit != -inf)

    def restrict(self, candidates: Candidates) -> None:
        """Make all tokens impossible that may not come next."""
        self._apply(self._sampler, ctypes.byref(candidates.array))

    def accept(self, token: int) -> None:
        """Go on by a token that is allowed."""
        self._accept(self._sampler, token)

    def close(self) -> None:
        """Free it."""
        if self._sampler:
            self._free(self._sampler)
            self._sampler = None
