"""What the context length changes: a table to choose from, and curves."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QVBoxLayout, QWidget

from corral.gui.hardware.picture import wording
from corral.gui.hardware.picture.column_widths import fit_columns
from corral.gui.hardware.picture.context_model import ContextSteps
from corral.gui.hardware.picture.context_plot import ContextPlot
from corral.gui.library.table_view import TableView, row_height
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import TextButton
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.over_context import ContextStep
from corral.plan.plan import Kind, Plan, Verdict
from corral.units import count

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ContextSection(QWidget):
    """A row for each length, a button that takes the chosen one, and the curves.

    Signals:
        context_chosen: A length is wanted; carries it in tokens.
    """

    context_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps = ContextSteps(theme, self)
        self.table = self._make_table()
        self._use = TextButton("")
        self._use.setObjectName("useContext")
        self._use.hide()
        self.plot = ContextPlot(theme)
        self._words = PlainLabel(look="small")
        self._words.setObjectName("plotWords")
        self._words.setWordWrap(True)
        self._note = PlainLabel(look="small")
        self._note.setObjectName("contextNote")
        self._note.setWordWrap(True)
        self._arrange()
        self._use.clicked.connect(self._on_use_clicked)
        self.table.doubleClicked.connect(self._on_use_clicked)
        self.table.selectionModel().currentChanged.connect(self._on_row_changed)
        self.plot.point_changed.connect(self._words.setText)
        self.plot.context_chosen.connect(self.context_chosen)
        theme.changed.connect(self._on_theme_changed)

    def show_steps(self, steps: Sequence[ContextStep], curve: Sequence[ContextStep]) -> None:
        """Show other figures; the cursor stays on its length."""
        before = self._steps.row(self.table.currentIndex())
        self._steps.show(steps)
        self.plot.show_steps(curve, steps)
        is_exact = all(step.plan.kind is Kind.EXACT for step in steps)
        self._note.setText(self._exact_note() if is_exact else self._formula_note())
        if before:
            self.table.setCurrentIndex(self._steps.index(self._steps.row_of(before.n_ctx), 0))
        self._on_theme_changed()
        self._on_row_changed()

    def mark(self, plan: Plan) -> None:
        """Mark the context length that is planned now."""
        self._steps.mark(plan)
        self.plot.mark(plan)

    def _make_table(self) -> TableView:
        table = TableView(self._steps)
        table.setObjectName("contextTable")
        table.setAccessibleName(self.tr("Context lengths"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.header.setSectionsMovable(False)
        table.header.setStretchLastSection(True)
        table.header.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        table.on_key = self._on_key
        return table

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(PlainLabel(self.tr("Context length"), look="heading"))
        column.addWidget(self.table)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self._use)
        column.addLayout(foot)
        column.addWidget(self.plot)
        column.addWidget(self._words)

    def _formula_note(self) -> str:
        return self.tr("Planned by formulas; speeds are estimated with the whole context in use.")

    def _exact_note(self) -> str:
        return self.tr(
            "The table is planned exactly, by llama.cpp's dry run, the curves by formulas; "
            "speeds are estimated with the whole context in use."
        )

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() not in _ENTER:
            return False
        self._on_use_clicked()
        return True

    @Slot()
    def _on_use_clicked(self) -> None:
        if step := self._steps.row(self.table.currentIndex()):
            self.context_chosen.emit(step.n_ctx)

    @Slot()
    def _on_row_changed(self) -> None:
        step = self._steps.row(self.table.currentIndex())
        self._use.setVisible(step is not None)
        if step:
            text = self.tr("Plan with %1 tokens").replace("%1", count(step.n_ctx))
            self._use.setText(text)

    @Slot()
    def _on_theme_changed(self) -> None:
        """Make the table as high as its rows: it never scrolls up and down."""
        height, steps = row_height(self._theme), self._steps.steps
        self.table.set_row_height(height)
        if steps:
            sizes = ("≈ 100.00 GiB",) * (len(steps[0].plan.machine.devices) + 1)
            notes = max(map(self._steps.note, steps), key=len)
            verdict = wording.verdict_words(Verdict.OVER)
            samples = ("1 048 576", verdict, *sizes, "100 to 200", notes)
            fit_columns(self.table, self._theme, samples)
        bar = self.table.horizontalScrollBar().sizeHint().height()
        head = self.table.header.sizeHint().height()
        self.table.setFixedHeight(height * max(1, len(steps)) + head + bar)
