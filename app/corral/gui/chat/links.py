"""Links in answers: a model may write any address, so it is shown before it is opened."""

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from corral.foreign import safe_text
from corral.gui.async_bridge import show

translate = QCoreApplication.translate

_OPENED_SCHEMES = frozenset({"http", "https", "mailto"})


async def open_link(parent: QWidget, address: str) -> None:
    """Show an address in full and open it if the reader says so.

    Addresses of files and of other programs can only be copied.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(translate("Links", "Link in an answer"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(translate("Links", "A model wrote this address:"))
    box.setInformativeText(safe_text(address))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    can_open = QUrl(address).scheme().lower() in _OPENED_SCHEMES
    role = QMessageBox.ButtonRole
    words = translate("Links", "Open in the browser")
    open_button = box.addButton(words, role.AcceptRole) if can_open else None
    copy_button = box.addButton(translate("Links", "Copy"), role.ActionRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    await show(box)
    chosen = box.clickedButton()
    if chosen is copy_button:
        QGuiApplication.clipboard().setText(address)
    elif chosen is not None and chosen is open_button:
        QDesktopServices.openUrl(QUrl(address))
    box.deleteLater()
