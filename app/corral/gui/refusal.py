"""What is said when the window cannot open."""

import sys

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from corral.database import DamagedDatabaseError, aside_path, set_aside
from corral.errors import CorralError
from corral.foreign import safe_line
from corral.gui import async_bridge
from corral.gui.ending import Ending, leave


def refuse(error: CorralError) -> int:
    """Say it in a box too: who starts Corral from a menu reads no terminal.

    A damaged database can be put aside there; then the program begins anew and this does not
    return.

    Returns:
        The exit code.
    """
    sys.stderr.write(f"corral: {error}\n")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    if isinstance(error, DamagedDatabaseError) and _wants_new(app, error):
        try:
            aside = set_aside(error.path)
        except CorralError as failed:
            return refuse(failed)
        sys.stderr.write(f"corral: the damaged file is now {aside}\n")
        leave(Ending.RESTART)
    elif not isinstance(error, DamagedDatabaseError):
        async_bridge.run(app, async_bridge.show(_box(str(error))))
    return error.exit_code


def _wants_new(app: QApplication, error: DamagedDatabaseError) -> bool:
    """Ask whether the file shall be kept under another name, and an empty one begin."""
    translate = QCoreApplication.translate
    offer = translate(
        "Refusal",
        "Corral can keep the file as %1 and begin with an empty one. Nothing is deleted.",
    ).replace("%1", safe_line(aside_path(error.path).name))
    box = _box(f"{error.summary}\n\n{offer}")
    anew = box.addButton(
        translate("Refusal", "Keep it aside and begin anew"), QMessageBox.ButtonRole.AcceptRole
    )
    anew.setObjectName("beginAnew")
    close = box.addButton(translate("Refusal", "Close Corral"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(close)
    box.setEscapeButton(close)
    async_bridge.run(app, async_bridge.show(box))
    return box.clickedButton() is anew


def _box(text: str) -> QMessageBox:
    box = QMessageBox(QMessageBox.Icon.Critical, "Corral", text)
    box.setTextFormat(Qt.TextFormat.PlainText)
    return box
