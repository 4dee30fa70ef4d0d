"""Metadata that would make llama.cpp end the process.

Source: measured with llama-cpp-python 0.3.36, and the assertions of its ``llama-model.cpp`` while
it reads the hyperparameters.
"""

import re
from math import isfinite

from corral.foreign import safe_line
from corral.gguf.errors import DamagedError, UnsupportedError
from corral.gguf.header import MAX_BLOCKS, Header

_MAX_EXPERTS = 1024
# Four are known; further ones are the pre-flight's.
_MAX_GATING = 8
_MAX_I32 = 2**31 - 1
_MAX_TEMPLATE_CHARACTERS = 1 << 20
_MAX_WINDOW = 1 << 30
# Below 4 tokens the batch becomes smaller than what is put in it.
_RANGES = (
    ("block_count", 1, MAX_BLOCKS),
    ("context_length", 4, _MAX_I32),
    ("embedding_length", 1, 1 << 20),
)
_EPSILONS = (
    "attention.layer_norm_rms_epsilon",
    "attention.layer_norm_epsilon",
    "attention.group_norm_epsilon",
)
_ROPE_SCALINGS = ("none", "linear", "yarn", "longrope")
_QUERIES = re.compile(r"\.attn_(q|qkv)\.")
# Those that decide where an answer begins and ends. llama.cpp only warns about others that lie
# outside the vocabulary (padding, separator, mask), and models that work have such ones.
_SPECIAL_TOKENS = ("bos", "eos", "eot", "eom", "fim_pre", "fim_suf", "fim_mid")
# Some converters write -1 for "none" into an unsigned number.
_NONE = 2**32 - 1


def check_limits(header: Header) -> None:
    """Check the numbers and texts of a model's metadata.

    Raises:
        DamagedError: If one lies outside what llama.cpp survives.
        UnsupportedError: If this is not a language model.
    """
    if not header.architecture:
        raise DamagedError("The file does not say its architecture.")
    for key, minimum, maximum in _RANGES:
        _check_range(header, key, minimum, maximum)
    _check_range(header, "nextn_predict_layers", 0, header.block_count, is_needed=False)
    _check_range(header, "expert_gating_func", 0, _MAX_GATING, is_needed=False)
    _check_heads(header)
    _check_experts(header)
    for key in _EPSILONS:
        epsilon = header.arch_value(key, 0.0)
        if not (isfinite(epsilon) and 0 <= epsilon <= 1):
            raise _outside(header, key, f"{epsilon:g}", "0 to 1")
    scaling = header.arch_value("rope.scaling.type", "none")
    if scaling not in _ROPE_SCALINGS:
        shown = f"'{safe_line(scaling, 40)}'"
        raise _outside(header, "rope.scaling.type", shown, ", ".join(_ROPE_SCALINGS))
    _check_rope(header)
    _check_window(header)
    _check_template(header)
    _check_special_tokens(header)


def _outside(header: Header, key: str, value: str, allowed: str) -> DamagedError:
    full_key = safe_line(f"{header.architecture}.{key}", 80)
    return DamagedError(
        f"'{full_key}' is {value}; llama.cpp takes {allowed}.", what=f"the key '{full_key}'"
    )


def _check_range(
    header: Header, key: str, minimum: int, maximum: int, *, is_needed: bool = True
) -> None:
    value = header.arch_value(key, None)
    if value is None and is_needed:
        full_key = safe_line(f"{header.architecture}.{key}", 80)
        raise UnsupportedError(
            f"The file is not a language model: it has no '{full_key}'.",
            what=f"the key '{full_key}'",
        )
    number = header.arch_value(key, 0)
    if value is not None and not (type(value) is int and minimum <= number <= maximum):
        shown = f"{number:,}" if type(value) is int else "not a whole number"
        raise _outside(header, key, shown, f"{minimum:,} to {maximum:,}")


def _check_heads(header: Header) -> None:
    """Check that a model with attention says how many heads it has; llama.cpp divides by that."""
    heads = max(header.per_layer("attention.head_count", 0), default=0)
    has_attention = any(_QUERIES.search(tensor.name) for tensor in header.tensors)
    if has_attention and heads <= 0:
        raise _outside(header, "attention.head_count", f"{heads:,}", "1 or more here")


def _check_experts(header: Header) -> None:
    experts = header.arch_value("expert_count", 0)
    used = max(header.per_layer("expert_used_count", 0), default=0)
    if not 0 <= experts <= _MAX_EXPERTS:
        raise _outside(header, "expert_count", f"{experts:,}", f"0 to {_MAX_EXPERTS:,}")
    if not min(1, experts) <= used <= experts:
        raise _outside(
            header, "expert_used_count", f"{used:,}", f"{min(1, experts)} to {experts:,} here"
        )
    groups = header.arch_value("expert_group_count", 0)
    used_groups = header.arch_value("expert_group_used_count", 0)
    if not 0 <= groups < max(experts, 1) or (groups > 1 and experts % groups):
        raise _outside(header, "expert_group_count", f"{groups:,}", f"a divisor of {experts:,}")
    if groups > 1 and not 0 < used_groups < groups:
        raise _outside(
            header, "expert_group_used_count", f"{used_groups:,}", f"1 to {groups - 1:,} here"
        )


def _check_rope(header: Header) -> None:
    """Check that heads are turned in pairs of values, and no more of them than there are.

    llama.cpp asks when it computes.
    """
    heads = max(header.per_layer("attention.head_count", 0), default=0)
    width = header.arch_value("embedding_length", 0) // heads if heads > 0 else 0
    for suffix in ("", "_swa"):
        key = f"rope.dimension_count{suffix}"
        turned = header.arch_value(key, 0)
        length = header.arch_value(f"attention.key_length{suffix}", width)
        if length > 0 and (turned % 2 or not 0 <= turned <= length):
            raise _outside(header, key, f"{turned:,}", f"an even number up to {length:,} here")


def _check_window(header: Header) -> None:
    """Check that a sliding window is one: near 2^31 llama.cpp looks for room that nobody has."""
    window = header.arch_value("attention.sliding_window", 0)
    if _MAX_WINDOW < window < _NONE:
        raise _outside(header, "attention.sliding_window", f"{window:,}", f"0 to {_MAX_WINDOW:,}")


def _check_template(header: Header) -> None:
    for key, value in header.metadata.items():
        if not key.startswith("tokenizer.chat_template") or not isinstance(value, str):
            continue
        if len(value) > _MAX_TEMPLATE_CHARACTERS:
            raise DamagedError(
                f"The chat template has {len(value):,} characters, "
                f"more than {_MAX_TEMPLATE_CHARACTERS:,}.",
                what=f"the key '{safe_line(key, 80)}'",
            )


def _check_special_tokens(header: Header) -> None:
    for name in _SPECIAL_TOKENS:
        key = f"tokenizer.ggml.{name}_token_id"
        token = header.value(key, _NONE)
        if token != _NONE and not -1 <= token < header.vocab_size:
            raise DamagedError(
                f"'{key}' is {token:,}, but the vocabulary has {header.vocab_size:,} tokens.",
                what=f"the key '{key}'",
            )
