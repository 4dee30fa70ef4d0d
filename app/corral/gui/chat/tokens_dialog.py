"""The tokens of an answer with what else could have stood in their places."""

from collections.abc import Sequence
from math import exp

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.events import TokenChance, TokenChoice
from corral.foreign import safe_line
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel, plain_tool_tip

_PLACE = Qt.ItemDataRole.UserRole


class TokensDialog(QDialog):
    """Shows each token of an answer; one of its alternatives can be chosen to go on from."""

    def __init__(self, parent: QWidget, choices: Sequence[TokenChoice]) -> None:
        super().__init__(parent)
        self.setObjectName("tokens")
        self.setWindowTitle(self.tr("Tokens of the answer"))
        self._choices = choices
        self._tree = QTreeWidget()
        self._tree.setObjectName("tokenTree")
        self._tree.setAccessibleName(self.tr("Tokens of the answer"))
        self._tree.setHeaderLabels([self.tr("Token"), self.tr("Probability")])
        self._tree.setUniformRowHeights(True)
        for place, choice in enumerate(choices):
            self._tree.addTopLevelItem(self._row(place, choice))
        self._tree.setColumnWidth(0, 30 * GRID)
        self._tree.itemSelectionChanged.connect(self._on_selection_changed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._go_on = QPushButton(self.tr("Continue from here"))
        self._go_on.setObjectName("continueHere")
        self._go_on.setEnabled(False)
        buttons.addButton(self._go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(
            PlainLabel(self.tr("Open a token and choose another one: the answer goes on from it."))
        )
        layout.addWidget(self._tree, 1)
        layout.addWidget(buttons)
        self.resize(56 * GRID, 64 * GRID)

    @property
    def chosen(self) -> tuple[int, TokenChance] | None:
        """The place and the other token that was chosen, None while there is none."""
        item = self._tree.currentItem()
        if item is None or item.parent() is None:
            return None
        place, number = item.data(0, _PLACE)
        return place, self._choices[place].alternatives[number]

    def _row(self, place: int, choice: TokenChoice) -> QTreeWidgetItem:
        row = _item(choice.chosen)
        for number, chance in enumerate(choice.alternatives):
            if chance.token != choice.chosen.token:
                other = _item(chance)
                other.setData(0, _PLACE, (place, number))
                row.addChild(other)
        return row

    @Slot()
    def _on_selection_changed(self) -> None:
        self._go_on.setEnabled(self.chosen is not None)


def _item(chance: TokenChance) -> QTreeWidgetItem:
    text = chance.text.replace("\n", "↵")
    shown = safe_line(text, 60) if text.strip() else "␣" * len(text)
    item = QTreeWidgetItem([shown or "∅", f"{100 * exp(chance.log_probability):.1f} %"])
    tip = plain_tool_tip(f"{chance.token}, log p = {chance.log_probability:.3f}")
    item.setToolTip(0, tip)
    item.setToolTip(1, tip)
    return item
