"""The table of graphics cards, by vendor."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from corral.plan.cards import Card

_CARD = Qt.ItemDataRole.UserRole
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CardsView(QTreeWidget):
    """Cards to choose from: name, memory, bandwidth.

    Signals:
        card_activated: A card was chosen by Enter or a double click; carries it.
        card_selected: Another card, or none, is selected.
    """

    card_activated = Signal(object)
    card_selected = Signal()

    def __init__(self, cards: Sequence[Card]) -> None:
        super().__init__()
        self.setObjectName("cards")
        self.setAccessibleName(self.tr("Graphics cards"))
        self.setHeaderLabels([self.tr("Graphics card"), self.tr("Memory"), self.tr("Bandwidth")])
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAllColumnsShowFocus(True)
        self.setUniformRowHeights(True)
        self._vendors: dict[str, QTreeWidgetItem] = {}
        for card in cards:
            self._vendor(card.vendor).addChild(self._item(card))
        for column in (1, 2):
            self.headerItem().setTextAlignment(column, _AT_RIGHT)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setAccessibleName(self.tr("Columns"))
        self.expandAll()
        self.itemActivated.connect(self._on_activated)
        self.itemSelectionChanged.connect(self.card_selected)

    @property
    def card(self) -> Card | None:
        """The card that is selected."""
        items = self.selectedItems()
        return items[0].data(0, _CARD) if items else None

    def show_only(self, cards: Iterable[Card]) -> None:
        """Hide all other cards; of those left the one with the shortest name is selected."""
        wanted = {card.name for card in cards}
        shown = []
        for vendor in self._vendors.values():
            items = [item for row in range(vendor.childCount()) if (item := vendor.child(row))]
            for item in items:
                item.setHidden(item.text(0) not in wanted)
            shown += [item for item in items if not item.isHidden()]
            vendor.setHidden(all(item.isHidden() for item in items))
        if shown:
            self.setCurrentItem(min(shown, key=lambda item: len(item.text(0))))
        else:
            self.clearSelection()

    def _vendor(self, name: str) -> QTreeWidgetItem:
        if name not in self._vendors:
            item = QTreeWidgetItem([name])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addTopLevelItem(item)
            self._vendors[name] = item
        return self._vendors[name]

    def _item(self, card: Card) -> QTreeWidgetItem:
        sizes = ", ".join(map(str, card.memory_gib)) + " GB" if card.memory_gib else "–"
        if card.is_unified:
            sizes = self.tr("main memory: %1").replace("%1", sizes)
        item = QTreeWidgetItem([card.name, sizes, f"{card.bandwidth_gb_s:g} GB/s"])
        item.setData(0, _CARD, card)
        for column in (1, 2):
            item.setTextAlignment(column, _AT_RIGHT)
        return item

    @Slot(QTreeWidgetItem)
    def _on_activated(self, item: QTreeWidgetItem) -> None:
        if card := item.data(0, _CARD):
            self.card_activated.emit(card)
