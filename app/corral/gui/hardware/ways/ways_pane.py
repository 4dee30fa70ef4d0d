"""The search for the best ways to load a model: what is wanted, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.hardware import wording
from corral.gui.hardware.ways.choice_card import ChoiceCard
from corral.gui.hardware.ways.presenter import WaysPresenter
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.number_fields import NumberField, WholeField
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.options import CacheType
from corral.plan.search import Choice, Goal, Limits

_CTX_STEP = 256
Start = Callable[[Coroutine[object, object, None]], object]


class WaysPane(QWidget):
    """Asks for a goal and limits, and shows the best three.

    Signals:
        used: One is to be used; carries the `Choice`.
    """

    used = Signal(object)

    def __init__(self, presenter: WaysPresenter, start: Start) -> None:
        super().__init__()
        self._presenter = presenter
        self._start = start
        self._goal = QComboBox()
        self._goal.setObjectName("goal")
        self._goal.setAccessibleName(self.tr("What is wanted most"))
        self._goal.addItem(self.tr("the fastest"), Goal.FASTEST)
        self._goal.addItem(self.tr("the longest context"), Goal.CONTEXT)
        self._context = WholeField()
        self._context.setObjectName("wantedContext")
        self._context.setAccessibleName(self.tr("Context length"))
        self._context.setRange(0, presenter.longest_ctx or 1 << 20)
        self._context.setSingleStep(_CTX_STEP)
        self._context.setSpecialValueText(self.tr("what suits the machine"))
        self._context.setSuffix(" " + self.tr("tokens"))
        self._free = NumberField()
        self._free.setObjectName("leaveFree")
        self._free.setAccessibleName(self.tr("Memory that stays free"))
        self._free.setRange(0, 1024)
        self._free.setDecimals(1)
        self._free.setSuffix(" GiB")
        self._types = {kind: QCheckBox(str(kind)) for kind in Limits().kv_types}
        self._find = TextButton(self.tr("Find"), look=Look.PRIMARY)
        self._find.setObjectName("findWays")
        self._progress = PlainLabel(look="small")
        self._results = QVBoxLayout()
        self._cards: list[ChoiceCard] = []
        self._shown: tuple[Choice, ...] = ()
        self._empty = PlainLabel(look="quiet")
        self._empty.setWordWrap(True)
        self._opinion = PlainLabel(look="small")
        self._opinion.setWordWrap(True)
        self._arrange()
        self._find.clicked.connect(self._on_find_clicked)
        presenter.changed.connect(self._show)
        self._show()

    @property
    def kv_types(self) -> tuple[CacheType, ...]:
        """The types of the KV cache that may be used."""
        return tuple(kind for kind, box in self._types.items() if box.isChecked())

    def _arrange(self) -> None:
        types = QHBoxLayout()
        types.setSpacing(2 * GRID)
        for kind, box in self._types.items():
            box.setChecked(True)
            box.setAccessibleName(self.tr("KV cache as %1").replace("%1", str(kind)))
            box.toggled.connect(self._on_types_changed)
            types.addWidget(box)
        types.addStretch(1)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.addRow(self.tr("Wanted most"), self._goal)
        form.addRow(self.tr("Context, at least"), self._context)
        form.addRow(self.tr("Leave free"), self._free)
        form.addRow(self.tr("KV types"), types)
        asking = QHBoxLayout()
        asking.addWidget(self._progress, 1)
        asking.addWidget(self._find)
        results = QWidget()
        self._results = QVBoxLayout(results)
        self._results.setContentsMargins(0, 0, GRID, 0)
        self._results.setSpacing(GRID)
        self._results.addWidget(self._empty)
        self._results.addWidget(self._opinion)
        self._results.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.tr("Best ways to load"))
        area.setWidget(results)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(form)
        column.addLayout(asking)
        column.addWidget(area, 1)

    @Slot()
    def _show(self) -> None:
        presenter = self._presenter
        self._progress.setText(presenter.progress)
        self._find.setText(self.tr("Cancel") if presenter.progress else self.tr("Find"))
        choices = presenter.choices or ()
        shown = (*choices, *filter(None, [presenter.own]))
        if shown != self._shown:
            self._shown = shown
            self._show_choices(choices, presenter.own)
        own = self.tr("Second opinion, llama.cpp's own fit: %1")
        self._opinion.setText(own.replace("%1", translated(safe_line(presenter.why_not_own, 300))))
        self._opinion.setVisible(bool(presenter.why_not_own))
        if presenter.choices is None:
            text = self.tr(
                "All placements, types of the KV cache and micro-batches are tried, with flash "
                "attention where the model allows it; the three best stand here with their reasons."
            )
        else:
            text = self.tr(
                "Nothing was found with which it fits. Ask for a shorter context, or see what it "
                "would need."
            )
        self._empty.setText(text)
        self._empty.setVisible(not presenter.choices)

    def _show_choices(self, choices: tuple[Choice, ...], own: Choice | None) -> None:
        for card in self._cards:
            self._results.removeWidget(card)
            card.deleteLater()
        self._cards = [
            ChoiceCard(f"{number}. {wording.reasons(choice.reasons)}", f"useWay{number}", choice)
            for number, choice in enumerate(choices, 1)
        ]
        if own:
            title = self.tr("Second opinion: llama.cpp's own fit, which leaves 1 GiB free")
            self._cards.append(ChoiceCard(title, "useOwnFit", own))
        for number, card in enumerate(self._cards):
            card.used.connect(self.used)
            self._results.insertWidget(number, card)

    @Slot()
    def _on_types_changed(self) -> None:
        self._find.setEnabled(bool(self.kv_types))

    @Slot()
    def _on_find_clicked(self) -> None:
        if self._presenter.progress:
            self._presenter.cancel()
            return
        work = self._presenter.find(
            Goal(self._goal.currentData()),
            n_ctx=self._context.value(),
            leave_free_gib=self._free.value(),
            kv_types=self.kv_types,
        )
        self._start(work)
