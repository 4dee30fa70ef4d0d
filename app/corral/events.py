"""What happens during one generation: a closed union of plain frozen records.

Every front end reads this one stream. `Finished` comes exactly once and last; a failure is a
`Finished`, never an exception from the iterator.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from corral.errors import CorralError


class Phase(StrEnum):
    """What a generation is busy with before text comes."""

    WAITING = "waiting"
    CHECKING = "checking"
    LOADING = "loading"
    RENDERING = "rendering"
    READING_PROMPT = "reading_prompt"
    LOOKING = "looking"  # at pictures, or listening
    GENERATING = "generating"


class TextKind(StrEnum):
    """Which part of a reply a piece of text belongs to."""

    ANSWER = "answer"
    THINKING = "thinking"


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOADED = "loaded"
    UNLOADED = "unloaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts and times of one generation, as Ollama reports them.

    Attributes:
        prompt_tokens: Tokens of the prompt, those found in the KV cache included.
        cached_tokens: Prompt tokens that were found in the KV cache.
        generated_tokens: Tokens generated.
        drafted_tokens: Tokens guessed ahead, right or wrong.
        accepted_tokens: Generated tokens that had been guessed.
        context_tokens: Context length the generation ran with.
        load_s: Time spent loading the model, 0 when it was loaded.
        prompt_s: Time spent reading the prompt.
        generation_s: Time spent generating.
        first_token_s: Time from the request to the first token.
        total_s: Time from the request to its end.
        library_s: Time inside llama.cpp calls during the generation steps.
        step_s: Time of the generation steps as a whole.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    context_tokens: int = 0
    load_s: float = 0.0
    prompt_s: float = 0.0
    generation_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0
    library_s: float = 0.0
    step_s: float = 0.0

    @property
    def tokens_per_second(self) -> float | None:
        """Generated tokens a second, None when nothing was generated."""
        if self.generated_tokens == 0 or self.generation_s <= 0:
            return None
        return self.generated_tokens / self.generation_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The request waits behind others.

    Attributes:
        ahead: How many requests come first.
    """

    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChanged:
    """Work moved on.

    Attributes:
        phase: What is being done.
        done: How much of it is done, in the phase's own unit (percent for loading, tokens for
            reading the prompt); None when it has no measure.
        total: How much there is in all.
    """

    phase: Phase
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTrimmed:
    """Older messages did not fit into the context and were left out of the prompt.

    Attributes:
        dropped_messages: How many of the oldest messages (system text not counted).
        context_tokens: The context length they did not fit into.
    """

    dropped_messages: int
    context_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextShifted:
    """The context was full: old tokens were dropped so that the answer goes on.

    Attributes:
        dropped_tokens: How many.
        context_tokens: The context length.
    """

    dropped_tokens: int
    context_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChance:
    """A token that could stand in a place, and how probable the model found it.

    Attributes:
        token: Its number in the vocabulary.
        text: What it says; half a character shows as the replacement character.
        log_probability: Natural logarithm, before any sampler.
    """

    token: int
    text: str
    log_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChoice:
    """A token that was chosen.

    Attributes:
        chosen: It.
        alternatives: The most probable tokens in its place, best first, itself among them if it is.
    """

    chosen: TokenChance
    alternatives: tuple[TokenChance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAdded:
    """More text of the reply.

    Attributes:
        text: The text; pieces that wait to be read are joined.
        kind: Answer or thinking.
        choices: The tokens chosen since the last such event, where they were asked for. Text can
            be held back a little longer than its tokens.
    """

    text: str
    kind: TextKind = TextKind.ANSWER
    choices: tuple[TokenChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """The model asks for a tool.

    Attributes:
        name: Name of the tool, "" if the call cannot be read.
        arguments: Arguments as JSON text; all of the call's text if it cannot be read.
        problem: Why nobody can answer the call as it stands; "" for a sound one.
    """

    name: str
    arguments: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end; nothing comes after it.

    Attributes:
        reason: Why it ended.
        usage: Counts and times.
        error: What went wrong when the reason is `FAILED`.
    """

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    error: CorralError | None = None


Event = Queued | PhaseChanged | ContextTrimmed | ContextShifted | TextAdded | ToolCalled | Finished
