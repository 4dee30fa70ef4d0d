"""Plans for one model on one machine: by formulas at once, exactly when nothing moves any more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from corral.errors import CorralError, ExternalError
from corral.gui.async_bridge import Scope
from corral.library.model import StoredModel
from corral.modelfile.catalogue import ParameterValue
from corral.plan.formula import Formula
from corral.plan.guardrail import Move
from corral.plan.learning import SpeedRun
from corral.plan.machine import Machine
from corral.plan.options import LoadOptions
from corral.plan.placement import Placement
from corral.plan.plan import Kind, Plan
from corral.plan.speed import (
    UNCORRECTED,
    Correction,
    Speed,
    Speeds,
    Work,
    expected_speeds,
    weight_work,
)
from corral.workbench.workbench import Workbench

# Plans follow a slider this often, which leaves room for 60 a second in a loop that does more than
# that; what the slider passes in between is never planned.
FRAME_MS = 11
# What costs more than a frame is asked for when nothing has moved for this long.
REST_MS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is planned.

    Attributes:
        model: The model.
        parameters: Those of the conversation that it is planned for; None without one.
        is_remote: Whether only its header is here.
    """

    model: StoredModel
    parameters: Mapping[str, ParameterValue] | None = None
    is_remote: bool = False


class Planner(QObject):
    """Keeps the plan of one model.

    Signals:
        changed: The plan, or what is known of it, is another now.

    Attributes:
        subject: What is planned, None before the first.
        machine: For which machine, None before it is known.
        plan: The plan, None before the first.
        speeds: How fast it would be.
        why_not_exact: Why the plan is by formulas though nothing moves; "" where it is not.
        moves: Single changes with which it would be within the user's limit.
        last_run: How fast the model, loaded with this plan, ran last.
    """

    changed = Signal()

    def __init__(self, workbench: Workbench, scope: Scope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = scope
        self._formula: Formula | None = None
        self._options: LoadOptions | None = None
        self._opening: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._corrections: tuple[Correction, Correction] = (UNCORRECTED, UNCORRECTED)
        # What does not change with the context is found once for a placement.
        self._weights: tuple[Placement, Work] | None = None
        self._is_stale = self._is_chosen = False
        self.subject: Subject | None = None
        self.machine: Machine | None = None
        self.plan: Plan | None = None
        self.speeds: Speeds | None = None
        self.why_not_exact = ""
        self.moves: tuple[Move, ...] = ()
        self.last_run: SpeedRun | None = None
        self._frame = self._timer(FRAME_MS, self._on_frame)
        self._rest = self._timer(REST_MS, self._on_rest)

    @property
    def options(self) -> LoadOptions | None:
        """How the model is to be loaded; a number of layers may be -1 for all."""
        return self._options

    @property
    def longest_ctx(self) -> int:
        """Tokens the model was trained for, 0 where it does not tell."""
        return self._formula.header.context_length if self._formula else 0

    @property
    def n_expert_layers(self) -> int:
        """Layers whose experts can be left in main memory, 0 for a model without experts."""
        header = self._formula.header if self._formula else None
        has_experts = header is not None and any("_exps" in x.name for x in header.tensors)
        return self._formula.n_blocks if self._formula and has_experts else 0

    def show(self, subject: Subject, machine: Machine | None) -> None:
        """Plan another model, as it suits the machine and what was chosen for it."""
        self.subject, self.machine = subject, machine or self.machine
        self._options = None
        self._is_chosen = False
        self._end_tasks()
        self._opening = self._scope.start(self._open(subject))

    def set_machine(self, machine: Machine) -> None:
        """Plan for a machine; for the same one with other free memory the plan stays."""
        before, self.machine = self.machine, machine
        if self.subject is None or before is None or _is_another(before, machine):
            if self.subject:
                self.show(self.subject, machine)
        elif self.plan and before != machine:
            moved = replace(self.plan, machine=machine)
            # Where layers are shared by free memory, another plan is only made when it must be.
            if len(machine.gpus) > 1 and moved.verdict is self.plan.verdict:
                return
            is_other = moved.verdict is not self.plan.verdict
            self.plan = moved
            self.changed.emit()
            if is_other:
                self.plan_again()

    def set_options(self, options: LoadOptions) -> None:
        """Plan with other options; may be called at any rate."""
        if self.subject and self._formula and options != self._options:
            self._options = options
            self._is_chosen = True
            self._choose(is_moving=True)
            self._is_stale = True
            if not self._frame.isActive():
                self._on_frame()

    def follow_choice(self) -> None:
        """Plan with what was chosen for the model elsewhere: in its chat, or by a search."""
        here = self.machine is not None and not self.machine.is_imagined
        if self.subject and self._formula and here and not self.subject.is_remote:
            chosen = self._workbench.planning.chosen(self.subject.model)
            if chosen and chosen != self._options:
                self._options = chosen
                self.plan_again()

    def plan_again(self) -> None:
        """Make the same plan anew: something else has changed."""
        self._is_stale = True
        if not self._frame.isActive():
            self._on_frame()

    def settle(self) -> None:
        """Look again at what is known of the plan, but for the plan itself."""
        if self.plan:
            self._rest.start()

    def close(self) -> None:
        """Plan no more; to be called when the tasks have ended."""
        self.subject = self._formula = None
        self._frame.stop()
        self._rest.stop()

    def speed_with(self, options: LoadOptions) -> Speed | None:
        """Return how fast answers would come with other options, None where it is not known."""
        speeds = self._speeds(options)
        return speeds.generation if speeds else None

    def _timer(self, interval_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _end_tasks(self) -> None:
        for task in (self._opening, self._settling):
            if task:
                task.cancel()
        self._rest.stop()

    async def _open(self, subject: Subject) -> None:
        planning = self._workbench.planning
        if self.machine is None:
            self.machine = await planning.machine_when_free()
        self._formula = self._weights = None
        try:
            formula = await planning.formula(subject.model)
            options = await self._first_options(subject, self.machine)
        except CorralError:
            self.plan = None
            self.changed.emit()
            raise
        self._formula, self._options = formula, options
        self.plan_again()

    async def _first_options(self, subject: Subject, machine: Machine) -> LoadOptions:
        planning = self._workbench.planning
        if machine.is_imagined or subject.is_remote:
            return await planning.options_on(subject.model, machine)
        return await planning.options_for(subject.model, subject.parameters)

    def _choose(self, *, is_moving: bool) -> None:
        """Let the next load of the model be so; what is planned elsewhere says nothing of it."""
        here = self.machine and not self.machine.is_imagined
        if self.subject and here and not self.subject.is_remote:
            planning = self._workbench.planning
            planning.choose(self.subject.model, self._options, is_moving=is_moving)

    @Slot()
    def _on_frame(self) -> None:
        if self._is_stale and self._formula and self._options and self.machine:
            self._is_stale = False
            self._frame.start()  # a frame lasts from the beginning of one plan to that of the next
            if self._settling:
                self._settling.cancel()
            self.plan = plan = self._formula.plan(self._options, self.machine)
            self.speeds = self._speeds(plan.options)
            # The moves stay until others are found: buttons that come and go cannot be pressed.
            self.why_not_exact, self.last_run = "", None
            self.changed.emit()
            self._rest.start()

    def _speeds(self, options: LoadOptions) -> Speeds | None:
        if self._formula is None or self.machine is None:
            return None
        prompt, generation = self._corrections
        placement = self._formula.placement(options, self.machine)
        if self._weights is None or self._weights[0] != placement:
            self._weights = placement, weight_work(self._formula, placement)
        return expected_speeds(
            self._formula,
            options,
            self.machine,
            prompt=prompt,
            generation=generation,
            weights=self._weights[1],
        )

    @Slot()
    def _on_rest(self) -> None:
        if self._is_chosen:
            self._is_chosen = False
            self._choose(is_moving=False)
        if self._settling:
            self._settling.cancel()
        if self.subject and self._options and self.machine:
            work = self._settle(self.subject.model, self._options, self.machine)
            self._settling = self._scope.start(work)

    async def _settle(self, model: StoredModel, options: LoadOptions, machine: Machine) -> None:
        planning = self._workbench.planning
        if self.plan and self.plan.kind is not Kind.EXACT:
            try:
                self.plan = await planning.exact_plan_on(model, options, machine)
            except ExternalError as error:
                self.why_not_exact = str(error)
            self.changed.emit()
        if plan := self.plan:
            self._corrections = await planning.corrections(model, plan)
            self.speeds = self._speeds(plan.options)
            self.last_run = await planning.last_run(model, plan)
            self.moves = await self._workbench.loading.moves_that_fit(model, plan)
            self.changed.emit()


def _is_another(before: Machine, machine: Machine) -> bool:
    """Tell whether a machine has another name, or other devices: RPC workers come and go."""
    names = [[device.name for device in each.devices] for each in (before, machine)]
    return before.name != machine.name or names[0] != names[1]
