"""Getting a model ready to answer: checks, the memory budget, room made, loading."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import CorralError, UserError
from corral.events import Event, Phase, PhaseChanged, Usage
from corral.units import GIB, memory_size
from corral.workbench.announcer import Announcer
from corral.workbench.modelling import Modelling
from corral.workbench.planning import Planning
from corral.workbench.request import ChatRequest

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.engine.marker import Suspect
    from corral.engine.pool import Pool
    from corral.engine.protocol import AnyEngine, AnyRunner
    from corral.library.model import StoredModel
    from corral.plan.guardrail import Guardrail, Move
    from corral.plan.machine import Device
    from corral.plan.options import LoadOptions
    from corral.plan.plan import Plan
    from corral.settings import SettingsFile

logger = logging.getLogger(__name__)

Publish = Callable[[Event], None]


class OverBudgetError(UserError):
    """A plan is over the limit that the user set.

    Attributes:
        moves: Single changes with which it would fit.
    """

    def __init__(self, summary: str, *, hint: str, moves: Sequence[Move]) -> None:
        super().__init__(summary, hint=hint)
        self.moves = tuple(moves)


class Loading:
    """Loads and unloads models within the memory that is there.

    Attributes:
        suspect: The file that llama.cpp was busy with when the last run died; it is not loaded
            again before `trust` is called.
        refused: Told whenever the suspect file was asked for and not loaded.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        modelling: Modelling,
        planning: Planning,
        engine: AnyEngine,
        pool: Pool,
        inspector: Inspector,
        settings: SettingsFile,
        suspect: Suspect | None,
    ) -> None:
        self._modelling = modelling
        self._planning = planning
        self._engine = engine
        self._pool = pool
        self._inspector = inspector
        self._settings = settings
        self.suspect = suspect
        self._names: dict[Path, str] = {}
        self._plans: dict[Path, Plan] = {}
        self._notes: dict[Path, str] = {}
        self._bad_projectors: dict[Path, CorralError] = {}
        self._one_load = asyncio.Lock()
        self._changing: AnyRunner | None = None
        self.refused = Announcer()

    def trust(self) -> None:
        """Allow the suspect file again."""
        self.suspect = None

    def is_loaded(self, model: StoredModel) -> bool:
        """Whether the model's weights are in memory."""
        return self._planning.runner_of(model) is not None

    @asynccontextmanager
    async def using(
        self, model: StoredModel, request: ChatRequest, publish: Publish
    ) -> AsyncIterator[AnyRunner]:
        """Have a runner for the model, loading it if need be, until the end of the block.

        No other load takes the model out of memory meanwhile, or changes its context.

        Raises:
            UserError: If the plan is over the budget and that was not allowed, or the file is
                suspect.
            ExternalError: If the file is damaged or llama.cpp refuses it.
        """
        options = request.options or await self._planning.options_for(model, request.parameters)
        runner = self._ready(model, options)
        if runner is None:
            async with self._one_load:
                runner = self._ready(model, options)
                runner = runner or await self._load(model, options, request, publish)
        self._require_projector(model, request)
        async with self._pool.using(runner, request.keep_alive_s):
            yield runner

    def name_of(self, runner: AnyRunner) -> str:
        """Return the name of the model that a runner was loaded for."""
        return self._names[runner.info.path]

    def note_of(self, model: StoredModel) -> str:
        """Return what of a loaded model went where it is slow, in words; "" for nothing known."""
        return self._notes.get(model.weights, "") if self.is_loaded(model) else ""

    def ledger(self, runner: AnyRunner) -> str:
        """Return what was planned for a runner beside what it really took, as JSON text."""
        plan = self._plans[runner.info.path]
        return json.dumps(
            {
                "kind": plan.kind,
                "options": asdict(plan.options),
                "planned": [asdict(line) for line in plan.lines],
                "measured": [asdict(line) for line in runner.info.measured],
            }
        )

    async def note_run(self, model: StoredModel, runner: AnyRunner, usage: Usage) -> None:
        """Write down how fast a run of a loaded model was."""
        if plan := self._plans.get(runner.info.path):
            await self._planning.note_run(model, plan, usage)

    async def unload(self, model: StoredModel) -> None:
        """Free a model's memory."""
        runner = self._planning.runner_of(model)
        if runner:
            await self._engine.unload(runner)

    def _ready(self, model: StoredModel, options: LoadOptions) -> AnyRunner | None:
        runner = self._planning.runner_of(model)
        if runner is None or runner is self._changing or runner.info.requested != options:
            return None
        if runner.info.projector != self._projector(model):
            return None
        return runner

    async def _load(
        self, model: StoredModel, options: LoadOptions, request: ChatRequest, publish: Publish
    ) -> AnyRunner:
        self._refuse_suspect(model)
        await self._modelling.touch(model.name)
        publish(PhaseChanged(phase=Phase.CHECKING))
        await self._modelling.verify(model)
        await self._inspector.preflight(model.weights)
        await self._look_at_projector(model)
        for draft in model.drafts:
            await self._inspector.preflight(draft)
        plan = await self._planning.best_plan(model, options)
        if not request.is_over_budget_allowed:
            await self._keep_to_limit(model, plan)
        await self._make_room(model, plan, publish)
        await self._inspector.stop()
        self._changing = self._planning.runner_of(model)
        is_new = self._changing is None
        try:
            if self._changing:
                await self._pool.wait_until_unused(self._changing, lambda: _tell_waiting(publish))
            await self._planning.workers.reach(options.workers)
            publish(PhaseChanged(phase=Phase.LOADING, done=0, total=100))
            self._names[model.weights] = model.name
            self._plans[model.weights] = plan
            before = await self._planning.memory_state()
            with self._planning.workers.claimed(options.workers):
                runner = await self._engine.load(
                    model.weights,
                    options,
                    lambda done: publish(PhaseChanged(phase=Phase.LOADING, done=done, total=100)),
                    self._projector(model),
                )
        finally:
            self._changing = None
        await self._planning.workers.watch(options.workers)
        self._notes[model.weights] = await self._planning.note_load(
            model.name, plan, runner, before, is_new=is_new
        )
        return runner

    async def _look_at_projector(self, model: StoredModel) -> None:
        """See that the projector does not break llama.cpp; without it the model still reads."""
        for path in model.projectors[:1]:
            try:
                await self._inspector.preflight(path, "preflight_projector")
                self._bad_projectors.pop(path, None)
            except CorralError as error:
                logger.warning("%s %s", error.summary, error.detail)
                self._bad_projectors[path] = error

    def _projector(self, model: StoredModel) -> Path | None:
        sound = (path for path in model.projectors[:1] if path not in self._bad_projectors)
        return next(sound, None)

    def _require_projector(self, model: StoredModel, request: ChatRequest) -> None:
        for path in model.projectors[:1] if request.attachments else ():
            if error := self._bad_projectors.get(path):
                raise error

    def is_over_limit(self, plan: Plan) -> bool:
        """Whether a plan is over the limit that the user set, so that loading it is refused."""
        return self._guardrail().fullest(plan) is not None

    async def moves_that_fit(self, model: StoredModel, plan: Plan) -> tuple[Move, ...]:
        """Return single changes with which a plan would be within the limit, () where it is."""
        from corral.plan.guardrail import moves_that_fit  # lazy: with the first plan

        guardrail = self._guardrail()
        if guardrail.fullest(plan) is None:
            return ()
        formula = await self._planning.formula(model)
        return await asyncio.to_thread(moves_that_fit, formula, plan, guardrail)

    def _guardrail(self) -> Guardrail:
        from corral.plan.guardrail import Guardrail  # lazy: with the first plan

        settings = self._settings.current
        free_bytes = int(settings.guardrail_free_gib * GIB)
        return Guardrail(choice=settings.guardrail, leave_free_bytes=free_bytes)

    async def _keep_to_limit(self, model: StoredModel, plan: Plan) -> None:
        """Refuse a plan that is over the limit that the user set.

        Raises:
            UserError: If it is, with the numbers and what would fit.
        """
        guardrail = self._guardrail()
        if device := guardrail.fullest(plan):
            moves = await self.moves_that_fit(model, plan)
            refusal = over_budget(model, plan, device, guardrail.allowed_bytes(device), moves)
            refusal.detail = await self._others_on(device)
            raise refusal

    async def _others_on(self, device: Device) -> str:
        """Return which other programs hold most of a device, in words; "" for none."""
        from corral.hardware.programs import in_words  # lazy: seldom asked for

        found = [p for p in await self._planning.other_programs() if p.device == device.name]
        return f"Other programs hold {in_words(found)}." if found else ""

    async def _make_room(self, model: StoredModel, plan: Plan, publish: Publish) -> None:
        """Unload other models until this one fits beside them; their answers end first.

        Those that nobody uses go before the others, and of them the one used longest ago.
        """
        workers = set(plan.options.workers)
        while others := tuple(r for r in self._engine.loaded if r.info.path != model.weights):
            machine = await self._planning.machine()
            fits = all(plan.size_bytes(d.name) <= plan.budget_bytes(d) for d in machine.devices)
            # Two models would talk to a worker through one connection.
            is_shared = any(workers & set(r.info.requested.workers) for r in others)
            if fits and not is_shared and len(others) < self._pool.most_loaded(len(machine.gpus)):
                return
            runner = self._pool.givable(others)
            await self._pool.wait_until_unused(runner, lambda: _tell_waiting(publish))
            await self._engine.unload(runner)

    def _refuse_suspect(self, model: StoredModel) -> None:
        if self.suspect and self.suspect.path == model.weights:
            self.refused.announce()
            raise UserError(
                f"The last run died while {self.suspect.doing} {model.name}.",
                hint="Allow it only if you trust the file: --anyway, or the window's notice.",
            )


def _tell_waiting(publish: Publish) -> None:
    publish(PhaseChanged(phase=Phase.WAITING))


def over_budget(
    model: StoredModel, plan: Plan, device: Device, allowed_bytes: int, moves: Sequence[Move]
) -> OverBudgetError:
    """Return the refusal of a plan that is over the limit, with the numbers and what would fit."""
    ways = [_in_words(move) for move in moves]
    fits = f"It would fit with {', or '.join(ways)}. Or load it anyway." if ways else ""
    return OverBudgetError(
        f"{model.name} needs {memory_size(plan.taken_bytes(device))} on {device.description}; "
        f"{memory_size(device.free_bytes)} is free and "
        f"{memory_size(allowed_bytes)} of that can be used.",
        hint=fits or "Choose a shorter context or a smaller model, or load it anyway.",
        moves=moves,
    )


def _in_words(move: Move) -> str:
    from corral.plan.guardrail import MoveKind  # lazy: comes with the first model

    options = move.options
    match move.kind:
        case MoveKind.SMALLER_CACHE:
            return f"the KV cache as {options.context.kv_type}"
        case MoveKind.SHORTER_CONTEXT:
            return f"a context of {options.context.n_ctx} tokens"
        case MoveKind.EXPERTS_IN_RAM:
            return f"the experts of {options.cpu_expert_layers} layers in main memory"
        case MoveKind.FEWER_GPU_LAYERS:
            return f"{options.n_gpu_layers} layers on the GPU"
