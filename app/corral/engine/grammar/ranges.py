"""Whole numbers between two bounds, as GBNF."""

# Numbers beyond these lose digits in the programs that read the JSON.
MOST_DIGITS = 15
_LARGEST = 10**MOST_DIGITS - 1


def integer_range(least: int | None, most: int | None) -> str | None:
    """Return GBNF for the integers from `least` to `most`, both included; None when there are none.

    Open ends reach as far as a number keeps all its digits.
    """
    low = -_LARGEST if least is None else max(least, -_LARGEST)
    high = _LARGEST if most is None else min(most, _LARGEST)
    if low > high:
        return None
    alternatives = []
    if low < 0:
        alternatives.append('"-" (' + " | ".join(_positive(max(1, -high), -low)) + ")")
    if high >= 0:
        alternatives += _positive(max(0, low), high)
    return " | ".join(alternatives)


def _positive(low: int, high: int) -> list[str]:
    """Return alternatives for the numbers from `low` to `high`, split where digits are added."""
    alternatives = []
    while low <= high:
        top = min(high, 10 ** len(str(low)) - 1)
        alternatives += _same_length(str(low), str(top))
        low = top + 1
    return alternatives


def _same_length(low: str, high: str) -> list[str]:
    """Return alternatives for the numbers between two of the same length."""
    if not low:
        return [""]
    if _spans(low, high):
        return [_digits(low[0], high[0]) + _free(len(low) - 1)]
    if low[0] == high[0]:
        rests = _same_length(low[1:], high[1:])
        return [f'"{low[0]}" ({" | ".join(rests)})' if rests != [""] else f'"{low[0]}"']
    rest = len(low) - 1
    parts = _same_length(low, low[0] + "9" * rest)
    first, last = int(low[0]) + 1, int(high[0]) - 1
    if first <= last:
        parts.append(_digits(str(first), str(last)) + _free(rest))
    return parts + _same_length(high[0] + "0" * rest, high)


def _spans(low: str, high: str) -> bool:
    """Whether all digits after the first are free."""
    return set(low[1:]) <= {"0"} and set(high[1:]) <= {"9"}


def _digits(first: str, last: str) -> str:
    return f"[{first}-{last}]" if first != last else f'"{first}"'


def _free(count: int) -> str:
    return f" [0-9]{{{count}}}" if count else ""
