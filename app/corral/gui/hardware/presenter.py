"""What the hardware panel shows and can do; knows no widgets."""

import asyncio
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from corral.chats.store import Conversation
from corral.errors import CorralError, ExternalError
from corral.events import Finished, Phase, PhaseChanged
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.hardware.describing import device_views, machine_text, plan_view
from corral.gui.hardware.view import DeviceView, LoadButton, PlanView
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.plan.machine import Machine
from corral.plan.options import CacheType, LoadOptions
from corral.plan.plan import Plan
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench

LIVE_MS = 2000
# The exact plan is asked for when the slider has rested this long.
EXACT_AFTER_S = 0.15


class HardwarePresenter(QObject):
    """The machine now, and what one model would take.

    Signals:
        machine_changed: `machine_text` and `devices` are others now.
        plan_changed: `plan_view` is another now.
        failed: Loading failed; carries the `CorralError`.
    """

    machine_changed = Signal()
    plan_changed = Signal()
    failed = Signal(object)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._model: StoredModel | None = None
        self._conversation: Conversation | None = None
        self._options: LoadOptions | None = None
        self._plan: Plan | None = None
        self._longest_ctx = 0
        self._machine: Machine | None = None
        self._planning: asyncio.Task[None] | None = None
        self._loading: Generation | None = None
        self._progress = ""
        self.machine_text = self.tr("Looking at this machine…")
        self.devices: tuple[DeviceView, ...] = ()
        self.plan_view: PlanView | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LIVE_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._unsubscribe = workbench.engine.subscribe(self._on_engine_changed)

    def start(self) -> None:
        """Begin to watch the machine."""
        self._on_timeout()
        self._timer.start()

    def show_model(self, model: StoredModel, conversation: Conversation | None = None) -> None:
        """Plan for a model: a chat's, or the library's when there is no conversation."""
        if self._model == model and self._conversation == conversation and self._plan:
            return
        self._model, self._conversation = model, conversation
        self._options = None
        self._replan()

    def set_context(self, n_ctx: int) -> None:
        """Plan with another context length."""
        self._choose(n_ctx=n_ctx)

    def set_kv_type(self, kv_type: str) -> None:
        """Plan with another type of the KV cache."""
        self._choose(kv_type=CacheType(kv_type))

    def set_gpu_layers(self, layers: int) -> None:
        """Plan with other layers on the GPU."""
        if self._options and self._plan and layers != self._plan.options.n_gpu_layers:
            self._options = replace(self._options, n_gpu_layers=layers)
            self._remember_choice()

    @Slot()
    def load(self) -> None:
        """Load the model as planned; a plan over the budget is refused with both numbers."""
        self._start_loading(is_over_budget_allowed=False)

    @Slot()
    def unload(self) -> None:
        """Free the model's memory."""
        if self._model:
            self._scope.start(self._workbench.loading.unload(self._model))

    @Slot()
    def press_button(self) -> None:
        """Do what the button stands for."""
        match self.plan_view.button if self.plan_view else LoadButton.NONE:
            case LoadButton.LOAD | LoadButton.RELOAD:
                self.load()
            case LoadButton.LOAD_ANYWAY:
                self._start_loading(is_over_budget_allowed=True)
            case LoadButton.UNLOAD:
                self.unload()
            case LoadButton.CANCEL if self._loading:
                self._loading.stop()

    async def close(self) -> None:
        """End what runs."""
        self._timer.stop()
        self._unsubscribe()
        await self._scope.close()

    def _choose(self, *, n_ctx: int | None = None, kv_type: CacheType | None = None) -> None:
        if self._options is None:
            return
        context = self._options.context
        changed = replace(context, n_ctx=n_ctx or context.n_ctx, kv_type=kv_type or context.kv_type)
        if changed != context:
            self._options = replace(self._options, context=changed)
            self._remember_choice()

    def _remember_choice(self) -> None:
        if self._model:
            self._workbench.planning.choose(self._model, self._options)
            self._replan()

    def _replan(self) -> None:
        if self._planning:
            self._planning.cancel()
        if self._model:
            self._planning = self._scope.start(self._make_plan(self._model))

    async def _make_plan(self, model: StoredModel) -> None:
        planning = self._workbench.planning
        if self._options is None:
            parameters = self._conversation.parameters if self._conversation else None
            self._options = await planning.options_for(model, parameters)
        self._longest_ctx = (await planning.header(model)).context_length
        self._plan = await planning.quick_plan(model, self._options)
        self._show_plan()
        await asyncio.sleep(EXACT_AFTER_S)
        try:
            self._plan = await planning.exact_plan(model, self._options)
        except ExternalError:
            return  # the plan by formulas stands, and says what it is
        self._show_plan()

    def _start_loading(self, *, is_over_budget_allowed: bool) -> None:
        if self._model and self._options and not self._loading:
            request = ChatRequest(
                model=self._model.name,
                messages=None,
                options=self._options,
                is_over_budget_allowed=is_over_budget_allowed,
            )
            self._scope.start(self._load(request))

    async def _load(self, request: ChatRequest) -> None:
        self._loading = self._workbench.conversing.start(request)
        try:
            async for event in self._loading.events():
                if isinstance(event, PhaseChanged):
                    self._progress = self._phase_text(event)
                elif isinstance(event, Finished) and event.error:
                    self.failed.emit(event.error)
                self._show_plan()
        finally:
            self._loading = None
            self._progress = ""
            self._replan()

    def _phase_text(self, event: PhaseChanged) -> str:
        if event.phase is Phase.LOADING:
            return self.tr("Loading %1 %").replace("%1", str(event.done or 0))
        return self.tr("Checking the file")

    def _show_plan(self) -> None:
        model, plan = self._model, self._plan
        if model is None or plan is None:
            return
        planning = self._workbench.planning
        is_chat = self._conversation is not None
        where = self.tr("this chat") if is_chat else self.tr("selected in the library")
        self.plan_view = plan_view(
            plan,
            title=self.tr("Plan for %1 · %2")
            .replace("%1", safe_line(without_latest(model.name)))
            .replace("%2", where),
            longest_ctx=self._longest_ctx,
            measured=planning.measured(plan, model),
            is_loaded=planning.runner_of(model) is not None,
            is_over_limit=self._workbench.loading.is_over_limit(plan),
            progress=self._progress,
        )
        self.plan_changed.emit()
        self._show_machine()

    def _show_machine(self) -> None:
        if self._machine:
            runner = self._model and self._workbench.planning.runner_of(self._model)
            measured = runner.info.measured if runner else ()
            planned = self._plan.lines if self._plan and not runner else ()
            self.devices = device_views(self._machine, planned=planned, measured=measured)
            cores = self.tr("%n core(s)", "", self._machine.physical_cores)
            self.machine_text = machine_text(self._machine, cores=cores)
            self.machine_changed.emit()

    async def _look(self) -> None:
        try:
            self._machine = await self._workbench.planning.machine()
        except CorralError as error:
            self.machine_text = str(error)
        self._show_machine()

    @Slot()
    def _on_timeout(self) -> None:
        self._scope.start(self._look())

    def _on_engine_changed(self) -> None:
        self._on_timeout()
        self._replan()
