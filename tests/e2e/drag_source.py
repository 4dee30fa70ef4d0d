"""Another program to drag a file from: a small window that is nothing but the file."""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class FileToDrag(QLabel):
    """Says its file's name; dragging it drags the file."""

    def __init__(self, file: Path) -> None:
        super().__init__(file.name)
        self._file = file
        self.setWindowTitle("drag_source")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWindowFlags(
            Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Begin the drag."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._file))])
        drag = QDrag(self)
        drag.setMimeData(data)
        action = drag.exec(Qt.DropAction.CopyAction)
        # It goes on running: the other side fetches the data only now.
        print("dropped" if action is Qt.DropAction.CopyAction else "refused", flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    source = FileToDrag(Path(sys.argv[1]))
    source.setGeometry(*(int(number) for number in sys.argv[2].split(",")))
    source.show()
    print("ready", flush=True)
    sys.exit(app.exec())
