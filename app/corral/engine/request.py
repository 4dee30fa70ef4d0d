"""What is asked of a runner, and the hold on it while it runs."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corral.llama.adapters import AdapterSet
from corral.llama.context import AbortFlag
from corral.llama.media import PlacedChunk
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.splitter import Splitter
from corral.settings import Overflow, Speculation


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One prompt to go on from.

    Attributes:
        tokens: The prompt; keys of chunks stand where pictures and sounds are.
        media: The chunks of pictures and sounds, and where their keys are.
        parameters: Sampling parameters under Ollama's names; others are passed over.
        stops: Strings that end the text and are not part of it.
        max_tokens: Most tokens to generate, -1 until the context is full.
        splitter: Splits thinking and tool calls from the answer; None for all answer.
        marks: Control tokens that the splitter looks for, with their texts.
        logit_bias: What to add to the logits of which tokens.
        n_choices: Tell each chosen token with so many alternatives, -1 for not at all.
        forced: Tokens that the reply begins with: those of an earlier reply up to a place, and the
            alternative chosen there. They are read, not generated.
        adapters: LoRA files and their scales; empty for the plain model.
        overflow: What happens when the context is full.
        kept_as: Whose tokens these are, if the KV cache may be kept on disk under that name.
        grammar: GBNF that the answer obeys, thinking before it aside; empty for none.
        speculation: Who guesses tokens ahead.
        draft_model: The small model that may guess, None without one.
    """

    tokens: tuple[int, ...]
    media: tuple[PlacedChunk, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    stops: tuple[str, ...] = ()
    max_tokens: int = -1
    splitter: Splitter | None = None
    marks: Mapping[int, str] = field(default_factory=dict)
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    n_choices: int = -1
    forced: tuple[int, ...] = ()
    adapters: AdapterSet = ()
    overflow: Overflow = Overflow.STOP
    kept_as: str = ""
    grammar: str = ""
    speculation: Speculation = Speculation.AUTO
    draft_model: Path | None = None

    @property
    def read_tokens(self) -> tuple[int, ...]:
        """What is read before the first token is chosen."""
        return self.tokens + self.forced if self.forced else self.tokens


class GenerationHandle:
    """The hold on one generation.

    Attributes:
        abort: Set when it shall stop.
        shares: Of each generation step, the share of its time that was spent in llama.cpp.
    """

    def __init__(self) -> None:
        self.abort = AbortFlag()
        self.shares = array("d")

    def cancel(self) -> None:
        """Stop within one token, or within one micro-batch of the prompt.

        Thread: any.
        """
        self.abort.set()
