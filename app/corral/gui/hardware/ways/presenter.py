"""The best ways to load a model, and machines that would run it; knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from corral.errors import CorralError, ExternalError
from corral.foreign import safe_line
from corral.gui.hardware.planner import Planner
from corral.gui.service_phrases import translated
from corral.jobs import Cancelled, Job, JobState, Ticket
from corral.library.names import without_latest
from corral.plan.machine import Machine
from corral.plan.needs import Need
from corral.plan.options import CacheType
from corral.plan.search import Choice, Goal, Limits
from corral.units import GIB
from corral.workbench.workbench import Workbench

T = TypeVar("T")


class WaysPresenter(QObject):
    """Searches for one model on one machine, as they were when it began.

    Signals:
        changed: `choices`, `needs` or `progress` are others now.
        failed: A search failed; carries the `CorralError`.

    Attributes:
        name: Name of the model.
        choices: The ways that were found, None before a search.
        own: What llama.cpp's own fit would choose, None where it chooses nothing.
        why_not_own: Why it chooses nothing; "" before it was asked.
        needs: The machines that were found, None before a search.
        progress: What is going on, "" when nothing is.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, workbench: Workbench, planner: Planner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        assert planner.subject
        assert planner.machine
        assert planner.options
        self._workbench = workbench
        self._planner = planner
        self._model = planner.subject.model
        self.machine: Machine = planner.machine
        self.options = planner.options
        self.longest_ctx = planner.longest_ctx
        self._job: Job[object] | None = None
        self.name = safe_line(without_latest(self._model.name))
        self.choices: tuple[Choice, ...] | None = None
        self.own: Choice | None = None
        self.why_not_own = ""
        self.needs: tuple[Need, ...] | None = None
        self.progress = ""

    async def find(
        self, goal: Goal, *, n_ctx: int, leave_free_gib: float, kv_types: Sequence[CacheType]
    ) -> None:
        """Find the best ways to load the model.

        Args:
            goal: What is wanted most.
            n_ctx: Tokens of the context, 0 for what suits the machine.
            leave_free_gib: What stays free on each device.
            kv_types: Types of the KV cache that may be used.
        """
        planning = self._workbench.planning
        limits = Limits(
            n_ctx=n_ctx, leave_free_bytes=int(leave_free_gib * GIB), kv_types=tuple(kv_types)
        )
        work = await planning.search(self._model, self.machine, goal, limits)
        found = await self._run(work)
        if found is not None:
            self.choices, self.own, self.why_not_own = found, None, ""
            self._say(self.tr("Asking llama.cpp"))
            self.choices = await planning.exact_choices(self._model, self.machine, found)
            await self._ask_llama(n_ctx)
            self._say("")

    async def find_machines(self, *, n_ctx: int, kv_type: CacheType, tokens_per_s: float) -> None:
        """Find the smallest machines that would run the model.

        Args:
            n_ctx: Tokens of the context.
            kv_type: Type of the KV cache.
            tokens_per_s: How fast answers are to come at least.
        """
        context = replace(self.options.context, n_ctx=n_ctx, kv_type=kv_type)
        work = await self._workbench.planning.needs(self._model, context, tokens_per_s)
        found = await self._run(work)
        if found is not None:
            self.needs = found
            self._say("")

    def cancel(self) -> None:
        """Give the search up; what was found before stays."""
        if self._job:
            self._job.cancel()

    def use(self, choice: Choice) -> None:
        """Plan, and on this machine load, so from now on."""
        self._planner.set_options(choice.plan.options)

    def use_machine(self, need: Need, here: Machine) -> None:
        """Plan on one of the machines from now on."""
        self._workbench.planning.machines.choose(need.words, here)

    async def _ask_llama(self, n_ctx: int) -> None:
        """Have the second opinion."""
        planning = self._workbench.planning
        try:
            plan = await planning.llama_fit(self._model, self.machine, n_ctx)
        except ExternalError as error:
            self.why_not_own = error.summary
        else:
            speeds = await planning.speeds(self._model, plan)
            self.own = Choice(plan=plan, speeds=speeds, reasons=())

    async def _run(self, work: Callable[[Ticket], T]) -> T | None:
        """Return what some work finds, None when it was given up or failed."""
        self.cancel()
        job = self._workbench.jobs.start(f"Planning {self.name}", work)
        self._job = job  # type: ignore[assignment]
        unsubscribe = job.subscribe(lambda: self._tell(job))
        try:
            return await job.result()
        except Cancelled:
            return None
        except CorralError as error:
            self.failed.emit(error)
            return None
        finally:
            unsubscribe()
            if self._job is job:
                self._job = None
                self._say("")

    def _tell(self, job: Job[T]) -> None:
        progress = job.progress
        if job.state is JobState.RUNNING and progress.total:
            percent = 100 * progress.done // progress.total
            self._say(f"{translated(progress.phase)} · {percent} %")

    def _say(self, progress: str) -> None:
        self.progress = progress
        self.changed.emit()
