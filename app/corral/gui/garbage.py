"""Garbage is collected on the event loop only.

Python collects in whatever thread happens to make an object. A cycle with a Qt object in it would
then be freed in the engine's thread or a database's, which Qt does not allow.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 1000


class GarbageCollector(QObject):
    """Takes over from Python's own collector until it is closed.

    What is alive when it starts is taken for what the program is made of, and not looked through
    again.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def close(self) -> None:
        """Hand back to Python's own collector."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _on_timeout(self) -> None:
        """Collect the oldest generation that is due, with all younger ones."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
