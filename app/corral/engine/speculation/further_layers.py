"""Guessing by the model's own layers for the tokens after the next one (MTP).

Such a layer reads a token together with the hidden row that the model's last layer left of the
token before it, and has a KV cache of its own in a second context on the same weights. What it
has not read yet is kept until a guess is wanted, so that it costs next to nothing where none is.
"""

import ctypes
from collections.abc import Sequence
from time import perf_counter

from corral.engine.slots import Slot
from corral.errors import CorralError, ExternalError, UserError
from corral.llama.context import Context
from corral.llama.hidden import HiddenBatch, HiddenRows
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.llama.sampler import Sampler
from corral.llama.sampler_settings import SamplerSettings
from corral.plan.further import FURTHER_ARCHITECTURES, further_context
from corral.plan.options import ContextOptions

FIRST_CHANCE = 0.7
# What the newest measurement counts for.
WEIGHT = 0.2


class _Seen:
    """What is known of one sequence.

    Attributes:
        tokens: Those whose hidden rows were seen.
        read: How many of them the further layers have read.
        first: The position of the first hidden row that is kept; -1 is before all tokens. Rows
            from the last token read are there always.
    """

    def __init__(self, room: int, row_bytes: int) -> None:
        self.tokens: list[int] = []
        self.read = 0
        self.first = -1
        self._row_bytes = row_bytes
        self._rows = (ctypes.c_ubyte * (room * row_bytes))()

    @property
    def n_rows(self) -> int:
        """How many rows are kept."""
        return len(self.tokens) - self.first

    def goes_on(self, before: Sequence[int]) -> bool:
        """Whether these tokens are known, with the hidden row of the last of them."""
        length = len(before)
        return length > self.first and self.tokens[:length] == list(before)

    def begin_after(self, before: Sequence[int]) -> None:
        """Go on after tokens of which no row is known: zeros stand for the last of them."""
        self.tokens = list(before)
        self.read, self.first = len(before), len(before) - 1
        ctypes.memset(self._rows, 0, self._row_bytes)

    def address(self, position: int) -> int:
        """Return where the row of a position is."""
        return ctypes.addressof(self._rows) + (position - self.first) * self._row_bytes

    def put(self, tokens: Sequence[int], address: int) -> None:
        """Take tokens and their rows."""
        target = self.address(len(self.tokens))
        ctypes.memmove(target, address, len(tokens) * self._row_bytes)
        self.tokens += tokens

    def keep_last(self) -> None:
        """Let all rows go but the last."""
        ctypes.memmove(self._rows, self.address(len(self.tokens) - 1), self._row_bytes)
        self.first = len(self.tokens) - 1


class FurtherLayers:
    """The layers of a model that predict further tokens, in a context of their own.

    Thread: the engine thread.
    """

    def __init__(
        self, library: LlamaLibrary, context: Context, model: Model, options: ContextOptions
    ) -> None:
        """Make their context.

        Args:
            library: llama.cpp.
            context: The model's own.
            model: The weights, with these layers.
            options: The model's own context.

        Raises:
            UserError: If the model has no such layers, or they cannot be used.
            ExternalError: If there is no memory for the context.
        """
        _require_usable(model, options)
        width = model.n_embd
        self._room = max(context.n_ubatch, context.n_sequences) + 1
        self._context = Context(library, model, further_context(options), before=context)
        try:
            self._target = HiddenRows(context, width, of_all=True)
            self._own = HiddenRows(self._context, width, of_all=False)
            self._greedy = Sampler(library, SamplerSettings(temperature=0), model.vocabulary)
        except CorralError:
            self._context.close()
            raise
        row_bytes = self._own.row_bytes
        self._batch = HiddenBatch(library, self._room, context.n_sequences, row_bytes)
        self._seen: dict[int, _Seen] = {}
        self.token_s = 0.0

    def follow(self, slot: Slot, part: Sequence[int], row: int) -> None:
        """Keep what the model's last decode left of a part that goes on after a slot's tokens.

        Args:
            slot: What was held before the part.
            part: Its tokens, guessed ones too.
            row: Where in the batch the first of them stood.

        Raises:
            ExternalError: If the layers could not read what was kept before.
        """
        if slot.id not in self._seen:
            self._seen[slot.id] = _Seen(self._room, self._own.row_bytes)
        seen = self._seen[slot.id]
        self._go_back(slot.id, seen, slot.tokens)
        if seen.n_rows + len(part) > self._room:
            if seen.read < len(seen.tokens):
                self._read(slot.id, seen)
            seen.keep_last()
        seen.put(part, self._target.address(row))

    def guess(self, slot: Slot, token: int, most: int) -> list[int]:
        """Return how a sequence goes on after what it holds and one token more.

        Returns:
            No tokens where too little is known of the sequence.

        Raises:
            ExternalError: If it cannot be computed.
        """
        began, length = perf_counter(), len(slot.tokens)
        seen = self._seen.get(slot.id)
        most = min(most, self._context.n_ctx - length)
        if seen is None or most < 1 or not seen.goes_on(slot.tokens):
            return []
        self._go_back(slot.id, seen, slot.tokens)
        if seen.read < length:
            self._read(slot.id, seen)
        # Alone: some models' rows of a batch with other tokens are not those of its logits.
        guessed = [self._next(slot.id, seen, token, length, seen.address(length - 1))]
        while len(guessed) < most:
            place, row = length + len(guessed), self._own.address(0)
            guessed.append(self._next(slot.id, seen, guessed[-1], place, row))
        self._context.roll_back(slot.id, length)
        took_s = (perf_counter() - began) / len(guessed)
        self.token_s += (took_s - self.token_s) * (WEIGHT if self.token_s else 1)
        return guessed

    def can_follow(self, length: int) -> bool:
        """Whether the context has room behind so many tokens."""
        return length < self._context.n_ctx

    def close(self) -> None:
        """Free the context."""
        self._greedy.close()
        self._context.close()

    def _go_back(self, sequence: int, seen: _Seen, before: Sequence[int]) -> None:
        """Forget what does not belong to a sequence any more."""
        length = len(before)
        if seen.goes_on(before):
            del seen.tokens[length:]
            if seen.read > length:
                self._context.roll_back(sequence, length)
                seen.read = length
            return
        is_cut = seen.read >= length and seen.tokens[:length] == list(before)
        self._context.roll_back(sequence, length if is_cut else 0)
        seen.begin_after(before)

    def _next(self, sequence: int, seen: _Seen, token: int, position: int, row: int) -> int:
        """Return what the layers say after a token, read with the hidden row at an address."""
        self._batch.clear()
        self._batch.add((token,), position, sequence=sequence)
        self._batch.put_rows(0, row, 1)
        self._decode(sequence, seen)
        return self._greedy.sample(self._context.pointer, 0)

    def _read(self, sequence: int, seen: _Seen) -> None:
        """Have the layers read what is kept."""
        new = seen.tokens[seen.read :]
        self._batch.clear()
        self._batch.add(new, seen.read, sequence=sequence, n_logits=0)
        self._batch.put_rows(0, seen.address(seen.read - 1), len(new))
        self._decode(sequence, seen)
        seen.read = len(seen.tokens)

    def _decode(self, sequence: int, seen: _Seen) -> None:
        if (result := self._context.decode(self._batch)) != 0:
            self._context.roll_back(sequence, 0)
            seen.begin_after(())
            raise ExternalError(
                f"The layers that predict further tokens failed with code {result} on a batch of "
                f"{self._batch.count} tokens."
            )


class FurtherDrafter:
    """Guesses for one reply by the model's own further layers.

    Thread: the engine thread.
    """

    def __init__(self, layers: FurtherLayers, slot: Slot) -> None:
        self._layers = layers
        self._slot = slot
        self._token: int | None = None

    @property
    def token_s(self) -> float:
        """Seconds that a guessed token costs."""
        return self._layers.token_s

    def strength(self) -> int | None:
        """Return the one strength that there is, None behind the end of the context."""
        is_possible = self._token is not None and self._layers.can_follow(len(self._slot.tokens))
        return 1 if is_possible else None

    def first_chance(self, _strength: int) -> float:
        """Return how likely the layers are taken to say what the model says."""
        return FIRST_CHANCE

    def draft(self, most: int) -> Sequence[int]:
        """Return what they say."""
        return [] if self._token is None else self._layers.guess(self._slot, self._token, most)

    def extend(self, token: int) -> None:
        """Take the token that came next."""
        self._token = token

    def close(self) -> None:
        """The layers stay for the next reply."""


def _require_usable(model: Model, options: ContextOptions) -> None:
    """See that a model has layers for further tokens, and that Corral can use them.

    Raises:
        UserError: If not, with what is in the way.
    """
    name, hint = model.path.name, "Guess in another way, without the load option mtp."
    if not model.n_layer_nextn:
        raise UserError(f"{name} has no layers that predict further tokens.", hint=hint)
    if model.has_state:
        raise UserError(
            f"{name} carries a state from which guessed tokens cannot be taken back.", hint=hint
        )
    if model.architecture not in FURTHER_ARCHITECTURES or model.n_layer_nextn > 1:
        raise UserError(
            f"{name} is of the architecture {model.architecture} with {model.n_layer_nextn} layers "
            f"that predict further tokens; Corral uses 1 of {', '.join(FURTHER_ARCHITECTURES)}.",
            hint=hint,
        )
    sections, dense, blocks = (
        model.metadata(f"{model.architecture}.{key}")
        for key in ("rope.dimension_sections", "leading_dense_block_count", "block_count")
    )
    if sections and model.architecture == "glm4moe":
        raise UserError(f"{name} turns its positions in sections, which is untried.", hint=hint)
    if dense.isdecimal() and int(dense) >= int(blocks):  # llama.cpp ends the process over it
        raise UserError(
            f"{name} has {dense} blocks without experts of {blocks}; the layer that predicts "
            "further tokens needs them.",
            hint=hint,
        )
    if not options.kv_unified:
        raise UserError(
            "Layers that predict further tokens need one cache for all sequences.",
            hint="Load it with kv_unified=true or mtp=false.",
        )
