"""Waiting for an answer no longer than the person wants it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from corral.jobs import Ticket

T = TypeVar("T")

_LOOK_EVERY_S = 0.1


def unless_cancelled(ticket: Ticket, work: Callable[[], T]) -> T:
    """Do work that waits for the network, and leave it behind when it is cancelled.

    Who waits for a silent server is in no position to notice a cancel, and a window could not
    close. The thread that is left ends with the time limits of its connection, or the program.

    Args:
        ticket: For cancel.
        work: What waits; it leaves everything whole wherever it ends.

    Raises:
        Cancelled: If the ticket was cancelled.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001  # border: raised again by who waits
            outcome.set_exception(error)

    ticket.raise_if_cancelled()
    threading.Thread(target=run, name="waits for the network", daemon=True).start()
    while not wait([outcome], timeout=_LOOK_EVERY_S).done:
        ticket.raise_if_cancelled()
    return outcome.result()
