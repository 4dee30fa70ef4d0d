"""What a session does about guessing: whether it can, who guesses, and what a step gained."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Protocol

from corral.engine.request import GenerationRequest
from corral.engine.speculation.costs import BatchCosts
from corral.engine.speculation.drafter import Drafter
from corral.engine.speculation.lookup import PromptLookup
from corral.engine.speculation.speculator import Speculator
from corral.errors import UserError
from corral.llama.context import Context
from corral.llama.model import Model
from corral.settings import Speculation

RANDOM_SEED = -1


class Guessing(Protocol):
    """A turn, as far as guessing goes."""

    speculator: Speculator | None

    def guess(self, most: int, *, beside: int, gained: float) -> tuple[int, float]:
        """Take guesses into the next part; return how many and how many are likely right."""


class Speculating:
    """Guessing for all replies of one context.

    Attributes:
        costs: What batches take on this machine.

    Thread: the engine thread.
    """

    def __init__(self, context: Context, model: Model) -> None:
        self.costs = BatchCosts()
        self._context = context
        self._model = model
        self._beside = 0
        self._guess_s = 0.0

    def refusal(self, kind: Speculation) -> str:
        """Return why nobody can guess in this way here, "" where it can be done."""
        rows = self._context.n_outputs
        if rows <= self._context.n_sequences:
            return (
                f"the context was made for {rows} rows of logits and as many sequences, "
                "which leaves none for guessed tokens"
            )
        if self._model.has_state:
            return "this model carries a state from which guessed tokens cannot be taken back"
        if kind is Speculation.DRAFT:
            return "no draft model is loaded beside this model"
        if kind is Speculation.MTP:
            return "no layers that predict further tokens are loaded of this model"
        return ""

    def check(self, kind: Speculation) -> None:
        """Look at what a request wants.

        Raises:
            UserError: If it names a way that cannot be gone.
        """
        is_named = kind not in (Speculation.AUTO, Speculation.OFF)
        if is_named and (why := self.refusal(kind)):
            raise UserError(
                f"Tokens cannot be guessed by {kind}: {why}.",
                hint="Choose another way, or auto or off.",
            )

    def begin(self, request: GenerationRequest) -> Speculator | None:
        """Return what guesses for a reply, once its prompt is read; None for nobody."""
        make = self._maker(request)
        return Speculator(make(request.read_tokens), self.costs) if make else None

    def fill(self, turns: Sequence[Guessing], most: int) -> None:
        """Let turns guess ahead for a batch that holds their next tokens and nothing else.

        Args:
            turns: All that are in the batch.
            most: Tokens that the batch has room for beside those.
        """
        began = perf_counter()
        self._beside = size = len(turns)
        most = min(most, self._context.n_outputs - size)
        gained = float(size)
        for turn in turns:
            length, won = turn.guess(most, beside=size, gained=gained)
            size, most, gained = size + length, most - length, gained + won
        self._guess_s = perf_counter() - began

    def settle(self, turns: Sequence[Guessing], size: int, said: int, decode_s: float) -> None:
        """Learn from a batch that `fill` has seen.

        Args:
            turns: Those that were in it.
            size: Its tokens.
            said: Tokens of text that came of it.
            decode_s: How long it was computed.
        """
        self.costs.note(size, decode_s)
        spent_s = decode_s + self._guess_s
        plain_s = self.costs.of(self._beside) * said / self._beside
        speculators = [turn.speculator for turn in turns if turn.speculator]
        for speculator in speculators:
            speculator.settle(spent_s, (plain_s - spent_s) / len(speculators))

    def _maker(self, request: GenerationRequest) -> Callable[[Sequence[int]], Drafter] | None:
        kind = request.speculation
        if kind is Speculation.OFF:
            return None
        if kind is Speculation.AUTO:
            if request.parameters.get("seed", RANDOM_SEED) != RANDOM_SEED:
                return None
            kind = Speculation.LOOKUP
        return None if self.refusal(kind) else PromptLookup
