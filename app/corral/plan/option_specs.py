"""The one catalogue of load options: command line, wire and checks all read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from corral.errors import UserError
from corral.foreign import safe_line
from corral.plan.options import (
    CacheType,
    ContextOptions,
    FlashAttention,
    LoadMode,
    LoadOptions,
    SplitMode,
)
from corral.settings import worker_addresses

OptionValue = object
_TRUTHS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
_MOST_OVERRIDES = 1024
_MOST_INT = 2**31 - 1
# Longer contexts are mistakes: llama.cpp's bookkeeping alone takes dozens of bytes for each token.
LONGEST_CONTEXT = 2**24
MOST_SEQUENCES = 64
_UNQUANTIZED = (CacheType.F32, CacheType.F16, CacheType.BF16)


class OptionKind(StrEnum):
    """What kind of value an option takes."""

    INTEGER = "whole number"
    TRUTH = "true or false"
    CHOICE = "one of a few words"
    INTEGERS = "whole numbers with commas"
    NAMES = "names with commas"
    OVERRIDES = "pattern=device with commas"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One load option.

    Attributes:
        name: Its name, also that of the field.
        kind: What it takes.
        help: What it does, in a few words.
        minimum: Smallest number.
        maximum: Largest number.
        choices: The words that can be chosen.
        is_context: Whether it belongs to the context.
    """

    name: str
    kind: OptionKind
    help: str
    minimum: int = 0
    maximum: int = _MOST_INT
    choices: type[StrEnum] | None = None
    is_context: bool = False

    @property
    def allowed(self) -> str:
        """What can be given, in words."""
        if self.kind is OptionKind.INTEGER:
            return f"{self.minimum:,} to {self.maximum:,}"
        return ", ".join(self.choices) if self.choices else self.kind.value

    def parse(self, text: str) -> OptionValue:
        """Return the value that a text means.

        Raises:
            UserError: If it means none, or one that is not allowed.
        """
        try:
            value = self._parsed(text.strip())
        except (ValueError, KeyError):
            raise self.refusal(f"'{safe_line(text, 60)}'") from None
        self.check(value)
        return value

    def read(self, plain: object) -> OptionValue:
        """Return the value that a plain one of JSON stands for.

        Raises:
            ValueError: If it stands for none.
        """
        match self.kind, plain:
            case (OptionKind.INTEGER, int()) | (OptionKind.TRUTH, bool()):
                return plain
            case OptionKind.CHOICE, str() if self.choices:
                return self.choices(plain)
            case OptionKind.CHOICE, None if self.name == "v_type":
                return None
            case OptionKind.INTEGERS, list() | tuple() if all(type(x) is int for x in plain):
                return tuple(plain)
            case OptionKind.NAMES, list() | tuple() if all(type(x) is str for x in plain):
                return tuple(plain)
            case OptionKind.OVERRIDES, list() | tuple():
                return tuple((str(pattern), str(device)) for pattern, device in plain)
        raise ValueError(f"{self.name} has a value of another kind")

    def check(self, value: OptionValue) -> None:
        """Refuse what llama.cpp cannot do, or would not survive.

        Raises:
            UserError: With the value and what is allowed.
        """
        match self.kind, value:
            case OptionKind.INTEGER, int() if self.minimum <= value <= self.maximum:
                pass
            case OptionKind.INTEGER, _:
                raise self.refusal(f"{value:,}" if isinstance(value, int) else repr(value))
            case OptionKind.INTEGERS, tuple() if any(
                not 0 <= share <= _MOST_INT for share in value
            ):
                raise self.refusal(",".join(map(str, value)))
            case OptionKind.OVERRIDES, tuple():
                _check_overrides(value)
            case OptionKind.NAMES, tuple() if self.name == "workers":
                worker_addresses(value)

    def refusal(self, shown: str) -> UserError:
        """Return the refusal of a value."""
        return UserError(f"{self.name} is {shown}; it can be {self.allowed}.")

    def _parsed(self, text: str) -> OptionValue:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        match self.kind:
            case OptionKind.INTEGER:
                return int(text)
            case OptionKind.TRUTH:
                return _TRUTHS[text.lower()]
            case OptionKind.CHOICE:
                assert self.choices
                return self.choices(text.lower())
            case OptionKind.INTEGERS:
                return tuple(int(part) for part in parts)
            case OptionKind.NAMES:
                return tuple(parts)
            case OptionKind.OVERRIDES:
                pairs = [part.rpartition("=") for part in parts]
                if not all(pattern and device for pattern, _, device in pairs):
                    raise ValueError(text)
                return tuple((pattern, device) for pattern, _, device in pairs)


_INT, _TRUTH, _CHOICE = OptionKind.INTEGER, OptionKind.TRUTH, OptionKind.CHOICE
_SPECS = (
    OptionSpec(name="n_gpu_layers", kind=_INT, minimum=-1, help="layers on GPUs, -1 for all"),
    OptionSpec(
        name="load_mode",
        kind=_CHOICE,
        choices=LoadMode,
        help="how weights come into memory: mapped, read, locked, past the page cache",
    ),
    OptionSpec(
        name="tensor_split",
        kind=OptionKind.INTEGERS,
        help="layers of each GPU, such as 20,12; empty shares by free memory",
    ),
    OptionSpec(
        name="split_mode", kind=_CHOICE, choices=SplitMode, help="how several GPUs share the model"
    ),
    OptionSpec(
        name="main_gpu", kind=_INT, maximum=15, help="the GPU that has it all with split_mode=none"
    ),
    OptionSpec(
        name="devices",
        kind=OptionKind.NAMES,
        help='GPUs to use, as `corral doctor` names them; "CPU" for none',
    ),
    OptionSpec(
        name="cpu_expert_layers",
        kind=_INT,
        maximum=512,
        help="the experts of so many layers stay in main memory",
    ),
    OptionSpec(
        name="tensor_overrides",
        kind=OptionKind.OVERRIDES,
        help=r"where tensors go by their names, such as blk\.3\.ffn_.*=CPU",
    ),
    OptionSpec(name="check_tensors", kind=_TRUTH, help="look for values that are no numbers"),
    OptionSpec(
        name="mtp", kind=_TRUTH, help="the model's own layers guess the tokens after the next"
    ),
    OptionSpec(
        name="workers",
        kind=OptionKind.NAMES,
        help="RPC workers, HOST:PORT each, whose devices count as GPUs; neither authenticated nor "
        "encrypted",
    ),
)
_CONTEXT_SPECS = (
    OptionSpec(
        name="n_ctx", kind=_INT, minimum=1, maximum=LONGEST_CONTEXT, help="context length in tokens"
    ),
    OptionSpec(name="kv_type", kind=_CHOICE, choices=CacheType, help="type of the KV cache"),
    OptionSpec(
        name="v_type", kind=_CHOICE, choices=CacheType, help="type of its values, if another"
    ),
    OptionSpec(
        name="n_batch", kind=_INT, minimum=1, maximum=1 << 16, help="most tokens of one batch"
    ),
    OptionSpec(
        name="n_ubatch", kind=_INT, minimum=1, maximum=1 << 14, help="tokens computed at once"
    ),
    OptionSpec(
        name="n_seq_max", kind=_INT, minimum=1, maximum=MOST_SEQUENCES, help="answers side by side"
    ),
    OptionSpec(
        name="n_outputs_max", kind=_INT, minimum=1, maximum=1 << 14, help="rows of logits at once"
    ),
    OptionSpec(
        name="n_threads", kind=_INT, maximum=512, help="threads that generate, 0 for the cores"
    ),
    OptionSpec(
        name="n_threads_batch",
        kind=_INT,
        maximum=512,
        help="threads that read prompts, 0 for as many",
    ),
    OptionSpec(
        name="flash_attention",
        kind=_CHOICE,
        choices=FlashAttention,
        help="attention in one pass",
    ),
    OptionSpec(name="swa_full", kind=_TRUTH, help="all of the context for sliding-window layers"),
    OptionSpec(name="kv_unified", kind=_TRUTH, help="one cache for all sequences"),
    OptionSpec(name="offload_kqv", kind=_TRUTH, help="the KV cache on the GPUs"),
    OptionSpec(name="op_offload", kind=_TRUTH, help="GPUs compute with weights in main memory"),
)
LOAD_OPTIONS: dict[str, OptionSpec] = {
    **{spec.name: spec for spec in _SPECS},
    **{spec.name: replace(spec, is_context=True) for spec in _CONTEXT_SPECS},
}


def with_option(options: LoadOptions, name: str, text: str) -> LoadOptions:
    """Return options with one set by its name.

    Raises:
        UserError: If there is no such option, or the text is no value of it.
    """
    spec = LOAD_OPTIONS.get(name)
    if spec is None:
        raise UserError(
            f"There is no load option '{safe_line(name, 40)}'.",
            hint=f"There are {', '.join(LOAD_OPTIONS)}.",
        )
    change: dict[str, object] = {name: spec.parse(text)}
    if spec.is_context:
        return replace(options, context=replace(options.context, **change))  # type: ignore[arg-type]
    return replace(options, **change)  # type: ignore[arg-type]


def check_options(options: LoadOptions) -> None:
    """Refuse options that llama.cpp could not take or would not survive.

    Raises:
        UserError: With the value and what is allowed.
    """
    for spec in _SPECS:
        spec.check(getattr(options, spec.name))
    check_context(options.context)


def check_context(context: ContextOptions) -> None:
    """Refuse options of a context that llama.cpp could not take or would not survive.

    Raises:
        UserError: With the value and what is allowed.
    """
    for spec in _CONTEXT_SPECS:
        spec.check(getattr(context, spec.name))
    is_off = context.flash_attention is FlashAttention.OFF
    if is_off and context.value_type not in _UNQUANTIZED:
        raise UserError(
            f"A KV cache with values of type {context.value_type} needs flash attention, "
            "which is off.",
            hint=f"Turn flash attention on, or choose one of {', '.join(_UNQUANTIZED)}.",
        )


def options_from_plain(plain: Mapping[str, object]) -> LoadOptions:
    """Return the options that `dataclasses.asdict` made plain.

    Raises:
        ValueError: If they are none.
    """
    inner = plain.get("context")
    if not isinstance(inner, Mapping):
        raise ValueError("the options have no context")  # noqa: TRY004 (the answer is wrong)
    return LoadOptions(
        **_read(LoadOptions, plain),
        context=ContextOptions(**_read(ContextOptions, inner)),
    )


def _read(kind: type[LoadOptions | ContextOptions], plain: Mapping[str, object]) -> dict[str, Any]:
    names = [field.name for field in fields(kind) if field.name != "context"]
    if missing := [name for name in names if name not in plain]:
        raise ValueError(f"the options lack {missing[0]}")
    return {name: LOAD_OPTIONS[name].read(plain[name]) for name in names}


def _check_overrides(overrides: tuple[tuple[str, str], ...]) -> None:
    if len(overrides) > _MOST_OVERRIDES:
        raise UserError(
            f"There are {len(overrides):,} tensor overrides; at most {_MOST_OVERRIDES:,} are taken."
        )
    for pattern, _ in overrides:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UserError(
                f"'{safe_line(pattern, 60)}' is no regular expression: {error}."
            ) from error
