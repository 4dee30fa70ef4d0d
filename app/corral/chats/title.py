"""The title a conversation gets by itself: the first words of its first question."""

import textwrap

TITLE_LENGTH = 60


def automatic_title(text: str) -> str:
    """Return the first words of `text` on one line, at most `TITLE_LENGTH` characters."""
    line = " ".join(text.split())
    words = textwrap.shorten(line, TITLE_LENGTH, placeholder="…", break_on_hyphens=False)
    if len(words) > TITLE_LENGTH // 2 or len(line) <= TITLE_LENGTH:
        return words
    return line[: TITLE_LENGTH - 1] + "…"  # a very long word, or a script without spaces
