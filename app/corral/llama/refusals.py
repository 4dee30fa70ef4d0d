"""Why llama.cpp refused: its log turned into one reason with numbers.

llama.cpp answers a load that fails with nothing but a null pointer; what was wrong stands among the
lines that it logged meanwhile. The table below knows the lines of this build.
Source: the messages of llama.cpp 0c1e57098; each row is made to happen in the tests.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.units import memory_size


class Reason(StrEnum):
    """Why a model, a context or an adapter could not be had."""

    OUT_OF_MEMORY = "out_of_memory"
    UNKNOWN_ARCHITECTURE = "unknown_architecture"
    NOT_A_MODEL = "not_a_model"
    MISSING_TENSOR = "missing_tensor"
    WRONG_SHAPE = "wrong_shape"
    TENSOR_COUNT = "tensor_count"
    MISSING_KEY = "missing_key"
    WRONG_KEY = "wrong_key"
    BAD_VOCABULARY = "bad_vocabulary"
    INCOMPLETE = "incomplete"
    BAD_VALUES = "bad_values"
    CACHE_TYPE = "cache_type"
    FLASH_ATTENTION = "flash_attention"
    WRONG_BASE = "wrong_base"
    OTHER = "other"


class LoadError(ExternalError):
    """llama.cpp refused a model, a context or an adapter.

    Attributes:
        reason: Why.
    """

    def __init__(self, reason: Reason, summary: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.reason = reason


_DAMAGED = "The file is damaged; get it again, or another file of this model."
_NEWER = "It may be newer than this llama.cpp, or made with a converter that went wrong."
_LESS = "Unload another model, choose a shorter context, a smaller KV cache or a smaller file."
_CACHE = "Choose the type f16 for the KV cache."


@dataclass(frozen=True, slots=True)
class _Row:
    """Lines of the log, and what they mean.

    Attributes:
        reason: The reason.
        pattern: Finds it in the log.
        words: What to say; `{0}` and so on are the pattern's groups.
        hint: What to do about it.
    """

    reason: Reason
    pattern: re.Pattern[str]
    words: str
    hint: str


def _row(reason: Reason, pattern: str, words: str, hint: str) -> _Row:
    return _Row(reason, re.compile(pattern), words, hint)


# The first row that is found counts.
_TABLE = (
    _row(
        Reason.UNKNOWN_ARCHITECTURE,
        r"unknown model architecture: '(.*?)'$",
        "this llama.cpp does not know its architecture '{0}'",
        _NEWER,
    ),
    _row(
        Reason.NOT_A_MODEL,
        r"CLIP cannot be used as main model",
        "it is a projector for images, not a language model",
        "Use it together with the model that it belongs to.",
    ),
    _row(
        Reason.NOT_A_MODEL,
        r"invalid magic characters: '(.*?)'|failed to read magic",
        "it is no GGUF file",
        _DAMAGED,
    ),
    _row(
        Reason.MISSING_TENSOR,
        r"tensor '(.*?)' not found|missing tensor '(.*?)'",
        "it lacks the tensor '{0}'",
        f"The file is incomplete. {_NEWER}",
    ),
    _row(
        Reason.WRONG_SHAPE,
        r"tensor '(.*?)' has wrong shape; expected +(.*?), got +(.*?)(?:, +1)*$",
        "the tensor '{0}' has the shape {2} and its metadata ask for {1}",
        _DAMAGED,
    ),
    _row(
        Reason.TENSOR_COUNT,
        r"wrong number of tensors; expected (\d+), got (\d+)",
        "it has {0} tensors, and its architecture uses {1}",
        _NEWER,
    ),
    _row(
        Reason.BAD_VOCABULARY,
        r"unknown (?:pre-)?tokenizer(?: type)?: '(.*?)'",
        "this llama.cpp does not know its tokenizer '{0}'",
        _NEWER,
    ),
    _row(
        Reason.BAD_VOCABULARY,
        r"error loading model vocabulary: (.+)$",
        "its vocabulary cannot be used: {0}",
        _DAMAGED,
    ),
    _row(Reason.MISSING_KEY, r"key not found in model: (\S+)", "it lacks the key '{0}'", _DAMAGED),
    _row(
        Reason.WRONG_KEY,
        r"key (\S+) has wrong type (\S+) but expected type (\S+)",
        "its key '{0}' has the type {1} and should have {2}",
        _DAMAGED,
    ),
    _row(
        Reason.WRONG_KEY,
        r"key (\S+) has wrong array length; expected (\d+), got (\d+)",
        "its key '{0}' has {2} values and should have {1}",
        _DAMAGED,
    ),
    _row(
        Reason.WRONG_KEY,
        r"error loading model hyperparameters: (.+)$",
        "its metadata cannot be: {0}",
        _DAMAGED,
    ),
    _row(
        Reason.INCOMPLETE,
        r"tensor '(.*?)' data is not within the file bounds",
        "the file ends before the tensor '{0}' does",
        "Download or copy it again.",
    ),
    _row(
        Reason.INCOMPLETE,
        r"gguf_init_from_\w+: (.+)$",
        "its header cannot be read ({0})",
        "Download or copy it again.",
    ),
    _row(
        Reason.BAD_VALUES,
        r"tensor '(.*?)' has invalid data",
        "the tensor '{0}' holds values that are no numbers",
        _DAMAGED,
    ),
    _row(
        Reason.CACHE_TYPE,
        r"([KV]) cache type (\S+) with block size (\d+) does not divide \S+=(\d+)",
        "a KV cache of type {1} needs heads of a multiple of {2} values, and its have {3}",
        _CACHE,
    ),
    _row(
        Reason.CACHE_TYPE,
        r"model does not support different K \((\S+)\) and V \((\S+)\) cache types",
        "its keys and values must have one type in the KV cache, not {0} and {1}",
        "Leave v_type out.",
    ),
    _row(
        Reason.FLASH_ATTENTION,
        r"quantized V cache.*requires? [Ff]lash",
        "quantized values in the KV cache need flash attention, which this model has not here",
        _CACHE,
    ),
    _row(
        Reason.WRONG_BASE,
        r"tensor '(.*?)' (?:does not exist in base model|has incorrect shape)",
        "its tensor '{0}' does not fit that model",
        "An adapter fits only the model it was made from.",
    ),
    _row(
        Reason.WRONG_BASE,
        r"model arch and LoRA arch mismatch",
        "it was made for another architecture",
        "An adapter fits only the model it was made from.",
    ),
)
_PIECE = re.compile(r"failed to allocate (?:(\S+) )?buffer of size (\d+)")
_NO_MEMORY = re.compile(
    r"bad_alloc|failed to allocate|unable to allocate|Cannot allocate memory|out of memory"
    r"|insufficient memory|mem_buffer != NULL",
    re.IGNORECASE,
)
# What llama.cpp says at each level before and behind the point.
_POINT = re.compile(r"(?:error loading model|failed to initialize the context): (.+)$")


def refusal(what: str, said: str, left: Callable[[str], int]) -> LoadError:
    """Return why llama.cpp refused something.

    Args:
        what: The thing in words, such as "model.gguf (4.9 GB)".
        said: What it logged meanwhile, a line each.
        left: Answers the free bytes of the device that a buffer type is named for.
    """
    if is_out_of_memory(said):
        return out_of_memory(what, said, left)
    lines = said.splitlines()
    for row in _TABLE:
        for line in lines:
            if found := row.pattern.search(line):
                words = row.words.format(*(safe_line(part or "", 120) for part in found.groups()))
                return _refused(row.reason, what, words, said, row.hint)
    points = [point[1] for line in lines if (point := _POINT.search(line))]
    reason = safe_line((points or lines or ["it gave no reason"])[-1], 300)
    return _refused(Reason.OTHER, what, reason, said, _DAMAGED)


def out_of_memory(what: str, said: str, left: Callable[[str], int]) -> LoadError:
    """Return the refusal where memory ran out, with what was asked and what is left."""
    pieces = [(name or "", int(size)) for name, size in _PIECE.findall(said)]
    device, asked = max(pieces, key=lambda piece: piece[1], default=("", 0))
    piece = f"a piece of {memory_size(asked)} was asked for" if asked else "memory ran out"
    return LoadError(
        Reason.OUT_OF_MEMORY,
        f"There is not enough memory for {what}: {piece}, {memory_size(left(device))} is left.",
        detail=said,
        hint=_LESS,
    )


def is_out_of_memory(said: str) -> bool:
    """Whether words of llama.cpp tell that memory ran out."""
    return _NO_MEMORY.search(said) is not None


def _refused(reason: Reason, what: str, words: str, said: str, hint: str) -> LoadError:
    return LoadError(reason, f"llama.cpp refuses {what}: {words}.", detail=said, hint=hint)
