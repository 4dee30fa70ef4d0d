"""When models were last used: the time of one empty file per model, which nothing needs to lock."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from corral.library.names import Name
from corral.library.store import Store

logger = logging.getLogger(__name__)


class Uses:
    """The record of one store; losing it costs an order in a list, no more.

    Args:
        store: The store.

    Thread: any.
    """

    def __init__(self, store: Store) -> None:
        self._folder = store.own / "used"

    def touch(self, name: Name) -> None:
        """Note that a model is used now; a store that cannot be written to stays as it is."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except OSError as error:
            logger.warning("the use of %s is not noted: %s", name.short, error)

    def last(self, name: Name) -> float:
        """Return when a model was last used, in seconds since the epoch, 0 for never."""
        try:
            return os.stat(self._path(name)).st_mtime  # noqa: PTH116 (read for every model listed)
        except OSError:
            return 0.0

    def rename(self, name: Name, new_name: Name) -> None:
        """Let a model keep its last use under another name."""
        source, target = self._path(name), self._path(new_name)
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)

    def _path(self, name: Name) -> Path:
        return self._folder.joinpath(*name.key.split("/"))
