"""Text that strangers wrote (metadata, names, model output), made safe to show.

Terminals obey escape sequences and editors obey bidirectional controls; both are made visible here.
"""

import unicodedata

_KEPT_CONTROLS = frozenset("\n\t")


def _safe_character(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return f"\\x{ord(character):02x}"
    is_bidi = unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip
    if is_bidi or character in "\u200e\u200f\u061c\u2028\u2029" or category == "Cs":
        return f"\\u{ord(character):04x}"
    return character


def safe_text(text: str) -> str:
    """Return `text` with control characters and bidi controls written out.

    Line feeds and tabs stay, everything else that a terminal or a text layout would obey does not.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_safe_character, text))


def safe_line(text: str, limit: int = 200) -> str:
    """Return `text` safe and on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(safe_text(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
