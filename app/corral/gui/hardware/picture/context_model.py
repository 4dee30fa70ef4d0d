"""What context lengths take, as a table: the twin of the curves for who cannot see them."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from corral.gui.hardware.picture import wording
from corral.gui.library.header_models import RowTable
from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme
from corral.plan.over_context import ContextStep, with_plan
from corral.plan.plan import Plan, Verdict
from corral.units import count

VERDICT_ROLES = {Verdict.FITS: Role.GOOD, Verdict.TIGHT: Role.TIGHT, Verdict.OVER: Role.BAD}


class ContextSteps(RowTable[ContextStep]):
    """A row for each context length: each device, all of them, the verdict, the speed."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__((), (), theme, parent)
        self._now: Plan | None = None

    @property
    def steps(self) -> tuple[ContextStep, ...]:
        """What is shown."""
        return self._all

    def show(self, steps: Sequence[ContextStep]) -> None:
        """Show other steps; the columns are those of their devices."""
        devices = steps[0].plan.machine.devices if steps else ()
        before = self._titles, [step.n_ctx for step in self._all]
        self._titles = (
            self.tr("Context"),
            self.tr("Verdict"),
            *map(wording.device_label, devices),
            self.tr("Planned"),
            self.tr("Tokens/s"),
            self.tr("Note"),
        )
        self._numbers = (0, *range(2, len(devices) + 4))
        if before == (self._titles, [step.n_ctx for step in steps]):
            self.change_rows(steps)  # the same lengths: only the machine has other memory free
        else:
            self.set_rows(steps)

    def mark(self, plan: Plan) -> None:
        """Mark the context length that is planned now; its row has the figures of that plan."""
        self._now = plan
        if self._all:
            last = self.index(len(self._all) - 1, len(self._titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row_of(self, n_ctx: int) -> int:
        """Return the row of a context length, -1 if it has none."""
        return next((i for i, step in enumerate(self._all) if step.n_ctx == n_ctx), -1)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the words and looks of a cell."""
        step = self.row(index)
        if step is None:
            return None
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return self._theme.palette.colour(VERDICT_ROLES[self._step(step).plan.verdict])
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.step_words(self._step(step))
        if role == Qt.ItemDataRole.FontRole:
            fonts = self._theme.fonts
            is_now = index.column() == 0 and self._is_now(step)
            return fonts.strong if is_now else fonts.figures
        return super().data(index, role)

    def text(self, row: ContextStep, column: int) -> str:
        """Return the words of a cell."""
        plan = self._step(row).plan
        devices = plan.machine.devices
        match column, column - len(devices):
            case 0, _:
                return count(row.n_ctx)
            case 1, _:
                return wording.verdict_words(plan.verdict)
            case _, 2:
                return wording.size_words(plan)
            case _, 3:
                return wording.speed_words(row.generation)
            case _, 4:
                return self.note(row)
        return wording.size_words(plan, devices[column - 2].name)

    def key(self, row: ContextStep, _column: int) -> tuple[float, str]:
        """Keep the order of the lengths."""
        return float(row.n_ctx), ""

    def haystack(self, row: ContextStep) -> str:
        """Return the length."""
        return str(row.n_ctx)

    def note(self, step: ContextStep) -> str:
        """Return what is special about a length."""
        notes = []
        if self._is_now(step):
            notes.append(self.tr("planned now"))
        if step.is_trained:
            notes.append(self.tr("trained length"))
        return ", ".join(notes)

    def _is_now(self, step: ContextStep) -> bool:
        return self._now is not None and self._now.options.context.n_ctx == step.n_ctx

    def _step(self, step: ContextStep) -> ContextStep:
        """Return what a row shows: of the context that is planned now, that plan."""
        return with_plan(step, self._now) if self._now else step
