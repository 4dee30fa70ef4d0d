"""Values as text, as Go's fmt and encoding/json write them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from corral.prompt.gotemplate.values import JsonList, JsonMap, Record, Value, kind_name
from corral.prompt.origin import restored, through

NO_VALUE = "<no value>"
MAX_WIDTH = 10_000
_SMALL_EXPONENT, _LARGE_EXPONENT = -4, 6
_JSON_SMALL, _JSON_LARGE = 1e-6, 1e21
_JSON_DIGITS = (-7, 21)
_VERB = re.compile(r"%([-+# 0]*)(\d*)(?:\.(\d*))?(.?)", re.DOTALL)
_HTML_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028",
                 "\u2029": "\\u2029"}  # fmt: skip
_HTML = re.compile("[<>&\u2028\u2029]")


def printed(value: Value) -> str:
    """Return what an action writes."""
    return NO_VALUE if value is None else text_of(value)


def text_of(value: Value) -> str:
    """Return a value as `%v` writes it."""
    match value:
        case None:
            return "<nil>"
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return float_text(value)
        case int():
            return str(value)
        case _:
            return _compound_text(value)


def json_text(value: Value) -> str:
    """Return compact JSON as Go writes it: maps by key, and safe inside HTML."""
    return "".join(_json_pieces(value))


def float_text(value: float) -> str:
    """Return a float as `%v` writes it."""
    return _shortest(value, _SMALL_EXPONENT, _LARGE_EXPONENT)


def formatted(pattern: str, values: Sequence[Value]) -> str:
    """Return what `printf` writes; mistakes become text, as in Go."""
    rest = list(values)
    out = []
    position = 0
    for verb in _VERB.finditer(pattern):
        out.append(pattern[position : verb.start()])
        position = verb.end()
        out.append(_formatted_verb(verb, rest))
    out.append(pattern[position:])
    if rest:
        extra = ", ".join(f"{kind_name(value)}={text_of(value)}" for value in rest)
        out.append(f"%!(EXTRA {extra})")
    return "".join(out)


def joined(values: Sequence[Value]) -> str:
    """Return what `print` writes: a blank stands between two values that are no text."""
    out = ""
    for index, value in enumerate(values):
        is_text = isinstance(value, str) or isinstance(values[index - 1], str)
        out += (" " if index and not is_text else "") + text_of(value)
    return out


def quoted(text: str) -> str:
    """Return text as a Go string literal."""
    return f'"{through(_quoted_letters, text)}"'


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex()


def _quoted_letters(text: str) -> str:
    out = []
    for letter in text:
        if letter in '"\\':
            out.append("\\" + letter)
        elif letter.isprintable():
            out.append(letter)
        else:
            out.append(_escape(letter))
    return "".join(out)


def _escape(letter: str) -> str:
    names = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}
    if letter in names:
        return "\\" + names[letter]
    code = ord(letter)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _compound_text(value: "Sequence[Value] | Mapping[str, Value] | Record") -> str:
    if isinstance(value, JsonList | JsonMap) or (isinstance(value, Record) and value.prints_json):
        return json_text(value)
    if isinstance(value, Record):
        return "{" + " ".join(text_of(item) for item in value.fields.values()) + "}"
    if isinstance(value, Mapping):
        pairs = (f"{key}:{text_of(value[key])}" for key in sorted(value, key=restored))
        return "map[" + " ".join(pairs) + "]"
    return "[" + " ".join(text_of(item) for item in value) + "]"


def _shortest(value: float, small: int, large: int) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    number = Decimal(repr(value)).normalize()
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    size = len(digits) - 1 + exponent
    if small <= size < large:
        return format(number, "f")
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if size < 0 else '+'}{abs(size):02d}"


def _json_pieces(value: Value) -> list[str]:  # noqa: PLR0911 (one for each kind)
    match value:
        case None | bool() | int():
            return [json.dumps(value)]
        case float():
            return [_json_float(value)]
        case str():
            return [_json_string(value)]
        case Record():
            return _json_record(value)
        case Mapping():
            return _json_object(value, sorted(value, key=restored))
        case JsonList() if not value:
            return ["null"]
        case _:
            items = ["".join(_json_pieces(item)) for item in value]
            return ["[", ",".join(items), "]"]


def _json_record(value: Record) -> list[str]:
    if isinstance(value.json, Mapping):
        return _json_object(value.json, list(value.json))
    return _json_pieces(value.json)


def _json_object(value: Mapping[str, Value], keys: Sequence[str]) -> list[str]:
    pairs = [f"{_json_string(key)}:{''.join(_json_pieces(value[key]))}" for key in keys]
    return ["{", ",".join(pairs), "}"]


def _json_float(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    if value and not _JSON_SMALL <= abs(value) < _JSON_LARGE:
        return _shortest(value, 0, 0).replace("e-0", "e-").replace("e+0", "e+")
    return _shortest(value, _JSON_DIGITS[0], _JSON_DIGITS[1])


def _json_string(text: str) -> str:
    return f'"{through(_json_letters, text)}"'


def _json_letters(text: str) -> str:
    return _HTML.sub(
        lambda found: _HTML_ESCAPES[found.group()], json.dumps(text, ensure_ascii=False)[1:-1]
    )


def _formatted_verb(verb: re.Match[str], rest: list[Value]) -> str:
    flags, width, precision, letter = verb.groups()
    if letter == "%":
        return "%"
    if not letter:
        return "%!(NOVERB)"
    if int(width or 0) > MAX_WIDTH or int(precision or 0) > MAX_WIDTH:
        return "%!(BADWIDTH)"
    if not rest:
        return f"%!{letter}(MISSING)"
    value = rest.pop(0)
    text = _verb_text(letter, value, flags, precision)
    if text is None:
        shown = f"{kind_name(value)}={text_of(value)}" if value is not None else "<nil>"
        return f"%!{letter}({shown})"
    return _padded(text, flags, int(width or 0), is_number=isinstance(value, int | float))


def _verb_text(  # noqa: PLR0911 (one for each verb)
    letter: str, value: Value, flags: str, precision: str | None
) -> str | None:
    """Return a value in the way a verb asks for, None if the verb is not for it."""
    sign = "+" if "+" in flags else " " if " " in flags else ""
    digits = 6 if precision is None else int(precision or 0)
    is_float = isinstance(value, float)
    is_int = isinstance(value, int) and not isinstance(value, bool)
    match letter:
        case "v":
            return text_of(value)
        case "T":
            return kind_name(value)
        case "s" | "q" if value is not None and not isinstance(value, bool | int | float):
            text = text_of(value)
            text = text if precision is None else text[:digits]
            return quoted(text) if letter == "q" else text
        case "x" | "X" if isinstance(value, str):
            text = through(_hex, value)
            return text.upper() if letter == "X" else text
        case "t" if isinstance(value, bool):
            return text_of(value)
        case "d" | "x" | "X" | "o" | "b" if is_int:
            return format(value, f"{sign}{'#' if '#' in flags else ''}{letter}")
        case "c" if isinstance(value, int) and is_int and 0 <= value < 0x110000:
            return chr(value)
        case "e" | "f" | "F" | "g" if is_float:
            if letter == "g" and precision is None:
                return text_of(value)
            return format(value, f"{sign}.{digits}{letter}")
        case _:
            return None


def _padded(text: str, flags: str, width: int, *, is_number: bool) -> str:
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and is_number:
        return text.zfill(width)
    return text.rjust(width)
