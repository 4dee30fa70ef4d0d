"""Choosing the next token."""

import ctypes
from collections.abc import Sequence
from typing import Any

from corral.errors import UserError
from corral.llama.candidates import Candidates
from corral.llama.chain import make_chain
from corral.llama.grammar import Grammar
from corral.llama.library import LlamaLibrary
from corral.llama.sampler_settings import SamplerSettings
from corral.llama.vocabulary import Vocabulary


class Sampler:
    """One chain of samplers for one generation.

    Attributes:
        chain: The `llama_sampler`, for those who call llama.cpp themselves.

    Thread: the engine thread.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        settings: SamplerSettings,
        vocabulary: Vocabulary,
        history: Sequence[int] = (),
    ) -> None:
        """Make a chain that knows what was said.

        Args:
            library: llama.cpp.
            settings: How to choose, `within` the context.
            vocabulary: The model's.
            history: What was said so far; as much of it counts as the settings look back.
        """
        self.chain: Any = make_chain(library, settings, vocabulary.pointer, vocabulary.n_vocab)
        self._free = library.api.llama_sampler_free
        self._sample = library.short_call("llama_sampler_sample")
        self._accept = library.short_call("llama_sampler_accept")
        self._apply = library.short_call("llama_sampler_apply")
        for token in history[len(history) - settings.lookback :] if settings.lookback else ():
            self.accept(token)

    def sample(self, context: int, row: int) -> int:
        """Choose a token from a row of logits and remember it.

        Args:
            context: Pointer of a context whose last decode asked for logits.
            row: Which token of that decode's batch.
        """
        token: int = self._sample(self.chain, context, row)
        return token

    def sample_within(
        self, grammar: Grammar, candidates: Candidates, context: int, row: int
    ) -> int:
        """Choose a token that a grammar allows, and remember it here, not in the grammar.

        Args:
            grammar: What may come next.
            candidates: Room for the whole vocabulary.
            context: As for `sample`.
            row: As for `sample`.

        Raises:
            UserError: If the grammar has come to a place where no token of the model fits.
        """
        candidates.fill(context, row)
        self._apply(self.chain, ctypes.byref(candidates.array))
        token = candidates.selected
        if not grammar.allows(token):
            candidates.fill(context, row)
            grammar.restrict(candidates)
            self._apply(self.chain, ctypes.byref(candidates.array))
            token = candidates.selected
            if not grammar.allows(token):
                raise UserError("The grammar has come to a place where no token of the model fits.")
        self.accept(token)
        return token

    def accept(self, token: int) -> None:
        """Remember a token that somebody else chose."""
        self._accept(self.chain, token)

    def close(self) -> None:
        """Free the chain and its samplers."""
        if self.chain:
            self._free(self.chain)
            self.chain = None
