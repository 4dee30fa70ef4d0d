"""Which bytes of a file have arrived, while several connections fetch parts of it."""

import threading
from collections.abc import Sequence

from corral.units import MIB

SMALLEST_PART = 8 * MIB
LARGEST_PART = 64 * MIB


def part_size(size_bytes: int) -> int:
    """Return how large the parts of a file are: small enough that its start is soon whole.

    The digest is taken from the start on while the rest arrives.
    """
    eighth = -(-size_bytes // 8)
    return min(max(-(-eighth // MIB) * MIB, SMALLEST_PART), LARGEST_PART)


class Parts:
    """The parts of one file.

    Args:
        size_bytes: Size of the file.
        part_bytes: Size of each part but the last.
        done: How much of each part is there from an earlier run.

    Thread: any.
    """

    def __init__(self, size_bytes: int, part_bytes: int, done: Sequence[int] = ()) -> None:
        self.size_bytes = size_bytes
        self.part_bytes = part_bytes
        self._count = -(-size_bytes // part_bytes)
        self._done = list(done) or [0] * self._count
        self._taken: set[int] = set()
        self._changed = threading.Condition()

    def take(self) -> int | None:
        """Return the first part that is missing and that nobody fetches, None if there is none."""
        with self._changed:
            for index in range(self._count):
                if index not in self._taken and self._done[index] < self._length(index):
                    self._taken.add(index)
                    return index
        return None

    def missing(self, index: int) -> tuple[int, int]:
        """Return where the missing rest of a part begins, and where it ends."""
        with self._changed:
            start = index * self.part_bytes
            return start + self._done[index], start + self._length(index)

    def advance(self, index: int, count: int) -> None:
        """Tell that so many more bytes of a part are in the file."""
        with self._changed:
            self._done[index] += count
            self._changed.notify_all()

    def snapshot(self) -> tuple[int, ...]:
        """Return how much of each part is there."""
        with self._changed:
            return tuple(self._done)

    @property
    def done_bytes(self) -> int:
        """How much is there."""
        with self._changed:
            return sum(self._done)

    @property
    def is_whole(self) -> bool:
        """Whether everything is there."""
        return self.done_bytes == self.size_bytes

    def wait_for_prefix(self, beyond: int, timeout_s: float) -> int:
        """Wait until more than `beyond` bytes from the start on are there; return how many are."""
        with self._changed:
            if self._prefix() <= beyond:
                self._changed.wait(timeout_s)
            return self._prefix()

    def _prefix(self) -> int:
        prefix = 0
        for index in range(self._count):
            prefix += self._done[index]
            if self._done[index] < self._length(index):
                break
        return prefix

    def _length(self, index: int) -> int:
        return min(self.part_bytes, self.size_bytes - index * self.part_bytes)
