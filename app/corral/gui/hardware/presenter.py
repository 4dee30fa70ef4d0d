"""What the hardware panel shows and can do; knows no widgets."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from corral.chats.store import Conversation
from corral.errors import CorralError, ExternalError, UserError
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.hardware import wording
from corral.gui.hardware.calibration_run import CalibrationRun
from corral.gui.hardware.choices import Choices
from corral.gui.hardware.describing import Known, device_views, machine_text, plan_view
from corral.gui.hardware.loads import Loads
from corral.gui.hardware.planner import Planner, Subject
from corral.gui.hardware.view import DeviceView, LoadButton, MoveView, PlanView
from corral.hardware.programs import Program
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.plan.guardrail import Move
from corral.plan.machine import Machine
from corral.plan.options import LoadOptions
from corral.settings import GuardrailChoice
from corral.workbench.workbench import Workbench

LIVE_MS = 2000
# Every process is read for it, so it is not asked for as often as what is free.
PROGRAMS_EVERY = 8


class HardwarePresenter(QObject):
    """The machine, real or imagined, and what one model would take of it.

    Signals:
        machine_changed: `machine_text`, `devices` or `imagined` are others now.
        plan_changed: `plan_view` is another now.
        failed: Loading failed; carries the `CorralError`.

    Attributes:
        workbench: The services.
        planner: The plan that is shown.
        choices: What can be chosen about it.
        loads: Loads what is planned.
        calibration: Measures how fast this machine is.
        machine_text: The machine in words.
        workers_problem: Why a saved RPC worker is not planned with, "" where all are.
        devices: The machine in bars.
        plan_view: The plan, None before the first.
    """

    machine_changed = Signal()
    plan_changed = Signal()
    failed = Signal(object)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._is_for_chat = False
        self._n_looks = 0
        self._programs: tuple[Program, ...] = ()
        self._machine: Machine | None = None
        self._here: Machine | None = None
        self._imagined: Machine | None = None
        self.planner = Planner(workbench, self._scope, self)
        self.choices = Choices(self.planner)
        self.loads = Loads(workbench, self.planner, self._scope, self)
        self.calibration = CalibrationRun(workbench, self._scope, self)
        self.machine_text = self.tr("Looking at this machine…")
        self.workers_problem = ""
        self.devices: tuple[DeviceView, ...] = ()
        self.plan_view: PlanView | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LIVE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.planner.changed.connect(self._show_plan)
        self.loads.changed.connect(self._show_plan)
        self.loads.ended.connect(self.planner.plan_again)
        self.loads.failed.connect(self.failed)
        self.calibration.ended.connect(self.planner.plan_again)
        self._unsubscribes = (
            workbench.engine.subscribe(self._on_engine_changed),
            workbench.conversing.changed.subscribe(self.planner.settle),
            workbench.planning.machines.changed.subscribe(self._on_machines_changed),
            workbench.planning.changed.subscribe(self.planner.follow_choice),
            workbench.planning.workers.changed.subscribe(self._on_timeout),
        )

    @property
    def imagined(self) -> str:
        """What the machine that is planned for is called, "" for this one."""
        return safe_line(self._imagined.name, 200) if self._imagined else ""

    @property
    def here(self) -> Machine | None:
        """This machine with no model loaded, None before it was looked at."""
        return self._here

    def start(self) -> None:
        """Begin to watch the machine."""
        self._on_timeout()
        self._timer.start()

    def run(self, work: Coroutine[object, object, object]) -> None:
        """Run something that ends with the panel; its errors are told as `failed`."""
        self._scope.start(work)

    async def close(self) -> None:
        """End what runs."""
        self._timer.stop()
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        await self._scope.close()
        self.planner.close()

    # -- what is planned ------------------------------------------------------------------------

    def show_model(self, model: StoredModel, conversation: Conversation | None = None) -> None:
        """Plan for a model: a chat's, or the library's when there is no conversation."""
        parameters = conversation.parameters if conversation else None
        subject = Subject(model=model, parameters=parameters)
        if self.planner.subject != subject or self._is_for_chat != (conversation is not None):
            self._is_for_chat = conversation is not None
            self.planner.show(subject, self._imagined or self._here)

    def show_remote(self, model: StoredModel) -> None:
        """Plan for a model on the hub, of which only the header is here."""
        self._is_for_chat = False
        self.planner.show(Subject(model=model, is_remote=True), self._imagined or self._here)

    def use(self, options: LoadOptions) -> None:
        """Plan, and on this machine load, with other options."""
        self.planner.set_options(options)

    # -- machines -------------------------------------------------------------------------------

    @Slot()
    def come_back(self) -> None:
        """Plan for this machine again."""
        if self._here:
            self.workbench.planning.machines.choose("", self._here)

    def _on_machines_changed(self) -> None:
        machines = self.workbench.planning.machines
        if self._here is None:
            return
        try:
            chosen = machines.chosen and machines.imagine(machines.chosen, self._here)
        except UserError:  # it was saved, and has been forgotten
            return
        if (chosen or None) != self._imagined:
            self._imagined = chosen or None
            self.planner.set_machine(self._imagined or self._here)
            self._show_machine()

    @property
    def guardrail(self) -> tuple[GuardrailChoice, float]:
        """How much of the free memory a load may take, and what an own limit leaves free."""
        settings = self.workbench.settings.current
        return settings.guardrail, settings.guardrail_free_gib

    def set_guardrail(self, choice: GuardrailChoice, free_gib: float) -> None:
        """Set how much of the free memory a load may take without a question."""
        if (choice, free_gib) != self.guardrail:
            try:
                self.workbench.settings.change(guardrail=choice, guardrail_free_gib=free_gib)
            except CorralError as error:
                self.failed.emit(error)
            self._show_plan()
            self.planner.settle()

    # -- loading --------------------------------------------------------------------------------

    @Slot()
    def load(self) -> None:
        """Load the model as planned; a plan over the limit is refused with both numbers."""
        self.loads.start()

    @Slot()
    def unload(self) -> None:
        """Free the model's memory."""
        self.loads.unload()

    @Slot()
    def press_button(self) -> None:
        """Do what the button stands for."""
        match self.plan_view.button if self.plan_view else LoadButton.NONE:
            case LoadButton.LOAD | LoadButton.RELOAD:
                self.load()
            case LoadButton.LOAD_ANYWAY:
                self.loads.start(is_over_budget_allowed=True)
            case LoadButton.UNLOAD:
                self.unload()
            case LoadButton.CANCEL:
                self.loads.stop()

    # -- showing --------------------------------------------------------------------------------

    @Slot()
    def _show_plan(self) -> None:
        subject, plan = self.planner.subject, self.planner.plan
        if subject is None or plan is None:
            self.plan_view = None
            self.plan_changed.emit()
            return
        planning, planner = self.workbench.planning, self.planner
        can_load = not (subject.is_remote or plan.machine.is_imagined)
        is_over = self.workbench.loading.is_over_limit(plan)
        known = Known(
            longest_ctx=planner.longest_ctx,
            n_expert_layers=planner.n_expert_layers if plan.machine.gpus else 0,
            measured=planning.measured(plan, subject.model) if can_load else None,
            is_loaded=planning.runner_of(subject.model) is not None,
            is_over_limit=is_over,
            can_load=can_load,
            progress=self.loads.progress,
            speeds=planner.speeds,
            last_run=planner.last_run,
            why_not_exact=planner.why_not_exact,
            moves=tuple(map(self._move_view, planner.moves)) if is_over else (),
            giving_way_bytes=self._giving_way_bytes(),
            slow_note=self.workbench.loading.note_of(subject.model) if can_load else "",
        )
        self.plan_view = plan_view(plan, self._title(subject), known)
        self.plan_changed.emit()
        self._show_machine()

    def _title(self, subject: Subject) -> str:
        if subject.is_remote:
            where = self.tr("on Hugging Face")
        elif self._is_for_chat:
            where = self.tr("this chat")
        else:
            where = self.tr("selected in the library")
        name = safe_line(without_latest(subject.model.name))
        return self.tr("Plan for %1 · %2").replace("%1", name).replace("%2", where)

    def _giving_way_bytes(self) -> int:
        if self._machine is None or self._here is None:
            return 0
        pairs = zip(self._here.devices, self._machine.devices, strict=True)
        return sum(free.free_bytes - now.free_bytes for free, now in pairs)

    def _move_view(self, move: Move) -> MoveView:
        speed = self.planner.speed_with(move.options)
        text = wording.with_speed(wording.move(move.kind, move.options), speed)
        return MoveView(text=text, options=move.options)

    def _show_machine(self) -> None:
        machine = self._imagined or self._machine
        if machine is None:
            return
        subject, plan = self.planner.subject, self.planner.plan
        runner = None
        if subject and not self._imagined:
            runner = self.workbench.planning.runner_of(subject.model)
        planned = plan.lines if plan and not runner and plan.machine.name == machine.name else ()
        measured = runner.info.measured if runner else ()
        programs = () if self._imagined else self._programs
        self.devices = device_views(machine, planned=planned, measured=measured, programs=programs)
        cores = self.tr("%n core(s)", "", machine.physical_cores)
        self.machine_text = machine_text(machine, cores=cores)
        self.machine_changed.emit()

    async def _look(self) -> None:
        planning = self.workbench.planning
        try:
            self._machine = await planning.machine(planning.workers.in_use)
        except CorralError as error:
            self.machine_text = str(error)
            self.machine_changed.emit()
            return
        self.workers_problem = wording.workers_problem(planning.workers.states)
        is_first = self._here is None
        self._here = planning.when_free(self._machine)
        if is_first:
            self._on_machines_changed()
        if not self._imagined:
            self.planner.set_machine(self._here)
        self._show_machine()
        if self._n_looks % PROGRAMS_EVERY == 0:
            self._programs = await planning.other_programs()
            self._show_machine()
            with suppress(ExternalError):  # who is gone is in use no more, and the panel says so
                await planning.workers.reach(planning.workers.in_use)
        self._n_looks += 1

    @Slot()
    def _on_timeout(self) -> None:
        self._scope.start(self._look())

    def _on_engine_changed(self) -> None:
        self._on_timeout()
        self.planner.plan_again()
