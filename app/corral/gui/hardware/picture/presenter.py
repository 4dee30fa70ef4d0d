"""Feeds the picture of a plan; knows no widgets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.shown_plan import ShownPlan
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.plan.layer_map import LayerMap
from corral.plan.machine import Device, Machine
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.over_context import ContextStep, curve_lengths, table_lengths
from corral.plan.plan import Plan
from corral.workbench.picturing import ModelPicture, picture_of
from corral.workbench.planning import Planning

# The map follows a slider this often; curves are drawn when it has rested for longer.
FRAME_MS, REST_MS = 33, 200
# The table is made exact when nothing but free memory has changed for this long.
EXACT_AFTER_S = 0.8
_NO_CONTEXT = ContextOptions().n_ctx


class PicturePresenter(QObject):
    """The map and the curves of the plan that the hardware panel shows.

    Args:
        planning: Reads headers, knows what runs have taught.
        shown: The plan.
        parent: Owner.

    Signals:
        plan_changed: `plan`, `title` and `layer_map` are others now.
        steps_changed: `steps` and `curve` are others now.
        failed: The model's header cannot be read; carries the `CorralError`.

    Attributes:
        plan: The plan, None before the first.
        title: For which model.
        layer_map: Its layers.
        steps: What the context lengths of the table take.
        curve: What those of the curves take.
    """

    plan_changed = Signal()
    steps_changed = Signal()
    failed = Signal(object)

    def __init__(self, planning: Planning, shown: ShownPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._planning = planning
        self._shown = shown
        self._scope = Scope(on_error=self.failed.emit)
        self._picture: ModelPicture | None = None
        self._drawn_for: tuple[StoredModel, LoadOptions, Machine] | None = None
        self._drawing: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._is_seen = False
        self.plan: Plan | None = None
        self.title = ""
        self.layer_map: LayerMap | None = None
        self.steps: tuple[ContextStep, ...] = ()
        self.curve: tuple[ContextStep, ...] = ()
        self._frame = self._timer(FRAME_MS, self._on_frame)
        self._rest = self._timer(REST_MS, self._on_rest)
        shown.changed.connect(self._on_plan_shown)

    @property
    def model_name(self) -> str:
        """Name of the model that is shown, "" before the first."""
        return self._shown.model.name if self._shown.model else ""

    def set_seen(self, *, is_seen: bool) -> None:
        """Draw only while somebody looks; the machine, and so the plan, changes all the time."""
        self._is_seen = is_seen
        if is_seen:
            self._on_plan_shown()

    def choose_context(self, n_ctx: int) -> None:
        """Have the plan made with another context length."""
        self._shown.context_chosen.emit(n_ctx)

    async def close(self) -> None:
        """End what runs."""
        self._shown.changed.disconnect(self._on_plan_shown)
        self._frame.stop()
        self._rest.stop()
        await self._scope.close()

    def _timer(self, interval_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _on_plan_shown(self) -> None:
        """Draw soon: a slider tells of more plans than can be seen."""
        if self._is_seen and self._shown.plan and not self._frame.isActive():
            self._frame.start()

    @Slot()
    def _on_frame(self) -> None:
        self._scope.start(self._draw_map())

    @Slot()
    def _on_rest(self) -> None:
        if self._drawing:
            self._drawing.cancel()
        self._drawing = self._scope.start(self._draw_curves())

    async def _draw_map(self) -> None:
        model, plan = self._shown.model, self._shown.plan
        if model is None or plan is None:
            return
        picture = await self._picture_of(model)
        if self._shown.plan is not plan:
            return  # another one has come meanwhile, and has a frame of its own
        self.plan, self.layer_map = plan, picture.layer_map(plan)
        self.title = safe_line(without_latest(model.name))
        self.plan_changed.emit()
        self._rest.start()

    async def _picture_of(self, model: StoredModel) -> ModelPicture:
        if self._picture is None or self._picture.model != model:
            self._picture = await picture_of(self._planning, model)
        return self._picture

    async def _draw_curves(self) -> None:
        model, plan = self._shown.model, self._shown.plan
        if model is None or plan is None:
            return
        without_context = replace(plan.options.context, n_ctx=_NO_CONTEXT)
        drawn_for = model, replace(plan.options, context=without_context), plan.machine
        before = self._drawn_for
        if drawn_for == before:
            return
        if before and before[:2] == drawn_for[:2] and _is_same_but_free(before[2], plan.machine):
            self._judge_by(plan.machine)
        else:
            if self._settling:
                self._settling.cancel()
            await self._draw_steps(model, plan)
            self._settling = self._scope.start(self._make_exact(model))
        self._drawn_for = drawn_for
        self.steps_changed.emit()

    async def _draw_steps(self, model: StoredModel, plan: Plan) -> None:
        picture = await self._picture_of(model)
        curve = await picture.over_context(plan, curve_lengths(picture.trained_tokens))
        in_table = set(table_lengths(picture.trained_tokens))
        self.curve = curve
        self.steps = tuple(step for step in curve if step.n_ctx in in_table)

    async def _make_exact(self, model: StoredModel) -> None:
        """Ask llama.cpp for the figures of the table; those of the curves stay the formulas'."""
        await asyncio.sleep(EXACT_AFTER_S)
        picture = await self._picture_of(model)
        self.steps = await picture.best_steps(self.steps)
        if self._drawn_for:
            self._judge_by(self._drawn_for[2])
        self.steps_changed.emit()

    def _judge_by(self, machine: Machine) -> None:
        """Judge the same figures by the memory that is free now."""

        def judged(step: ContextStep) -> ContextStep:
            return replace(step, plan=replace(step.plan, machine=machine))

        self.steps, self.curve = tuple(map(judged, self.steps)), tuple(map(judged, self.curve))


def _is_same_but_free(before: Machine, now: Machine) -> bool:
    """Whether nothing changed but free memory, and layers are not shared by that."""
    if len(now.gpus) > 1 or len(before.gpus) != len(now.gpus):
        return False

    def freed(device: Device, as_before: Device) -> Device:
        return replace(device, free_bytes=as_before.free_bytes)

    gpus = tuple(freed(gpu, old) for gpu, old in zip(now.gpus, before.gpus, strict=True))
    return replace(now, cpu=freed(now.cpu, before.cpu), gpus=gpus) == before
