"""How fast something goes, and how long the rest will take."""

from collections import deque

WINDOW_S = 8.0


class Pace:
    """The rate of the last seconds.

    What was there at the first sight, as the bytes of an earlier run, counts for nothing.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, done_bytes: int, now_s: float) -> None:
        """Tell how much is done at a moment of a steady clock."""
        if self._seen and done_bytes < self._seen[-1][1]:
            self._seen.clear()  # it began anew
        self._seen.append((now_s, done_bytes))
        while len(self._seen) > 2 and now_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()

    @property
    def bytes_per_s(self) -> float:
        """The rate, 0 while it is not known."""
        if len(self._seen) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_s - first_s) if last_s - first_s >= 0.5 else 0.0

    def seconds_left(self, total_bytes: int | None) -> float | None:
        """Return how long the rest takes at this rate, None when it cannot be said."""
        rate = self.bytes_per_s
        if not rate or total_bytes is None:
            return None
        return max(0, total_bytes - self._seen[-1][1]) / rate
