"""Keeping a store in order: what it takes, whether it is whole, what can go."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from corral.jobs import Ticket
from corral.library.linking import Links
from corral.library.store import Store
from corral.library.trash import Trash

if TYPE_CHECKING:
    from corral.library.disk_use import DiskUse
    from corral.library.faults import CheckReport


class Upkeep:
    """The upkeep of one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
        announce: Called when something changed.

    Thread: any.
    """

    def __init__(
        self, store: Store, links: Links, trash: Trash, announce: Callable[[], None]
    ) -> None:
        self._store = store
        self._links = links
        self._trash = trash
        self._announce = announce

    def disk_use(self) -> "DiskUse":
        """Measure what the models take, each and together."""
        from corral.library.disk_use import measure  # lazy: most starts ask for no sizes

        return measure(self._store, self._links, self._trash)

    def check(
        self, ticket: Ticket | None = None, *, mend: bool = False, fast: bool = False
    ) -> "CheckReport":
        """Check the whole store.

        Args:
            ticket: For progress and cancel.
            mend: Mend what can be mended: see `checking`.
            fast: Compare sizes only, not digests.

        Raises:
            ExternalError: If the disk fails.
            Cancelled: If the ticket was cancelled.
        """
        from corral.library.checking import Checking  # lazy: rarely done

        checking = Checking(self._store, self._links, self._trash, mend=mend)
        report = checking.run(ticket or Ticket(), fast=fast)
        if any(fault.mended for fault in report.faults):
            self._announce()
        return report
