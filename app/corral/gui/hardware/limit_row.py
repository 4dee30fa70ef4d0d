"""The limit over which a load asks first."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from corral.gui.theme.palette import GRID
from corral.gui.widgets.number_fields import NumberField
from corral.gui.widgets.plain_label import PlainLabel
from corral.settings import GuardrailChoice

_MOST_GIB = 1024.0


class LimitRow(QWidget):
    """Off, balanced, strict, or so many GiB that stay free.

    Signals:
        chosen: Another limit was chosen.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kind = QComboBox()
        self._kind.setObjectName("guardrail")
        self._kind.setAccessibleName(self.tr("Limit"))
        labels = {
            GuardrailChoice.OFF: (self.tr("off"), self.tr("Loads without a question.")),
            GuardrailChoice.BALANCED: (
                self.tr("balanced"),
                self.tr("Asks before a load takes more than 90 % of what is free."),
            ),
            GuardrailChoice.STRICT: (
                self.tr("strict"),
                self.tr("Asks before a load takes more than 80 % of what is free."),
            ),
            GuardrailChoice.OWN: (
                self.tr("own limit"),
                self.tr("Asks before a load leaves less than this free on a device."),
            ),
        }
        self._tips = {choice: tip for choice, (_, tip) in labels.items()}
        for choice, (text, _) in labels.items():
            self._kind.addItem(text, choice)
        self._free = NumberField()
        self._free.setObjectName("guardrailFree")
        self._free.setRange(0, _MOST_GIB)
        self._free.setDecimals(1)
        self._free.setSingleStep(0.5)
        self._free.setSuffix(" GiB")
        self._free.setKeyboardTracking(False)
        self._free.setAccessibleName(self.tr("Memory that stays free"))
        label = PlainLabel(self.tr("Limit"))
        label.setBuddy(self._kind)  # on Linux a list is named by its label
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(self._free)
        row.addWidget(self._kind)
        self._kind.currentIndexChanged.connect(self._on_changed)
        self._free.valueChanged.connect(self._on_changed)

    @property
    def choice(self) -> tuple[GuardrailChoice, float]:
        """What is chosen, and what an own limit leaves free."""
        return GuardrailChoice(self._kind.currentData()), self._free.value()

    def show_choice(self, choice: GuardrailChoice, free_gib: float) -> None:
        """Show what is set."""
        blockers = [QSignalBlocker(widget) for widget in (self._kind, self._free)]
        self._kind.setCurrentIndex(self._kind.findData(choice))
        if not self._free.hasFocus():
            self._free.setValue(free_gib)
        self._refresh()
        del blockers

    def _refresh(self) -> None:
        choice, _ = self.choice
        self._free.setVisible(choice is GuardrailChoice.OWN)
        self._kind.setToolTip(self._tips[choice])
        self._kind.setAccessibleDescription(self._tips[choice])

    @Slot()
    def _on_changed(self) -> None:
        self._refresh()
        self.chosen.emit()
