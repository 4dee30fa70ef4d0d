"""The one catalogue of instructions and parameters.

Parser, editor, chat commands, settings forms and help all read it. A parameter that is not listed
here does not exist: llama.cpp's further sampler settings are refused, as Ollama refuses them.
Source: Ollama ``api/types.go`` and ``parser/parser.go`` behaviour, checked against its cases.
"""

from dataclasses import dataclass
from enum import StrEnum

ParameterValue = int | float | bool | str | tuple[str, ...]


class ParameterType(StrEnum):
    """What kind of value a parameter takes."""

    INTEGER = "int"
    FLOAT = "float"
    BOOLEAN = "bool"
    STRINGS = "string list"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSpec:
    """One parameter.

    Attributes:
        name: Its name in a Modelfile.
        type: What it takes.
        default: Value when it is not set; None means that the program chooses.
        minimum: Smallest useful value; None when there is no such thing.
        maximum: Largest useful value; None when there is no such thing.
        step: By how much a form changes it.
        help: What it does, in one sentence.
        is_load_time: Whether a change means loading the model again.
        automatic: The number that lets the program choose, None if there is none.
    """

    name: str
    type: ParameterType
    default: ParameterValue | None
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float = 1
    is_load_time: bool = False
    automatic: int | None = None

    def is_automatic(self, value: ParameterValue | None) -> bool:
        """Whether `value` leaves the choice to the program."""
        return value is None or (self.automatic is not None and value == self.automatic)

    def is_useful(self, value: ParameterValue) -> bool:
        """Whether `value` lies in the useful range; texts and truth values always do."""
        if isinstance(value, bool | str | tuple):
            return True
        is_low = self.minimum is not None and value < self.minimum
        is_high = self.maximum is not None and value > self.maximum
        return not (is_low or is_high)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionSpec:
    """One instruction.

    Attributes:
        name: Its name, in capitals as people write it.
        argument: What follows it, in a word or two.
        help: What it does, in one sentence.
        can_repeat: Whether each further line adds to the ones before; otherwise the last counts.
    """

    name: str
    argument: str
    help: str
    can_repeat: bool = False


_INT, _FLOAT = ParameterType.INTEGER, ParameterType.FLOAT

_LOAD_TIME = (
    ParameterSpec(
        name="num_ctx",
        type=_INT,
        default=0,
        automatic=0,
        minimum=0,
        maximum=2**24,
        step=1024,
        is_load_time=True,
        help="Context length: how many tokens of the conversation the model sees; 0 is automatic.",
    ),
    ParameterSpec(
        name="num_batch",
        type=_INT,
        default=512,
        minimum=1,
        maximum=16384,
        step=128,
        is_load_time=True,
        help="How many prompt tokens are read at once; more is faster and needs more memory.",
    ),
    ParameterSpec(
        name="num_gpu",
        type=_INT,
        default=-1,
        automatic=-1,
        minimum=-1,
        maximum=1024,
        is_load_time=True,
        help="How many layers are put on the GPU; -1 is automatic, 0 is the processor only.",
    ),
    ParameterSpec(
        name="main_gpu",
        type=_INT,
        default=None,
        minimum=0,
        maximum=15,
        is_load_time=True,
        help="Puts the whole model on the GPU of this number.",
    ),
    ParameterSpec(
        name="use_mmap",
        type=ParameterType.BOOLEAN,
        default=None,
        is_load_time=True,
        help="Whether the model file is mapped into memory instead of being copied there.",
    ),
    ParameterSpec(
        name="num_thread",
        type=_INT,
        default=0,
        automatic=0,
        minimum=0,
        maximum=512,
        is_load_time=True,
        help="How many processor threads compute; 0 is automatic.",
    ),
    ParameterSpec(
        name="draft_num_predict",
        type=_INT,
        default=4,
        minimum=0,
        maximum=64,
        is_load_time=True,
        help="How many tokens the draft model guesses ahead.",
    ),
)

_PER_REQUEST = (
    ParameterSpec(
        name="num_keep",
        type=_INT,
        default=4,
        minimum=-1,
        maximum=2**24,
        help="How many tokens at the start stay when the context overflows.",
    ),
    ParameterSpec(
        name="seed",
        type=_INT,
        default=-1,
        minimum=-1,
        maximum=2**32 - 1,
        help="Start of the random numbers: the same seed gives the same answer; -1 is random.",
    ),
    ParameterSpec(
        name="num_predict",
        type=_INT,
        default=-1,
        minimum=-1,
        maximum=2**24,
        step=64,
        help="How many tokens an answer may have; -1 is until the model stops.",
    ),
    ParameterSpec(
        name="top_k",
        type=_INT,
        default=40,
        minimum=0,
        maximum=1000,
        help="Chooses among this many likeliest tokens only; 0 is all of them.",
    ),
    ParameterSpec(
        name="top_p",
        type=_FLOAT,
        default=0.9,
        minimum=0,
        maximum=1,
        step=0.05,
        help="Chooses among the likeliest tokens that together have this probability.",
    ),
    ParameterSpec(
        name="min_p",
        type=_FLOAT,
        default=0.0,
        minimum=0,
        maximum=1,
        step=0.01,
        help="Leaves out tokens less likely than this share of the likeliest one.",
    ),
    ParameterSpec(
        name="typical_p",
        type=_FLOAT,
        default=1.0,
        minimum=0,
        maximum=1,
        step=0.05,
        help="Prefers tokens about as surprising as expected; 1 is off.",
    ),
    ParameterSpec(
        name="repeat_last_n",
        type=_INT,
        default=64,
        minimum=-1,
        maximum=2**24,
        step=16,
        help="How many past tokens the penalties look at; 0 is off, -1 the whole context.",
    ),
    ParameterSpec(
        name="temperature",
        type=_FLOAT,
        default=0.8,
        minimum=0,
        maximum=2,
        step=0.05,
        help="How freely the model chooses: 0 always takes the likeliest token, more is bolder.",
    ),
    ParameterSpec(
        name="repeat_penalty",
        type=_FLOAT,
        default=1.0,
        minimum=0.5,
        maximum=2,
        step=0.05,
        help="Makes tokens that were just used less likely; 1 is off.",
    ),
    ParameterSpec(
        name="presence_penalty",
        type=_FLOAT,
        default=0.0,
        minimum=-2,
        maximum=2,
        step=0.1,
        help="Makes tokens that were used at all less likely; 0 is off.",
    ),
    ParameterSpec(
        name="frequency_penalty",
        type=_FLOAT,
        default=0.0,
        minimum=-2,
        maximum=2,
        step=0.1,
        help="Makes tokens less likely the more often they were used; 0 is off.",
    ),
    ParameterSpec(
        name="stop",
        type=ParameterType.STRINGS,
        default=(),
        help="Ends the answer where this text would come; each line adds one.",
    ),
)

PARAMETERS: dict[str, ParameterSpec] = {spec.name: spec for spec in _LOAD_TIME + _PER_REQUEST}

# Ollama warns about these and drops them.
DEPRECATED = (
    "penalize_newline",
    "low_vram",
    "f16_kv",
    "logits_all",
    "vocab_only",
    "use_mlock",
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
)

MESSAGE_ROLES = ("system", "user", "assistant")
TRUTHS = ("true", "false")

_INSTRUCTIONS = (
    InstructionSpec(
        name="FROM",
        argument="model or file",
        can_repeat=True,
        help="The model or GGUF file to build on; further lines add files such as a projector.",
    ),
    InstructionSpec(
        name="LICENSE",
        argument="text",
        can_repeat=True,
        help="A licence that the model comes with.",
    ),
    InstructionSpec(
        name="TEMPLATE",
        argument="template",
        help="How messages become the prompt text, as a Go template.",
    ),
    InstructionSpec(
        name="SYSTEM", argument="text", help="What the model is told before every conversation."
    ),
    InstructionSpec(name="ADAPTER", argument="file", help="A LoRA adapter to put on the model."),
    InstructionSpec(
        name="DRAFT", argument="model or file", help="A small model that guesses tokens ahead."
    ),
    InstructionSpec(
        name="RENDERER", argument="name", help="A built-in way to write the prompt text."
    ),
    InstructionSpec(name="PARSER", argument="name", help="A built-in way to read the answer."),
    InstructionSpec(
        name="PARAMETER",
        argument="name value",
        can_repeat=True,
        help="A setting that conversations with the model begin with.",
    ),
    InstructionSpec(
        name="MESSAGE",
        argument="role text",
        can_repeat=True,
        help="A message that every conversation begins with.",
    ),
    InstructionSpec(
        name="REQUIRES",
        argument="version",
        help="The oldest Ollama version that can run the model.",
    ),
)

INSTRUCTIONS: dict[str, InstructionSpec] = {spec.name: spec for spec in _INSTRUCTIONS}
