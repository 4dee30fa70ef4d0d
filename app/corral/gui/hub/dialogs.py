"""Logging in to the hub, and how the network is reached."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from corral.errors import CorralError
from corral.gui.async_bridge import Scope, show
from corral.gui.hub.presenter import HubPresenter
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel

translate = QCoreApplication.translate


async def log_in(parent: QWidget, presenter: HubPresenter) -> None:
    """Ask for a token until the hub takes one or the person gives up."""
    dialog = LoginDialog(parent, presenter, has_keyring=await presenter.has_keyring())
    try:
        await show(dialog)
    finally:
        await dialog.scope.close()
        dialog.deleteLater()


async def set_connection(parent: QWidget, presenter: HubPresenter) -> None:
    """Ask for mirror, proxy and certificates."""
    dialog = ConnectionDialog(parent, presenter)
    try:
        await show(dialog)
    finally:
        dialog.deleteLater()


class Form(QDialog):
    """Fields, below them what is wrong, and two buttons."""

    def __init__(self, parent: QWidget, accept_word: str) -> None:
        super().__init__(parent)
        self.form = QFormLayout()
        self._error = PlainLabel(look="bad")
        self._error.setObjectName("formError")
        self._error.setWordWrap(True)
        self._error.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = buttons.addButton(accept_word, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setProperty("look", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(self.form)
        column.addWidget(self._error)
        column.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Be wide enough for every word, however large the text is."""
        self.setMinimumWidth(max(60 * GRID, self.sizeHint().width()))
        super().showEvent(event)

    def add(self, label: str, field: QWidget) -> None:
        """Put a field below the others."""
        field.setAccessibleName(label)
        self.form.addRow(label, field)

    def tell(self, error: CorralError) -> None:
        """Say what is wrong with what stands in the fields."""
        self._error.setText(" ".join(text for text in (error.summary, error.hint) if text))
        self._error.show()


class LoginDialog(Form):
    """A token, and where it is kept; it stays open until the hub takes the token."""

    def __init__(self, parent: QWidget, presenter: HubPresenter, *, has_keyring: bool) -> None:
        super().__init__(parent, translate("HubDialogs", "Log in"))
        self.setWindowTitle(translate("HubDialogs", "Log in to Hugging Face"))
        self.scope = Scope(on_error=self._on_error)
        self._presenter = presenter
        self._token = QLineEdit()
        self._token.setEchoMode(QLineEdit.EchoMode.Password)
        self._token.setPlaceholderText("hf_…")
        self.add(translate("HubDialogs", "Access token"), self._token)
        self._home = QComboBox()
        if has_keyring:
            self._home.addItem(translate("HubDialogs", "In the system's keyring"), "keyring")
        self._home.addItem(translate("HubDialogs", "Until Corral ends"), "run")
        if not has_keyring:
            text = translate("HubDialogs", "In a file that only you can read")
            self._home.addItem(text, "file")
        self.add(translate("HubDialogs", "Keep it"), self._home)

    @Slot()
    def accept(self) -> None:
        """Ask the hub first."""
        self.accept_button.setEnabled(False)
        self.scope.start(self._log_in())

    async def _log_in(self) -> None:
        from corral.hub.huggingface.tokens import TokenHome  # lazy: few log in

        home = TokenHome(self._home.currentData())
        await self._presenter.log_in(self._token.text().strip(), home)
        super().accept()

    def _on_error(self, error: CorralError) -> None:
        self.accept_button.setEnabled(True)
        self.tell(error)


class ConnectionDialog(Form):
    """Mirror, proxy and certificates."""

    def __init__(self, parent: QWidget, presenter: HubPresenter) -> None:
        super().__init__(parent, translate("HubDialogs", "Save"))
        self.setWindowTitle(translate("HubDialogs", "Connection"))
        self._presenter = presenter
        endpoint, proxy, ca_file = presenter.connection
        self._endpoint, self._proxy = QLineEdit(endpoint), QLineEdit(proxy)
        self._ca_file = QLineEdit(ca_file)
        self._endpoint.setPlaceholderText("https://huggingface.co")
        self._proxy.setPlaceholderText(translate("HubDialogs", "As the environment says"))
        self._ca_file.setPlaceholderText(translate("HubDialogs", "Only those of the system"))
        self.add(translate("HubDialogs", "Mirror of Hugging Face"), self._endpoint)
        self.add(translate("HubDialogs", "Proxy"), self._proxy)
        self.add(translate("HubDialogs", "File of more certificates"), self._ca_file)

    @Slot()
    def accept(self) -> None:
        """Write the settings; what is wrong with them is said here."""
        try:
            self._presenter.connect_as(
                hub_endpoint=self._endpoint.text().strip(),
                proxy=self._proxy.text().strip(),
                ca_file=self._ca_file.text().strip(),
            )
        except CorralError as error:
            self.tell(error)
            return
        super().accept()
