"""What a session does about guessing: whether it can, who guesses, and what a step gained."""

import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from corral.engine.request import GenerationRequest
from corral.engine.slots import Slot
from corral.engine.speculation.costs import BatchCosts
from corral.engine.speculation.draft_model import DraftModel, ModelDrafter
from corral.engine.speculation.further_layers import FurtherDrafter, FurtherLayers
from corral.engine.speculation.lookup import PromptLookup
from corral.engine.speculation.speculator import Speculator
from corral.errors import ExternalError, UserError
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.plan.options import GUESSED_TOKENS, LoadOptions
from corral.settings import Speculation

logger = logging.getLogger(__name__)

RANDOM_SEED = -1


class Guessing(Protocol):
    """A turn, as far as guessing goes."""

    request: GenerationRequest
    slot: Slot | None
    row: int
    speculator: Speculator | None

    @property
    def part(self) -> Sequence[int]:
        """The tokens that are computed in this step, guessed ones too."""

    def guess(self, most: int, *, beside: int, gained: float) -> tuple[int, float]:
        """Take guesses into the next part; return how many and how many are likely right."""


class Speculating:
    """Guessing for all replies of one context.

    Attributes:
        costs: What batches take on this machine.

    Thread: the engine thread.
    """

    def __init__(
        self, library: LlamaLibrary, context: Context, model: Model, options: LoadOptions
    ) -> None:
        """Begin.

        Args:
            library: llama.cpp.
            context: The model's own.
            model: It.
            options: How it was loaded; with `mtp` its own layers can guess.

        Raises:
            UserError: If it is to guess by layers that it has not, or that cannot be used.
            ExternalError: If there is no memory for their context.
        """
        self.costs = BatchCosts()
        self._further = (
            FurtherLayers(library, context, model, options.context) if options.mtp else None
        )
        self._library = library
        self._options = options
        self._draft_model: DraftModel | None = None
        self._context = context
        self._model = model
        self._beside = 0
        self._guess_s = 0.0

    def refusal(self, request: GenerationRequest, kind: Speculation) -> str:
        """Return why nobody can guess for a request in this way, "" where it can be done."""
        rows = self._context.n_outputs
        if rows <= self._context.n_sequences:
            return (
                f"the context was made for {rows} rows of logits and as many sequences, "
                "which leaves none for guessed tokens"
            )
        if self._model.has_state:
            return "this model carries a state from which guessed tokens cannot be taken back"
        if kind is Speculation.DRAFT and request.draft_model is None:
            return "the model has no DRAFT"
        if kind is Speculation.MTP:
            return self._further_refusal(request)
        return ""

    def check(self, request: GenerationRequest) -> None:
        """Look at what a request wants, and load the draft model if it takes one.

        Raises:
            UserError: If it names a way that cannot be gone, or the draft model does not fit.
            ExternalError: If the draft model cannot be loaded.
        """
        kind = request.speculation
        is_named = kind not in (Speculation.AUTO, Speculation.OFF)
        if is_named and (why := self.refusal(request, kind)):
            raise UserError(
                f"Tokens cannot be guessed by {kind}: {why}.",
                hint="Choose another way, or auto or off.",
            )
        path = request.draft_model
        if path and self._kind(request) is Speculation.DRAFT:
            if self._draft_model and self._draft_model.path != path:
                self._close_draft()
            if self._draft_model is None:
                self._draft_model = DraftModel(self._library, path, self._model, self._options)

    def begin(self, request: GenerationRequest, slot: Slot) -> Speculator | None:
        """Return what guesses for a reply, once its prompt is read; None for nobody.

        Raises:
            ExternalError: If the draft model cannot read the prompt.
        """
        kind, tokens = self._kind(request), request.read_tokens
        if kind is Speculation.LOOKUP:
            return Speculator(PromptLookup(tokens), self.costs)
        if kind is Speculation.DRAFT and self._draft_model and min(tokens) >= 0:
            drafter = ModelDrafter(self._draft_model, slot.id, tokens)
            return Speculator(drafter, self.costs, _most_drafted(request))
        if kind is Speculation.MTP and self._further:
            further = FurtherDrafter(self._further, slot)
            return Speculator(further, self.costs, _most_drafted(request))
        return None

    def close(self) -> None:
        """Free the draft model, and the context of the model's own further layers."""
        self._close_draft()
        if self._further:
            self._further.close()
            self._further = None

    def follow(self, turns: Sequence[Guessing]) -> None:
        """Keep what a batch left for the model's own further layers, before it is counted.

        Args:
            turns: Those that were in it.
        """
        if not self._further:
            return
        began = perf_counter()
        for turn in turns:
            if not turn.slot or self._kind(turn.request) is not Speculation.MTP:
                continue
            try:
                self._further.follow(turn.slot, turn.part, turn.row + 1 - len(turn.part))
            except ExternalError as error:
                logger.warning("%s", error.summary)
        self._guess_s += perf_counter() - began

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

    def _further_refusal(self, request: GenerationRequest) -> str:
        layers = self._model.n_layer_nextn
        if not layers:
            return "the model has no layers that predict further tokens"
        if self._further is None:
            return (
                f"the model was loaded without its {layers} layers that predict further tokens; "
                "the load option mtp=true loads them"
            )
        return "there are pictures or sounds in the prompt" if request.media else ""

    def _close_draft(self) -> None:
        if self._draft_model:
            self._draft_model.close()
            self._draft_model = None

    def _kind(self, request: GenerationRequest) -> Speculation:
        """Return how tokens are guessed for a request: `AUTO` is decided, impossible is `OFF`."""
        kind = request.speculation
        if kind is Speculation.AUTO:
            is_seeded = request.parameters.get("seed", RANDOM_SEED) != RANDOM_SEED
            own = Speculation.MTP if self._further and not request.media else Speculation.LOOKUP
            kind = Speculation.DRAFT if request.draft_model else own
            kind = Speculation.OFF if is_seeded else kind
        return Speculation.OFF if self.refusal(request, kind) else kind


def _most_drafted(request: GenerationRequest) -> int:
    """Return Ollama's parameter for draft models."""
    most = request.parameters.get("draft_num_predict", GUESSED_TOKENS)
    return most if isinstance(most, int) else GUESSED_TOKENS
