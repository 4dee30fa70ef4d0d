"""What is said when the window cannot open."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from corral.errors import CorralError
from corral.gui import async_bridge


def refuse(error: CorralError) -> int:
    """Say it in a box too: who starts Corral from a menu reads no terminal.

    Returns:
        The exit code.
    """
    sys.stderr.write(f"corral: {error}\n")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    box = QMessageBox(QMessageBox.Icon.Critical, "Corral", str(error))
    box.setTextFormat(Qt.TextFormat.PlainText)
    async_bridge.run(app, async_bridge.show(box))
    return error.exit_code
