"""JSON exactly as Go's encoder writes it, so that equal content gets equal digests.

Source: the ``encoding/json`` documentation, and the layer digests of Ollama's tests.
"""

import json
import math
from collections.abc import Mapping, Sequence

from corral.errors import UserError

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

# Go escapes markup of HTML and line ends of JavaScript; json.dumps does the rest alike.
_GO_ESCAPES = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def go_json(value: JsonValue, *, sort_keys: bool = True) -> bytes:
    """Return `value` as Go's ``json.Encoder`` writes it: no blanks, a line feed at the end.

    Args:
        value: What to write.
        sort_keys: True for what is a map in Go, False for a struct, whose fields keep their order.

    Raises:
        UserError: If a number is infinite or not a number.
    """
    return (_text(value, sort_keys=sort_keys) + "\n").encode("utf-8")


def _text(value: JsonValue, *, sort_keys: bool) -> str:
    match value:
        case None | bool() | int():
            return json.dumps(value)
        case str():
            return _string(value)
        case float():
            return _number(value)
        case Mapping():
            keys = sorted(value) if sort_keys else list(value)
            pairs = (f"{_string(key)}:{_text(value[key], sort_keys=sort_keys)}" for key in keys)
            return "{" + ",".join(pairs) + "}"
        case _:
            return "[" + ",".join(_text(item, sort_keys=sort_keys) for item in value) + "]"


def _string(value: str) -> str:
    # A lone surrogate cannot be written in UTF-8; Go writes the replacement character for it.
    clean = value.encode("utf-8", "replace").decode() if _has_surrogate(value) else value
    return json.dumps(clean, ensure_ascii=False).translate(_GO_ESCAPES)


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise UserError(f"{value} cannot be stored as a number.")
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if 1e-6 <= abs(value) < 1e21:
        return _plain(repr(value))
    mantissa, exponent = repr(value).split("e")
    return f"{mantissa.removesuffix('.0')}e{exponent[0]}{exponent[1:].lstrip('0')}"


def _plain(shortest: str) -> str:
    """Write the exponent of the shortest form out: 1e-05 is 0.00001."""
    mantissa, _, exponent = shortest.partition("e")
    if not exponent:
        return mantissa.removesuffix(".0")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    point = len(whole) + int(exponent)
    digits = whole + fraction
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    # At 1e16 and above repr has an exponent and at most 17 digits: they may end before the point.
    return sign + digits.ljust(point, "0")
