"""A context and what its KV cache holds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from corral.engine.clock import StepClock
from corral.errors import CorralError, ExternalError
from corral.jobs import Cancelled
from corral.llama.batch import Batch
from corral.llama.context import AbortFlag, Context
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model, OnPercent, load_model
from corral.llama.sampler import Sampler, SamplerSettings
from corral.plan.options import ContextOptions, LoadOptions

DONE, NO_ROOM, ABORTED = 0, 1, 2


class ContextFull(Exception):  # noqa: N818 (an end, not an error)
    """There is no room in the context for another token."""


class ContextLostError(ExternalError):
    """A context could not be changed, and the old one could not be made again."""


class Session:
    """One context on loaded weights and the tokens in its KV cache.

    What a new prompt shares with the cache is not computed again.

    Attributes:
        library: llama.cpp.
        model: The weights.
        context: The context.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, model: Model, options: LoadOptions) -> None:
        self.library = library
        self._options = options
        self.model = model
        self._make_context(options.context)

    @property
    def n_past(self) -> int:
        """How many tokens the KV cache holds."""
        return len(self._cached)

    def sampler(self, settings: SamplerSettings) -> Sampler:
        """Return a sampler that knows what the cache holds, as far as its penalties look back."""
        history = self._cached[-settings.repeat_last_n :] if settings.has_penalties else ()
        return Sampler(self.library, settings, self.model.vocabulary.n_vocab, history)

    def reuse(self, tokens: Sequence[int]) -> int:
        """Cut the cache back to what it shares with `tokens`.

        At least the last token is left to compute: the cache holds no logits.

        Returns:
            How many tokens need not be computed.
        """
        keep = min(common_length(self._cached, tokens), len(tokens) - 1)
        if keep < len(self._cached) and not self._roll_back(keep):
            self.forget()
        return len(self._cached)

    def read(
        self, tokens: Sequence[int], flag: AbortFlag, on_progress: Callable[[int], None]
    ) -> None:
        """Compute the tokens that the cache does not hold yet, one micro-batch at a time.

        Raises:
            Cancelled: If `flag` was set; the cache keeps what was finished.
            ExternalError: If llama.cpp fails.
        """
        while (start := len(self._cached)) < len(tokens):
            if flag.is_set:
                raise Cancelled
            part = tokens[start : start + self._batch.capacity]
            is_last = start + len(part) == len(tokens)
            self._batch.fill(part, start, wants_logits=is_last)
            self._check(self.context.decode(self._batch))
            self._cached += part
            on_progress(len(self._cached))

    def push(self, token: int, clock: StepClock) -> None:
        """Compute one token and its logits.

        Args:
            token: The token.
            clock: Is told of the time inside llama.cpp.

        Raises:
            Cancelled: If the watched flag was set.
            ContextFull: If there is no room.
            ExternalError: If llama.cpp fails.
        """
        self._batch.fill_one(token, len(self._cached))
        clock.enter()
        result = self.context.decode(self._batch)
        clock.leave()
        if result != DONE:
            self._check(result)
        self._cached.append(token)

    def forget(self) -> None:
        """Empty the cache."""
        self.context.clear()
        self._cached.clear()

    def change_context(self, options: ContextOptions) -> None:
        """Make another, empty context on the same weights.

        The old one goes first: there may not be memory for both.

        Raises:
            CorralError: If that fails; the old context is there again, but empty.
            ContextLostError: If not even that could be made.
        """
        self.context.close()
        try:
            self._make_context(options)
        except CorralError:
            self._make_old_context_again()
            raise
        self._options = replace(self._options, context=options)

    def renewed(self) -> "Session":
        """Return a session like this one on the same weights, for another thread."""
        return Session(self.library, self.model, self._options)

    def reloaded(self) -> "Session":
        """Return a session like this one on weights that are read anew, for another thread."""
        return open_session(self.library, self.model.path, self._options, lambda _percent: True)

    def close(self) -> None:
        """Free the context."""
        self.context.close()

    def _make_context(self, options: ContextOptions) -> None:
        self.context = Context(self.library, self.model, options)
        self._batch = Batch(self.library, self.context.n_ubatch)
        self._cached: list[int] = []

    def _make_old_context_again(self) -> None:
        try:
            self._make_context(self._options.context)
        except CorralError as error:
            raise ContextLostError(error.summary, detail=error.detail, hint=error.hint) from error

    def _roll_back(self, keep: int) -> bool:
        """Cut the cache back to `keep` tokens; False when that would leave a damaged cache.

        Sliding-window layers have dropped what lies far back without a word: what is left is whole
        only if it still reaches a window's length before the cut.
        """
        if self.model.window and self.context.first_position > max(0, keep - self.model.window):
            return False
        if not self.context.roll_back(keep):
            return False
        del self._cached[keep:]
        return True

    def _check(self, result: int) -> None:
        if result == DONE:
            return
        self._settle(result)
        if result == NO_ROOM:
            raise ContextFull
        if result == ABORTED:
            raise Cancelled
        raise ExternalError(
            f"llama.cpp failed with code {result} after {len(self._cached)} of "
            f"{self.context.n_ctx} tokens of context.",
            detail=self.library.log.complaints(),
            hint="Try again; if it fails again, load the model anew.",
        )

    def _settle(self, result: int) -> None:
        """Make the bookkeeping true again after a decode that did not finish."""
        is_whole = result > 0 and not self.model.has_state
        if not is_whole or not self.context.roll_back(len(self._cached)):
            self.forget()


def open_session(
    library: LlamaLibrary, path: Path, options: LoadOptions, on_percent: OnPercent
) -> Session:
    """Load weights and make a context on them; nothing is left behind where that fails.

    Raises:
        Cancelled: If `on_percent` answered False.
        ExternalError: If llama.cpp refuses the file, or there is no memory for it.
    """
    model = load_model(library, path, options, on_percent)
    try:
        return Session(library, model, options)
    except CorralError:
        model.close()
        raise


def common_length(cached: Sequence[int], tokens: Sequence[int]) -> int:
    """Return how many tokens at their beginning two sequences share."""
    for index, (left, right) in enumerate(zip(cached, tokens, strict=False)):
        if left != right:
            return index
    return min(len(cached), len(tokens))
