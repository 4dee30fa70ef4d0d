"""Guessing from what was said already: texts that are quoted, changed a little or listed."""

from collections.abc import Iterable, Sequence

# So many tokens lead to where they stood before: few to find much, more to be sure.
KEY_LENGTHS = (4, 2)
# Longer matches are not surer.
MOST_MATCHED = 16
FIRST_DOUBT = 1.5
NOWHERE = -1


class PromptLookup:
    """Goes on as the same tokens went on the last time they stood in the sequence.

    Once a guess was right, the text is taken to follow the same passage until it does not.

    Thread: the engine thread.
    """

    token_s = 0.0

    def __init__(self, tokens: Iterable[int]) -> None:
        """Read the prompt.

        Args:
            tokens: All that the sequence holds; below zero for places in pictures.
        """
        self._tokens = list(tokens)
        # Tokens of a key to the place after it; the newest place counts.
        self._places = tuple(_places(self._tokens, length) for length in KEY_LENGTHS)
        self._following = self._start = NOWHERE

    def strength(self) -> int | None:
        """Return how many of the last tokens stand before the quoted place, as a power of two."""
        places = [self._following, *(self._found(*key) for key in self._keys())]
        ranked = [(self._matched(place), place) for place in places if place != NOWHERE]
        length, self._start = max(ranked, key=lambda pair: pair[0], default=(0, NOWHERE))
        return 1 << (length - 1).bit_length() if length else None

    def first_chance(self, strength: int) -> float:
        """Return how sure a match of this length is before anything is known of the text."""
        return strength / (strength + FIRST_DOUBT)

    def draft(self, most: int) -> Sequence[int]:
        """Return what followed there, up to a picture; what ends here is taken to go round."""
        if self._start == NOWHERE:
            return ()
        followed = self._tokens[self._start : self._start + most]
        if min(followed) < 0:
            return followed[: next(place for place, token in enumerate(followed) if token < 0)]
        return (followed * (most // len(followed) + 1))[:most]

    def extend(self, token: int) -> None:
        """Note a token, and that it follows those before it."""
        tokens, end = self._tokens, len(self._tokens)
        for places, length in self._keys():
            if end >= length:
                places[tuple(tokens[end - length :])] = end
        self._follow(token)
        tokens.append(token)

    def close(self) -> None:
        """Nothing is held."""

    def _keys(self) -> Iterable[tuple[dict[tuple[int, ...], int], int]]:
        return zip(self._places, KEY_LENGTHS, strict=True)

    def _found(self, places: dict[tuple[int, ...], int], length: int) -> int:
        return places.get(tuple(self._tokens[-length:]), NOWHERE)

    def _follow(self, token: int) -> None:
        place = self._following if self._start == NOWHERE else self._start
        is_right = place != NOWHERE and self._tokens[place] == token
        self._following = place + 1 if is_right else NOWHERE
        self._start = NOWHERE

    def _matched(self, place: int) -> int:
        """Return how many tokens before a place are those at the end of the text."""
        tokens, end = self._tokens, len(self._tokens)
        most = min(place, MOST_MATCHED)
        length = 0
        while length < most and tokens[place - 1 - length] == tokens[end - 1 - length]:
            length += 1
        return length


def _places(tokens: Sequence[int], length: int) -> dict[tuple[int, ...], int]:
    keys = zip(*(tokens[first:] for first in range(length)), strict=False)
    return dict(zip(keys, range(length, len(tokens)), strict=False))
