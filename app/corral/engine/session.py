"""A context on loaded weights, its sequences and the way tokens get into them."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from corral.engine.embedding import Embedding
from corral.engine.keeper import Keeper, family_of
from corral.engine.kv_store import KvStore
from corral.engine.slots import Slot, Slots
from corral.engine.speculation.speculating import Speculating
from corral.errors import CorralError, ExternalError, UserError
from corral.llama.adapters import Adapters
from corral.llama.batch import Batch
from corral.llama.candidates import Candidates
from corral.llama.context import Context, thread_count
from corral.llama.library import LlamaLibrary
from corral.llama.memory_left import memory_left
from corral.llama.model import Model, OnPercent, load_model
from corral.llama.probabilities import Probabilities
from corral.llama.projector import Projector
from corral.llama.refusals import out_of_memory
from corral.llama.sampler import Sampler
from corral.llama.sampler_settings import SamplerSettings
from corral.plan.options import ContextOptions, LoadOptions

logger = logging.getLogger(__name__)


class ContextLostError(ExternalError):
    """A context could not be changed, and the old one could not be made again."""


class Session:
    """One context on loaded weights.

    Attributes:
        library: llama.cpp.
        model: The weights.
        context: The context.
        adapters: LoRA adapters; those that are set count for all sequences.
        embedding: Computes vectors, in a context of its own.
        slots: Its sequences and what they hold.
        batch: What the next decode computes, as much as one micro-batch.
        projector: It, None without; it is freed with the weights.
        projector_path: What the model is to see or hear with, None for neither.
        projector_problem: Why the model does not see or hear though it has a projector, else None.
        speculating: Guesses tokens ahead.

    Thread: the engine thread.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        model: Model,
        options: LoadOptions,
        store: KvStore | None = None,
        projector: Path | None = None,
    ) -> None:
        """Make a context.

        Args:
            library: llama.cpp.
            model: The weights.
            options: How they were loaded, and the context.
            store: Keeps caches of chats on disk; None keeps nothing.
            projector: What the model sees or hears with, None for neither.
        """
        self.library = library
        self.projector_path = projector
        self.projector: Projector | None = None
        self.projector_problem: CorralError | None = None
        self._options = options
        self._store = store
        self.model = model
        self._make_context(options.context)
        if projector:
            self._load_projector(projector)

    @property
    def n_past(self) -> int:
        """How many tokens the KV cache holds."""
        return self.slots.held_tokens

    def sampler(self, settings: SamplerSettings, history: Sequence[int] = ()) -> Sampler:
        """Return a sampler that knows what was said, as far as it looks back."""
        within = settings.within(self.context.n_ctx)
        return Sampler(self.library, within, self.model.vocabulary, history)

    def require_projector(self) -> Projector:
        """Return what the model sees and hears with.

        Raises:
            UserError: If it has none, or one of another model.
            ExternalError: If that could not be loaded.
        """
        if self.projector:
            return self.projector
        if self.projector_problem:
            raise self.projector_problem
        raise UserError(
            f"{self.model.path.name} has no projector: it cannot see or hear.",
            hint="Choose a model that can, or create one FROM the weights and their projector.",
        )

    @cached_property
    def candidates(self) -> Candidates:
        """Room for all tokens with their logits."""
        return Candidates(self.library, self.model.vocabulary.n_vocab)

    @cached_property
    def probabilities(self) -> Probabilities:
        """The model's own probabilities of tokens."""
        return Probabilities(self.library, self.model.vocabulary.n_vocab)

    def forget(self) -> None:
        """Empty the cache; nothing may be generating."""
        self.slots.forget_all()

    def settle(self, slots: Sequence[Slot], result: int) -> None:
        """Make the bookkeeping true again after a decode that did not finish.

        Args:
            slots: Those that took part.
            result: What it answered; below zero nobody knows what was done.
        """
        for slot in slots:
            if result < 0:
                self.slots.forget(slot)
            else:
                self.slots.settle(slot)

    def change_context(self, options: ContextOptions) -> None:
        """Make another, empty context on the same weights.

        The old one goes first: there may not be memory for both.

        Raises:
            CorralError: If that fails; the old context is there again, but empty.
            ContextLostError: If not even that could be made.
        """
        self.close()
        try:
            self._make_context(options)
        except CorralError:
            self._make_old_context_again()
            raise
        self._options = replace(self._options, context=options)

    def renewed(self) -> "Session":
        """Return a session like this one on the same weights, for another thread."""
        return Session(self.library, self.model, self._options, self._store, self.projector_path)

    def reloaded(self) -> "Session":
        """Return a session like this one on weights that are read anew, for another thread."""
        path, options = self.model.path, self._options
        return open_session(
            self.library, path, options, lambda _percent: True, self._store, self.projector_path
        )

    def close(self) -> None:
        """Free the context; what may be kept of its cache is written to disk."""
        self.slots.keep_all()
        self.speculating.close()
        self.embedding.close()
        self.context.close()

    def _make_context(self, options: ContextOptions) -> None:
        self.context = Context(self.library, self.model, options)
        self.adapters = Adapters(self.library, self.model)
        self.embedding = Embedding(self.library, self.model, self.context, options)
        n_sequences = self.context.n_sequences
        capacity = max(self.context.n_ubatch, n_sequences)
        self.batch = Batch(self.library, capacity, n_sequences)
        self.slots = Slots(self.context, self.model)
        loaded = replace(self._options, context=options)
        try:
            self.speculating = Speculating(self.library, self.context, self.model, loaded)
        except CorralError:
            self.embedding.close()
            self.context.close()
            raise
        if self._store:
            family = family_of(self.model.path, loaded, self.projector_path)
            self.slots.keeper = Keeper(self._store, self.context, family)

    def _load_projector(self, path: Path) -> None:
        """Load what the model sees and hears with; without it it still reads and writes."""
        try:
            self.projector = Projector(
                self.library,
                self.model,
                path,
                n_threads=thread_count(self._options.context.n_threads),
                n_ubatch=self.context.n_ubatch,
            )
            self.model.before_close(self.projector.close)
        except CorralError as error:
            logger.warning("%s %s", error.summary, error.detail)
            self.projector_problem = error

    def _make_old_context_again(self) -> None:
        try:
            self._make_context(self._options.context)
        except CorralError as error:
            raise ContextLostError(error.summary, detail=error.detail, hint=error.hint) from error


def open_session(
    library: LlamaLibrary,
    path: Path,
    options: LoadOptions,
    on_percent: OnPercent,
    store: KvStore | None = None,
    projector: Path | None = None,
) -> Session:
    """Load weights and make a context on them; nothing is left behind where that fails.

    Raises:
        Cancelled: If `on_percent` answered False.
        ExternalError: If llama.cpp refuses the file, or there is no memory for it.
    """
    mark = library.log.mark()
    model = None
    try:
        model = load_model(library, path, options, on_percent)
        return Session(library, model, options, store, projector)
    except MemoryError as error:  # Python's own
        _close(model)
        left = partial(memory_left, library)
        raise out_of_memory(path.name, library.log.complaints(mark), left) from error
    except BaseException:
        _close(model)
        raise


def _close(model: Model | None) -> None:
    if model:
        model.close()
