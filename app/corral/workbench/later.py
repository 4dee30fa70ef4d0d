"""A service that is opened by whoever needs it first, so that others start without it."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """Opens a service once, at the first call.

    Attributes:
        opened: The service, None before.

    Thread: the event loop's.
    """

    def __init__(self, open_it: Callable[[], T]) -> None:
        self.opened: T | None = None
        self._open_it = open_it

    def __call__(self) -> T:
        """Return the service."""
        if self.opened is None:
            self.opened = self._open_it()
        return self.opened
