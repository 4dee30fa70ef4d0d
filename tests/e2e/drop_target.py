"""Another program to drop a file on: it reads the file some time after the drop, as many do."""

import shutil
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel

LATER_MS = 1500


class DropTarget(QLabel):
    """Copies what is dropped on it into a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("drop here")
        self._folder = folder
        self.setWindowTitle("drop_target")
        self.setAcceptDrops(True)
        self.setWindowFlags(
            Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Note the files, and copy them later."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        event.acceptProposedAction()
        QTimer.singleShot(LATER_MS, lambda: self._copy(paths))

    def _copy(self, paths: list[Path]) -> None:
        for path in paths:
            shutil.copyfile(path, self._folder / path.name)
        print("copied", flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    target = DropTarget(Path(sys.argv[1]))
    target.setGeometry(*(int(number) for number in sys.argv[2].split(",")))
    target.show()
    print("ready", flush=True)
    sys.exit(app.exec())
