"""Uploading a model of the library to the person's repository."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLineEdit, QPlainTextEdit, QWidget

from corral.gui.async_bridge import show
from corral.gui.hub.dialogs import Form
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.workbench.workbench import Workbench

translate = QCoreApplication.translate


async def upload(parent: QWidget, workbench: Workbench, on_asked: Callable[[], None]) -> None:
    """Ask what goes where, and put it into the queue of transfers."""
    models = [model for model in await workbench.modelling.list() if not model.problem]
    dialog = UploadDialog(parent, models)
    try:
        if await show(dialog) == QDialog.DialogCode.Accepted:
            workbench.transferring().upload(dialog.model_name, **dialog.options())
            on_asked()
    finally:
        dialog.deleteLater()


class UploadDialog(Form):
    """Model, repository, whether others may see it, and the model card."""

    def __init__(self, parent: QWidget, models: list[StoredModel]) -> None:
        super().__init__(parent, translate("Upload", "Upload"))
        self.setWindowTitle(translate("Upload", "Upload to Hugging Face"))
        self._model = QComboBox()
        for model in models:
            self._model.addItem(without_latest(model.name), model.name)
        self.add(translate("Upload", "Model"), self._model)
        self._repository = QLineEdit()
        self._repository.setPlaceholderText("user/repo")
        self._repository.textChanged.connect(self._on_changed)
        self.add(translate("Upload", "Repository, made if it is not there"), self._repository)
        self._is_private = QCheckBox(translate("Upload", "A new repository is only mine to see"))
        self._is_private.setChecked(True)
        self.form.addRow("", self._is_private)
        self._card = QPlainTextEdit()
        self._card.setTabChangesFocus(True)
        words = translate("Upload", "Left empty, Corral writes one of what it knows.")
        self._card.setPlaceholderText(words)
        self.add(translate("Upload", "Model card"), self._card)
        self._on_changed()

    @property
    def model_name(self) -> str:
        """Name of the chosen model."""
        return str(self._model.currentData())

    def options(self) -> dict[str, str]:
        """Return what else the transfer must know."""
        options = {"repo_id": self._repository.text().strip()}
        if not self._is_private.isChecked():
            options["is_public"] = "yes"
        if card := self._card.toPlainText().strip():
            options["card"] = card
        return options

    def _on_changed(self) -> None:
        has_both = "/" in self._repository.text() and self._model.count() > 0
        self.accept_button.setEnabled(has_both)
