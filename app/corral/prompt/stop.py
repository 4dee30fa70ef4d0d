"""Stop strings, found in text that comes in pieces."""

from collections.abc import Sequence


def partial_match(text: str, needle: str) -> int:
    """Return how many characters at the end of `text` could be the beginning of `needle`."""
    start = text.find(needle[0], max(0, len(text) - len(needle) + 1))
    while start >= 0 and not needle.startswith(text[start:]):
        start = text.find(needle[0], start + 1)
    return len(text) - start if start >= 0 else 0


class StopSearch:
    """Lets text through up to the first stop string that is complete.

    What may still become a stop string is held back. Of two that are complete at the same
    character, the longer counts. However the text is cut into pieces, the outcome is the same.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(filter(None, stops))
        self._held = ""
        self._is_hit = False

    def feed(self, text: str) -> tuple[str, bool]:
        """Take the next piece.

        Returns:
            Text that can be shown, and whether a stop string was found; then nothing more comes.
        """
        if self._is_hit:
            return "", True
        text = self._held + text
        found = [(text.find(stop) + len(stop), -len(stop)) for stop in self._stops if stop in text]
        if found:
            end, negative_length = min(found)
            self._is_hit, self._held = True, ""
            return text[: end + negative_length], True
        kept = len(text) - max((partial_match(text, stop) for stop in self._stops), default=0)
        self._held = text[kept:]
        return text[:kept], False

    def flush(self) -> str:
        """Return what was held back: no more text comes, so it is no stop string."""
        held, self._held = self._held, ""
        return held
