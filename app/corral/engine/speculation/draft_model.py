"""Guessing by a second, small model with the same vocabulary."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from corral.engine.slots import common_length
from corral.errors import CorralError, ExternalError, UserError
from corral.llama.batch import Batch
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model, load_model
from corral.llama.sampler import Sampler
from corral.llama.sampler_settings import SamplerSettings
from corral.plan.companions import draft_options
from corral.plan.options import LoadOptions

# Vocabularies may differ by unused places at their end, and in their first control tokens.
MOST_DIFFERENT_SIZE = 128
FIRST_COMPARED = 5
FIRST_CHANCE = 0.7
# What the newest measurement counts for.
WEIGHT = 0.2


class DraftModel:
    """A small model with a context of its own, a sequence for each of the large one's.

    Attributes:
        path: Its file.

    Thread: the engine thread.
    """

    def __init__(
        self, library: LlamaLibrary, path: Path, model: Model, options: LoadOptions
    ) -> None:
        """Load it.

        Args:
            library: llama.cpp.
            path: Its file.
            model: The model that it guesses for.
            options: How that one was loaded.

        Raises:
            UserError: If it has another vocabulary.
            ExternalError: If it cannot be loaded.
        """
        self.path = path
        drafting = draft_options(options)  # as it was planned
        n_sequences = drafting.context.n_seq_max
        self._model = load_model(library, path, drafting, lambda _percent: True)
        try:
            require_same_vocabulary(model, self._model)
            self._context = Context(library, self._model, drafting.context)
        except CorralError:
            self._model.close()
            raise
        self._batch = Batch(library, self._context.n_ubatch, n_sequences)
        self._greedy = Sampler(library, SamplerSettings(temperature=0), self._model.vocabulary)
        self._n_vocab = min(model.vocabulary.n_vocab, self._model.vocabulary.n_vocab)
        self._held: list[list[int]] = [[] for _ in range(n_sequences)]
        self.token_s = 0.0

    def can_follow(self, length: int) -> bool:
        """Whether its context has room behind so many tokens."""
        return length < self._context.n_ctx

    def follow(self, sequence: int, tokens: Sequence[int]) -> None:
        """Read what is new in a sequence; what is not its beginning any more is forgotten.

        Raises:
            ExternalError: If it cannot be computed.
        """
        held = self._held[sequence]
        kept = min(common_length(held, tokens), len(tokens) - 1)
        if kept < len(held) and not self._context.roll_back(sequence, kept):
            self._context.roll_back(sequence, 0)
            kept = 0
        del held[kept:]
        for start in range(kept, len(tokens), self._batch.capacity):
            self._read(sequence, tokens[start : start + self._batch.capacity])

    def guess(self, sequence: int, tokens: Sequence[int], most: int) -> list[int]:
        """Return how a sequence goes on, as far as its context has room."""
        began = perf_counter()
        self.follow(sequence, tokens)
        most = min(most, self._context.n_ctx - len(tokens))
        guessed: list[int] = []
        while len(guessed) < most:
            token = self._greedy.sample(self._context.pointer, self._batch.count - 1)
            if token >= self._n_vocab:
                break
            guessed.append(token)
            if len(guessed) < most:
                self._read(sequence, (token,))
        took_s = (perf_counter() - began) / max(1, len(guessed))
        self.token_s += (took_s - self.token_s) * (WEIGHT if self.token_s else 1)
        return guessed

    def close(self) -> None:
        """Free it."""
        self._greedy.close()
        self._context.close()
        self._model.close()

    def _read(self, sequence: int, tokens: Sequence[int]) -> None:
        held = self._held[sequence]
        self._batch.clear()
        self._batch.add(tokens, len(held), sequence=sequence)
        if self._context.decode(self._batch) != 0:
            self._context.roll_back(sequence, 0)
            held.clear()
            raise ExternalError(f"The draft model {self.path.name} could not compute its tokens.")
        held += tokens


class ModelDrafter:
    """Guesses for one reply by a draft model.

    Thread: the engine thread.
    """

    def __init__(self, draft_model: DraftModel, sequence: int, tokens: Sequence[int]) -> None:
        """Read the prompt with the draft model.

        Args:
            draft_model: It.
            sequence: The sequence of the reply.
            tokens: What the sequence holds.

        Raises:
            ExternalError: If it cannot be computed.
        """
        self._draft_model = draft_model
        self._sequence = sequence
        self._tokens = list(tokens)
        if draft_model.can_follow(len(tokens)):
            draft_model.follow(sequence, self._tokens)

    @property
    def token_s(self) -> float:
        """Seconds that a guessed token costs."""
        return self._draft_model.token_s

    def strength(self) -> int | None:
        """Return the one strength that there is, None behind the end of the context."""
        return 1 if self._draft_model.can_follow(len(self._tokens)) else None

    def first_chance(self, _strength: int) -> float:
        """Return how likely a small model is taken to say the same."""
        return FIRST_CHANCE

    def draft(self, most: int) -> Sequence[int]:
        """Return what the draft model would say."""
        return self._draft_model.guess(self._sequence, self._tokens, most)

    def extend(self, token: int) -> None:
        """Take the token that came next; it is read with the next guess."""
        self._tokens.append(token)

    def close(self) -> None:
        """The draft model stays for the next reply."""


def require_same_vocabulary(model: Model, draft: Model) -> None:
    """See that two models mean the same by their tokens.

    Raises:
        UserError: If they do not, with what differs.
    """
    ours, theirs = model.vocabulary, draft.vocabulary
    pair = f"{draft.path.name} cannot guess for {model.path.name}:"
    hint = "Take a smaller model of the same family as DRAFT, or guess without one: lookup."
    if abs(ours.n_vocab - theirs.n_vocab) > MOST_DIFFERENT_SIZE:
        raise UserError(
            f"{pair} it has {theirs.n_vocab} tokens and the model {ours.n_vocab}.", hint=hint
        )
    if (ours.kind, ours.control) != (theirs.kind, theirs.control):
        raise UserError(
            f"{pair} the beginnings and ends of text are the tokens {theirs.control} there and "
            f"{ours.control} in the model.",
            hint=hint,
        )
    for token in range(FIRST_COMPARED, min(ours.n_vocab, theirs.n_vocab)):
        if ours.raw_text(token) != theirs.raw_text(token):
            raise UserError(
                f"{pair} token {token} is {theirs.piece_bytes(token)!r} there and "
                f"{ours.piece_bytes(token)!r} in the model.",
                hint=hint,
            )
