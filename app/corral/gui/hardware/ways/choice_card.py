"""One way to load a model: why, how, how fast, and what it takes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from corral.foreign import safe_line
from corral.gui.hardware import wording
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import TextButton
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.machine import DeviceKind
from corral.plan.plan import Kind, Plan
from corral.plan.search import Choice
from corral.units import memory_size


class ChoiceCard(QFrame):
    """Shows a way and offers to use it.

    Args:
        title: Which one it is, and why.
        name: Object name of its button.
        choice: The way.
        parent: Parent widget.

    Signals:
        used: It is to be used; carries the `Choice`.
    """

    used = Signal(object)

    def __init__(
        self, title: str, name: str, choice: Choice, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        plan, speeds = choice.plan, choice.speeds
        head = PlainLabel(title, look="strong")
        has_gpu = bool(plan.machine.gpus)
        how = PlainLabel(wording.options(plan.options, plan.n_layers, has_gpu=has_gpu))
        text = self.tr("Answer %1 tokens/s, prompt %2 tokens/s; %3")
        text = text.replace("%1", wording.band(speeds.generation))
        text = text.replace("%2", wording.band(speeds.prompt))
        fast = PlainLabel(text.replace("%3", wording.speed_kind(speeds)), look="small")
        takes = PlainLabel(self._takes(plan), look="small")
        self.use_button = TextButton(
            self.tr("Plan with this") if plan.machine.is_imagined else self.tr("Use this")
        )
        self.use_button.setObjectName(name)
        self.use_button.setAccessibleDescription(head.text())
        self.use_button.clicked.connect(lambda: self.used.emit(choice))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        column.setSpacing(GRID // 2)
        for label in (head, how, fast, takes):
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self.use_button)

    def _takes(self, plan: Plan) -> str:
        parts = [
            self.tr("%1: %2 of %3 free")
            .replace("%1", self._name(device.description, device.kind))
            .replace("%2", memory_size(plan.taken_bytes(device)))
            .replace("%3", memory_size(device.free_bytes))
            for device in plan.machine.devices
            if plan.taken_bytes(device)
        ]
        kind = (
            self.tr("planned exactly, by llama.cpp's dry run")
            if plan.kind is Kind.EXACT
            else self.tr("planned by formulas")
        )
        return "; ".join([*parts, kind])

    def _name(self, description: str, kind: DeviceKind) -> str:
        return safe_line(description) if kind is DeviceKind.GPU else self.tr("memory")
