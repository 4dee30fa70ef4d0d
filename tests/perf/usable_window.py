"""Says "usable" when its window has the keyboard: an empty PySide6 window, or Corral's.

Both are asked the same way, by a signal and not by looking again and again: an empty window is
usable when it has the focus, Corral's when a message can be typed.
"""

import sys

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit


class Watch(QObject):
    """Waits for the focus, from the first round of the event loop on."""

    loop_runs = Signal()

    def __init__(self, *, needs_field: bool) -> None:
        super().__init__()
        self._needs_field = needs_field
        self._is_done = False
        self.loop_runs.connect(self._on_loop_runs, Qt.ConnectionType.QueuedConnection)
        self.loop_runs.emit()

    def _on_loop_runs(self) -> None:
        app = QApplication.instance()
        app.focusChanged.connect(self._look)
        app.focusWindowChanged.connect(self._look)
        self._look()

    def _look(self) -> None:
        has_window = QApplication.focusWindow() is not None
        has_field = isinstance(QApplication.focusWidget(), QPlainTextEdit)
        if has_window and (has_field or not self._needs_field) and not self._is_done:
            self._is_done = True
            QTimer.singleShot(0, self._tell)

    def _tell(self) -> None:
        print("usable", flush=True)


def empty_window() -> int:
    app = QApplication(sys.argv[:1])
    watch = Watch(needs_field=False)
    window = QMainWindow()
    window.resize(1320, 840)
    window.show()
    code = app.exec()
    del watch
    return code


def corral() -> int:
    from corral.gui.start import start_window

    watch = Watch(needs_field=True)
    code = start_window(None)
    del watch
    return code


if __name__ == "__main__":
    sys.exit(corral() if "corral" in sys.argv else empty_window())
