"""Parameter values as text: read as Ollama reads them, written so that they read back."""

import ctypes
import math
import re
from collections.abc import Sequence

from corral.errors import UserError
from corral.modelfile.catalogue import DEPRECATED, PARAMETERS, ParameterType, ParameterValue

_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Golang's notion of a version: minor and patch number may be missing, leading zeros may not be.
_PART = "(0|[1-9][0-9]*)"
_BEFORE = "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = "[0-9A-Za-z-]+"
_VERSION = re.compile(
    rf"v?{_PART}(\.{_PART}(\.{_PART}(-{_BEFORE}(\.{_BEFORE})*)?(\+{_BUILD}(\.{_BUILD})*)?)?)?"
)
_BOOLEANS = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "FALSE", "false", "False"), False
)


def parse_value(name: str, values: Sequence[str]) -> ParameterValue:
    """Read the value of one parameter.

    Args:
        name: Name of the parameter.
        values: Its texts: one, or any number of them for `stop`.

    Returns:
        The typed value; floats are rounded to what a 32-bit float can tell apart, as Ollama's are.

    Raises:
        UserError: If there is no such parameter or the text is not a value of its type.
    """
    spec = PARAMETERS.get(name)
    if spec is None:
        raise unknown_parameter(name)
    if spec.type is ParameterType.STRINGS:
        return tuple(values)
    text = values[0] if values else ""
    value = _parse_scalar(spec.type, text)
    if value is None:
        shown = " ".join(values)
        raise UserError(f"invalid {spec.type} value [{shown}]", hint=_hint(name, spec.type))
    return value


def is_version(text: str) -> bool:
    """Whether a text is a version as REQUIRES wants it: "0.14.0", "v0.14"."""
    return len(text) <= 200 and _VERSION.fullmatch(text) is not None


def unknown_parameter(name: str) -> UserError:
    """Return the error for a parameter that does not exist, with what was probably meant."""
    if name in DEPRECATED:
        return UserError(f"unknown parameter '{name}'", hint="It is no longer used.")
    closest = closest_parameter(name)
    hint = f"Did you mean '{closest}'?" if closest else ""
    return UserError(f"unknown parameter '{name}'", hint=hint)


def closest_parameter(name: str) -> str | None:
    """Return the parameter whose name is most like `name`, None when none is."""
    import difflib  # lazy: only those who mistype need it

    found = difflib.get_close_matches(name.lower().replace("-", "_")[:40], PARAMETERS, n=1)
    return found[0] if found else None


def format_value(value: ParameterValue) -> tuple[str, ...]:
    """Return a value as the texts of its PARAMETER lines; `parse_value` reads them back."""
    match value:
        case bool():
            return ("true" if value else "false",)
        case float():
            return (repr(value).removesuffix(".0"),)
        case int():
            return (str(value),)
        case str():
            return (value,)
        case _:
            return value


def _hint(name: str, kind: ParameterType) -> str:
    match kind:
        case ParameterType.INTEGER:
            return f"'{name}' is a whole number such as 40."
        case ParameterType.FLOAT:
            return f"'{name}' is a number such as 0.7."
        case _:
            return f"'{name}' is true or false."


def _parse_scalar(kind: ParameterType, text: str) -> ParameterValue | None:
    match kind:
        case ParameterType.INTEGER:
            return _parse_integer(text)
        case ParameterType.FLOAT:
            return _parse_float(text)
        case _:
            return _BOOLEANS.get(text)


def _parse_integer(text: str) -> int | None:
    if len(text) > 40 or not _INTEGER.fullmatch(text):  # Python refuses thousands of digits
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


def _parse_float(text: str) -> float | None:
    if not _FLOAT.fullmatch(text):
        return None
    single = _to_32_bits(float(text))
    if math.isinf(single):
        return None
    shorter = (float(f"{single:.{digits}g}") for digits in range(6, 10))
    return next(value for value in shorter if _to_32_bits(value) == single)


def _to_32_bits(value: float) -> float:
    return ctypes.c_float(value).value
