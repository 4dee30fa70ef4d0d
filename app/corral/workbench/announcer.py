"""Tells listeners that something changed."""

from collections.abc import Callable


class Announcer:
    """Listeners that are called, without arguments, after something changed.

    Thread: the event loop's.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def announce(self) -> None:
        """Tell the listeners."""
        for listener in list(self._listeners):
            listener()
