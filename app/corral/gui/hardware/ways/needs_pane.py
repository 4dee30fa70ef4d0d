"""The question turned round: what would a model need to run so, this fast."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.gui.hardware import wording
from corral.gui.hardware.ways.presenter import WaysPresenter
from corral.gui.hardware.ways.ways_pane import Start
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.number_fields import NumberField, WholeField
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.needs import Need
from corral.plan.options import CacheType
from corral.units import memory_size

_CTX_STEP = 256
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NeedsPane(QWidget):
    """Asks for context and speed, and lists the smallest machines that would do.

    Signals:
        chosen: A machine is to be planned on; carries the `Need`.
    """

    chosen = Signal(object)

    def __init__(self, presenter: WaysPresenter, start: Start) -> None:
        super().__init__()
        self._presenter = presenter
        self._start = start
        context = presenter.options.context
        self._context = WholeField()
        self._context.setObjectName("neededContext")
        self._context.setAccessibleName(self.tr("Context length"))
        self._context.setRange(_CTX_STEP, presenter.longest_ctx or 1 << 20)
        self._context.setSingleStep(_CTX_STEP)
        self._context.setSuffix(" " + self.tr("tokens"))
        self._context.setValue(context.n_ctx)
        self._kv_type = QComboBox()
        self._kv_type.setAccessibleName(self.tr("Type of the KV cache"))
        self._kv_type.addItems([str(kind) for kind in CacheType])
        self._kv_type.setCurrentText(context.kv_type)
        self._speed = NumberField()
        self._speed.setObjectName("neededSpeed")
        self._speed.setAccessibleName(self.tr("Speed of answers"))
        self._speed.setRange(0, 10_000)
        self._speed.setDecimals(1)
        self._speed.setSpecialValueText(self.tr("any"))
        self._speed.setSuffix(" " + self.tr("tokens/s"))
        self._find = TextButton(self.tr("Find machines"), look=Look.PRIMARY)
        self._find.setObjectName("findMachines")
        self._use = TextButton(self.tr("Plan on this machine"))
        self._use.setObjectName("planOnNeeded")
        self._progress = PlainLabel(look="small")
        self._note = PlainLabel(look="quiet")
        self._note.setWordWrap(True)
        self._shown: tuple[Need, ...] | None = None
        self._list = self._make_list()
        self._arrange()
        self._find.clicked.connect(self._on_find_clicked)
        self._use.clicked.connect(self._on_use_clicked)
        self._list.itemActivated.connect(self._on_use_clicked)
        self._list.itemSelectionChanged.connect(self._on_selected)
        presenter.changed.connect(self._show)
        self._show()

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("neededMachines")
        view.setAccessibleName(self.tr("Machines that would do"))
        titles = (self.tr("Machine"), self.tr("Its memory"), self.tr("Planned"))
        view.setHeaderLabels([*titles, self.tr("Answer, tokens/s")])
        view.setRootIsDecorated(False)
        view.setAllColumnsShowFocus(True)
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            view.headerItem().setTextAlignment(column, _AT_RIGHT)
        return view

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.addRow(self.tr("Context"), self._context)
        form.addRow(self.tr("KV type"), self._kv_type)
        form.addRow(self.tr("Answers, at least"), self._speed)
        asking = QHBoxLayout()
        asking.addWidget(self._progress, 1)
        asking.addWidget(self._find)
        using = QHBoxLayout()
        using.addStretch(1)
        using.addWidget(self._use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(form)
        column.addLayout(asking)
        column.addWidget(self._note)
        column.addWidget(self._list, 1)
        column.addLayout(using)

    @Slot()
    def _show(self) -> None:
        needs = self._presenter.needs
        self._progress.setText(self._presenter.progress)
        is_busy = bool(self._presenter.progress)
        self._find.setText(self.tr("Cancel") if is_busy else self.tr("Find machines"))
        if needs is None:
            text = self.tr(
                "The smallest graphics cards and chips of the table that would hold the whole "
                "model stand here, with the speed that is expected of them."
            )
        elif needs:
            text = self.tr("With the whole model on the graphics; speed estimated from tables.")
        else:
            text = self.tr("No machine of the table would do. Ask for less.")
        self._note.setText(text)
        if needs != self._shown:
            self._shown = needs
            self._list.clear()
            self._list.addTopLevelItems([_item(need) for need in needs or ()])
            if first := self._list.topLevelItem(0):
                self._list.setCurrentItem(first)
        self._on_selected()

    def _chosen(self) -> Need | None:
        items = self._list.selectedItems()
        row = self._list.indexOfTopLevelItem(items[0]) if items else -1
        return self._shown[row] if self._shown and row >= 0 else None

    @Slot()
    def _on_selected(self) -> None:
        self._use.setEnabled(self._chosen() is not None)

    @Slot()
    def _on_use_clicked(self) -> None:
        if need := self._chosen():
            self.chosen.emit(need)

    @Slot()
    def _on_find_clicked(self) -> None:
        if self._presenter.progress:
            self._presenter.cancel()
            return
        work = self._presenter.find_machines(
            n_ctx=self._context.value(),
            kv_type=CacheType(self._kv_type.currentText()),
            tokens_per_s=self._speed.value(),
        )
        self._start(work)


def _item(need: Need) -> QTreeWidgetItem:
    memory = memory_size(sum(gpu.total_bytes for gpu in need.plan.machine.gpus))
    planned = memory_size(need.plan.total_bytes)
    item = QTreeWidgetItem([need.words, memory, planned, wording.band(need.speeds.generation)])
    for column in (1, 2, 3):
        item.setTextAlignment(column, _AT_RIGHT)
    return item
