"""The dialog with the best ways to load a model, and what it would need."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from corral.gui.async_bridge import Scope, show
from corral.gui.dialogs import resize_for_text
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.ways.needs_pane import NeedsPane
from corral.gui.hardware.ways.presenter import WaysPresenter
from corral.gui.hardware.ways.ways_pane import WaysPane
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.needs import Need
from corral.plan.search import Choice


async def show_ways(parent: QWidget, hardware: HardwarePresenter) -> None:
    """Show the searches for the model that is planned; nothing while none is."""
    planner = hardware.planner
    if planner.plan is None or planner.options is None:
        return
    presenter = WaysPresenter(hardware.workbench, planner)
    dialog = WaysDialog(presenter, hardware, parent)
    try:
        await show(dialog)
    finally:
        presenter.cancel()
        await dialog.scope.close()
        dialog.deleteLater()
        presenter.deleteLater()


class WaysDialog(QDialog):
    """Two searches in two tabs.

    Attributes:
        scope: The searches that run.
    """

    def __init__(
        self, presenter: WaysPresenter, hardware: HardwarePresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Ways to load %1").replace("%1", presenter.name))
        self.scope = Scope(on_error=self._on_failed)
        self._presenter = presenter
        self._hardware = hardware
        ways = WaysPane(presenter, self.scope.start)
        needs = NeedsPane(presenter, self.scope.start)
        ways.used.connect(self._on_used)
        needs.chosen.connect(self._on_machine_chosen)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName(self.tr("Questions"))
        self._tabs.addTab(ways, self.tr("Best ways to load"))
        self._tabs.addTab(needs, self.tr("What would it need"))
        self._error = PlainLabel(look="bad")
        self._error.setWordWrap(True)
        self._error.hide()
        presenter.failed.connect(self._on_failed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._where())
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._error)
        layout.addWidget(buttons)
        resize_for_text(self, letters=90, lines=44)

    def _where(self) -> PlainLabel:
        text = self.tr("On this machine, with no model loaded.")
        if name := self._hardware.imagined:
            text = self.tr("Planned on %1, not on this machine.").replace("%1", name)
        label = PlainLabel(text, look="tight" if self._hardware.imagined else "quiet")
        label.setWordWrap(True)
        return label

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._error.setText(str(error))
        self._error.show()

    @Slot(object)
    def _on_used(self, choice: Choice) -> None:
        self._presenter.use(choice)
        self.accept()

    @Slot(object)
    def _on_machine_chosen(self, need: Need) -> None:
        if here := self._hardware.here:
            self._presenter.use_machine(need, here)
            self.accept()
