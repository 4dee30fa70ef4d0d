"""Reading pictures and sounds into a sequence, a part in each step."""

from collections.abc import Sequence

from corral.engine.clock import StepClock
from corral.engine.session import Session
from corral.engine.slots import Slot
from corral.errors import ExternalError, UserError
from corral.llama.embedding_batch import EmbeddingBatch, decode_embeddings
from corral.llama.media import Embeddings, MediaChunk, PlacedChunk

DONE = 0


class Looking:
    """The pictures and sounds of one prompt: where they stand, and how far they are read.

    Among the prompt's tokens stand keys for them, one for each position. A chunk is first turned
    into embeddings, which is one step and cannot be stopped, then computed micro-batch by
    micro-batch; other generations go on between.

    Attributes:
        extra_cells: Places in the KV cache that they take beyond their positions.

    Thread: the engine thread.
    """

    def __init__(self, placed: Sequence[PlacedChunk]) -> None:
        self._chunks = {each.start: each.chunk for each in placed}
        self._starts = sorted(self._chunks)
        self.extra_cells = sum(c.n_tokens - c.n_positions for c in self._chunks.values())
        self._embeddings: Embeddings | None = None
        self._done = 0

    def cells(self, length: int) -> int:
        """Return the places in the KV cache that so many of the first tokens take."""
        return length + sum(
            chunk.n_tokens - chunk.n_positions
            for start, chunk in self._chunks.items()
            if start < length
        )

    def check(self, tokens: Sequence[int], session: Session) -> None:
        """See whether the model can read them.

        Raises:
            UserError: If it cannot see or hear, a chunk is too large for its micro-batch, or keys
                stand where no chunk is.
        """
        keys = sum(chunk.n_positions for chunk in self._chunks.values())
        if sum(token < 0 for token in tokens) != keys:
            raise UserError("The prompt has places for pictures that do not come with it.")
        if not self._chunks:
            return
        if tokens[-1] < 0:
            raise UserError("The prompt ends with a picture; say something about it.")
        session.require_projector()
        largest = max((c.n_tokens for c in self._chunks.values() if c.is_whole), default=0)
        if largest > session.context.n_ubatch:
            raise UserError(
                f"A picture has {largest} tokens, which must be computed at once, and this context "
                f"computes {session.context.n_ubatch} at once.",
                hint="Load the model with a larger micro-batch (n_ubatch).",
            )

    def at(self, position: int) -> MediaChunk | None:
        """Return the chunk that begins at a place in the tokens, None for a token."""
        return self._chunks.get(position)

    def text_end(self, position: int, end: int) -> int:
        """Return where the text that goes on at a place ends: before the next chunk."""
        return next((start for start in self._starts if position <= start < end), end)

    def whole_chunks(self, length: int) -> int:
        """Return so many of the first tokens that no chunk is cut."""
        for start, chunk in self._chunks.items():
            if start < length < start + chunk.n_positions:
                return start
        return length

    def step(self, session: Session, slot: Slot, clock: StepClock) -> None:
        """Do the next part of the chunk at the slot's end; the slot gets its keys with the last.

        Raises:
            CorralError: If it cannot be looked at.
        """
        chunk = self._chunks[len(slot.tokens)]
        if self._embeddings is None:
            clock.enter()
            self._embeddings = session.require_projector().embed(chunk)
            clock.leave()
            return
        self._done = self._decode(session, slot, self._embeddings, clock)
        if self._done == self._embeddings.n_tokens:
            slot.tokens += chunk.keys
            self._embeddings, self._done = None, 0

    def _decode(self, session: Session, slot: Slot, found: Embeddings, clock: StepClock) -> int:
        """Compute the next micro-batch; return how many tokens of the chunk are computed."""
        library, context = session.library, session.context
        first, end = self._done, min(self._done + context.n_ubatch, found.n_tokens)
        batch = EmbeddingBatch(library, found, first, end, begin=len(slot.tokens), sequence=slot.id)
        clock.enter()
        result = decode_embeddings(library, context, batch, is_whole=found.is_whole)
        clock.leave()
        if result == DONE:
            return end
        session.settle([slot], result)
        raise ExternalError(
            f"llama.cpp failed with code {result} on {end - first} tokens of a picture in a "
            f"context of {context.n_ctx}.",
            detail=library.log.complaints(),
            hint="Try again; if it fails again, load the model anew.",
        )
