"""What loading a model would take on this machine now, and what it did take."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import CorralError, ExternalError
from corral.jobs import Ticket
from corral.units import log_size
from corral.workbench.accompanying import Accompanying
from corral.workbench.announcer import Announcer

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.engine.protocol import AnyEngine, AnyRunner
    from corral.events import Usage
    from corral.gguf.header import Header
    from corral.hardware.ledger import Ledger
    from corral.hardware.load_memory import MemoryState
    from corral.hardware.programs import Program
    from corral.library.model import StoredModel
    from corral.modelfile.catalogue import ParameterValue
    from corral.ollama_variables import OllamaVariables
    from corral.plan.formula import Formula
    from corral.plan.learning import SpeedRun
    from corral.plan.machine import Device, Machine
    from corral.plan.needs import Need
    from corral.plan.options import ContextOptions, LoadOptions
    from corral.plan.plan import Line, Plan
    from corral.plan.search import Choice, Goal, Limits
    from corral.plan.speed import Correction, Speeds
    from corral.workbench.later import Later
    from corral.workbench.machines import Machines
    from corral.workbench.workers import Workers

logger = logging.getLogger(__name__)


class Planning:
    """Plans for stored models.

    Attributes:
        changed: Told when the user chose other options.
        machines: Machines that are not there, to plan for.
        workers: RPC workers, whose devices count where they are named.
        ledger: What loads on this machine took and how fast runs were; opened by the first call.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        headers: Path,
        engine: AnyEngine,
        inspector: Inspector,
        machines: Machines,
        workers: Workers,
        ledger: Later[Ledger],
        said: OllamaVariables,
    ) -> None:
        """Begin without plans.

        Args:
            headers: Folder of the GGUF headers that are known.
            engine: The loaded models.
            inspector: Makes exact plans.
            machines: Those that are not there.
            workers: RPC workers.
            ledger: What loads took and how fast runs were.
            said: What the environment says of contexts.
        """
        self._headers = headers
        self._accompanying = Accompanying(headers, inspector)
        self._said = said
        self._engine = engine
        self._inspector = inspector
        self.machines = machines
        self.workers = workers
        self.ledger = ledger
        self._devices: list[Device] | None = None
        self._overheads: dict[str, int] | None = None
        self._chosen: dict[str, LoadOptions] = {}
        self._adjusted: dict[str, Callable[[LoadOptions], LoadOptions]] = {}
        self._suited: dict[Path, LoadOptions] = {}
        self._workers_of: dict[str, tuple[str, ...]] = {}
        self.changed = Announcer()

    async def machine(self, workers: Sequence[str] = ()) -> Machine:
        """Return this machine with what is free now.

        Args:
            workers: Addresses of RPC workers whose devices count as GPUs of it; they are asked.

        Raises:
            WorkerError: If a worker does not answer.
            ExternalError: If llama.cpp cannot be asked.
        """
        from corral.hardware.machine import read_machine  # lazy: the window is usable first

        if self._devices is None:
            self._devices = await self._inspector.devices()
        lent = await self.workers.devices(workers) if workers else []
        has_gpus = any(device.kind == "gpu" for device in self._devices)
        overheads = await self._known_overheads() if has_gpus else {}
        return await asyncio.to_thread(read_machine, [*lent, *self._devices], overheads)

    async def machine_when_free(self, workers: Sequence[str] = ()) -> Machine:
        """Return this machine as it would be with no model loaded.

        A second model unloads the first unless both fit, so what the loaded ones hold counts as
        free. Mapped weights are page cache and never counted as taken.

        Args:
            workers: As of `machine`.

        Raises:
            WorkerError: If a worker does not answer.
            ExternalError: If llama.cpp cannot be asked.
        """
        return self.when_free(await self.machine(workers))

    def when_free(self, machine: Machine) -> Machine:
        """Return this machine, just looked at, as it would be with no model loaded."""
        held = self._held(self._engine.loaded)
        return replace(
            machine,
            cpu=_with_more_free(machine.cpu, held),
            gpus=tuple(_with_more_free(gpu, held) for gpu in machine.gpus),
        )

    def _held(self, runners: Iterable[AnyRunner]) -> dict[str, int]:
        from corral.plan.plan import Part  # lazy: the window is usable first

        held: dict[str, int] = {}
        for runner in runners:
            for line in runner.info.measured:
                if line.part is not Part.MAPPED:
                    held[line.device] = held.get(line.device, 0) + line.size_bytes
        return held

    async def _known_overheads(self) -> dict[str, int]:
        """Return what drivers take beside a model, learned from loads; read again after a load."""
        if self._overheads is None:
            from corral.hardware.load_memory import overheads  # lazy: only where there are GPUs

            self._overheads = overheads(await self.ledger().loads())
        return self._overheads

    async def chosen_machine(self) -> Machine:
        """Return the machine that is planned for: the one that was chosen, or this one."""
        here = await self.machine_when_free()
        chosen = self.machines.chosen
        return self.machines.imagine(chosen, here) if chosen else here

    async def header(self, model: StoredModel) -> Header:
        """Return the header of a model's weights."""
        from corral.gguf.cache import HeaderCache  # lazy: the window is usable first

        return await asyncio.to_thread(HeaderCache(self._headers).read_model, model.weights)

    def choose(
        self, model: StoredModel, options: LoadOptions | None, *, is_moving: bool = False
    ) -> None:
        """Remember how the user wants a model loaded.

        Args:
            model: Which.
            options: How; None goes back to what suits the machine.
            is_moving: Whether another choice follows at once, so that nobody need hear of this.
        """
        if options is None:
            self._chosen.pop(model.name, None)
        else:
            self._chosen[model.name] = options
        if not is_moving:
            self.changed.announce()

    def use_workers(self, model: StoredModel, addresses: Sequence[str]) -> None:
        """Have a model loaded also on RPC workers from now on; () for this machine alone."""
        self._workers_of[model.name] = tuple(addresses)
        self.changed.announce()

    def adjust(self, model: StoredModel, change: Callable[[LoadOptions], LoadOptions]) -> None:
        """Let `change` have the last word on how a model is loaded, unless the user chooses."""
        self._adjusted[model.name] = change

    def chosen(self, model: StoredModel) -> LoadOptions | None:
        """Return how the user chose to have a model loaded, None where nothing was chosen.

        What was chosen with other workers waits until those lend their devices again.
        """
        chosen = self._chosen.get(model.name)
        return chosen if chosen and chosen.workers == self._lent_to(model) else None

    def _lent_to(self, model: StoredModel) -> tuple[str, ...]:
        return self._workers_of.get(model.name, self.workers.in_use)

    async def options_for(
        self, model: StoredModel, parameters: Mapping[str, ParameterValue] | None = None
    ) -> LoadOptions:
        """Return how a model is to be loaded.

        What the user chose wins; then the conversation's parameters, then the model's, then what
        suits the machine.
        """
        if chosen := self.chosen(model):
            return chosen
        from corral.plan.parameters import with_parameters  # lazy: the window is usable first

        options = await self._default_options(model)
        options = with_parameters(options, {**model.parameters, **(parameters or {})})
        return self._adjusted[model.name](options) if model.name in self._adjusted else options

    async def _default_options(self, model: StoredModel) -> LoadOptions:
        """Return what suits the machine; while a model is loaded, what suited it then.

        Free memory changes all the time, and each new context would cost the KV cache.
        """
        known = self._suited.get(model.weights)
        workers = self._lent_to(model)
        if known and known.workers == workers and self.runner_of(model):
            return known
        machine = await self.machine_when_free(workers)
        # lazy: the window is usable first
        from corral.plan.formula import default_options
        from corral.plan.parameters import as_said

        header, beside = await self.header(model), await self._accompanying.headers(model)
        suited = default_options(header, machine, self._said.num_parallel, beside)
        suited = replace(as_said(suited, self._said), workers=machine.workers)
        self._suited[model.weights] = suited
        return suited

    async def quick_plan(self, model: StoredModel, options: LoadOptions) -> Plan:
        """Return the plan by formulas."""
        machine = await self.machine_when_free(options.workers)
        return (await self.formula(model)).plan(options, machine)

    async def quick_plans(self, models: Iterable[StoredModel]) -> dict[str, Plan]:
        """Return the plans of many models by formulas, by name; unreadable ones are left out."""
        plans = {}
        for model in models:
            try:
                plans[model.name] = await self.quick_plan(model, await self.options_for(model))
            except CorralError:
                continue  # its row says what is wrong when it is opened
        return plans

    async def exact_plan(self, model: StoredModel, options: LoadOptions) -> Plan:
        """Return the plan that llama.cpp's own allocator makes, without reading weights.

        Raises:
            ExternalError: If the dry run fails; the plan by formulas still holds.
        """
        machine = await self.machine_when_free(options.workers)
        return await self.exact_plan_on(model, options, machine)

    async def best_plan(self, model: StoredModel, options: LoadOptions) -> Plan:
        """Return the exact plan, or the one by formulas where there is no exact one.

        Raises:
            WorkerError: If an RPC worker does not answer.
            ExternalError: If llama.cpp cannot be asked for its devices.
        """
        return await self.plan_on(model, options, await self.machine_when_free(options.workers))

    async def imagined(self, name_or_words: str) -> Machine:
        """Return a machine that is not there, by its saved name or from words.

        Raises:
            UserError: If the words cannot be understood.
        """
        return self.machines.imagine(name_or_words, await self.machine_when_free())

    async def options_on(self, model: StoredModel, machine: Machine) -> LoadOptions:
        """Return how a model would be loaded on a machine: what suits it, and its parameters."""
        # lazy: the window is usable first
        from corral.plan.formula import default_options
        from corral.plan.parameters import as_said, with_parameters

        header, beside = await self.header(model), await self._accompanying.headers(model)
        suited = default_options(header, machine, self._said.num_parallel, beside)
        suited = replace(as_said(suited, self._said), workers=machine.workers)
        return with_parameters(suited, model.parameters)

    async def formula(self, model: StoredModel) -> Formula:
        """Return what makes plans of a model by formulas at once, for whoever needs many."""
        from corral.plan.formula import Formula  # lazy: the window is usable first

        return Formula(await self.header(model), await self._accompanying.headers(model))

    async def exact_plan_on(
        self, model: StoredModel, options: LoadOptions, machine: Machine
    ) -> Plan:
        """Return the plan that llama.cpp's own allocator makes for a machine, real or not.

        Raises:
            ExternalError: If the dry run fails; the plan by formulas still holds.
        """
        if busy := self.workers.busy(machine.workers):
            raise ExternalError(
                f"The RPC worker {busy[0]} serves a loaded model and cannot plan meanwhile."
            )
        await self.workers.reach(machine.workers)
        formula = await self.formula(model)
        plan = await self._inspector.plan(model.weights, formula.header, options, machine)
        return await self._accompanying.added(plan, model, formula)

    async def plan_on(self, model: StoredModel, options: LoadOptions, machine: Machine) -> Plan:
        """Return the exact plan for a machine, real or not, or the one by formulas."""
        try:
            return await self.exact_plan_on(model, options, machine)
        except ExternalError:
            return (await self.formula(model)).plan(options, machine)

    async def search(
        self, model: StoredModel, machine: Machine, goal: Goal, limits: Limits | None = None
    ) -> Callable[[Ticket], tuple[Choice, ...]]:
        """Return the work that finds the best ways to load a model on a machine, by formulas.

        It is to be run in a thread; what it finds is for `exact_choices` then.
        """
        from corral.plan.search import best_choices  # lazy: seldom asked for

        header, beside = await self.header(model), await self._accompanying.headers(model)
        return lambda ticket: best_choices(header, machine, goal, limits, ticket, beside)

    async def exact_choices(
        self, model: StoredModel, machine: Machine, choices: Iterable[Choice]
    ) -> tuple[Choice, ...]:
        """Return ways to load a model with exact plans where there can be any.

        Those that do not fit after all are left out; real runs on this machine correct the speeds.
        """
        from corral.plan.plan import Verdict  # lazy: seldom asked for

        exact = []
        for choice in choices:
            options = replace(choice.plan.options, workers=machine.workers)
            plan = await self.plan_on(model, options, machine)
            if plan.verdict is not Verdict.OVER:
                exact.append(replace(choice, plan=plan, speeds=await self.speeds(model, plan)))
        return tuple(exact)

    async def llama_fit(self, model: StoredModel, machine: Machine, n_ctx: int = 0) -> Plan:
        """Return the exact plan of what llama.cpp's own fit chooses, as a second opinion.

        It always leaves 1 GiB free on each device, and keeps the KV cache as it is.

        Args:
            model: The model.
            machine: Where, real or not.
            n_ctx: Context length; 0 for what it chooses, at least 4096.

        Raises:
            ExternalError: If this build has no fit, or it finds no way, or cannot plan there.
        """
        # lazy: seldom asked for
        from corral.plan.formula import default_options

        if not machine.gpus:
            raise ExternalError("llama.cpp's own fit chooses what goes to GPUs, and there is none.")
        suited = default_options(await self.header(model), machine, self._said.num_parallel)
        context = replace(suited.context, n_ctx=n_ctx)
        found = await self._inspector.own_fit(
            model.weights, replace(suited, context=context), machine
        )
        return await self.exact_plan_on(model, found, machine)

    async def best_choices(
        self, model: StoredModel, machine: Machine, goal: Goal, limits: Limits | None = None
    ) -> tuple[Choice, ...]:
        """Return the best ways to load a model on a machine, real or not; () if nothing fits."""
        work = await self.search(model, machine, goal, limits)
        found = await asyncio.to_thread(work, Ticket())
        return await self.exact_choices(model, machine, found)

    async def needs(
        self, model: StoredModel, context: ContextOptions, tokens_per_s: float = 0.0
    ) -> Callable[[Ticket], tuple[Need, ...]]:
        """Return the work that finds the smallest machines that would run a model so, this fast."""
        from corral.plan.needs import machines_needed  # lazy: seldom asked for

        header, here = await self.header(model), await self.machine_when_free()
        catalogue, beside = self.machines.catalogue, await self._accompanying.headers(model)
        return lambda ticket: machines_needed(
            header, catalogue, here, context, tokens_per_s, ticket, beside
        )

    async def machines_needed(
        self, model: StoredModel, context: ContextOptions, tokens_per_s: float = 0.0
    ) -> tuple[Need, ...]:
        """Return the smallest machines that would run a model with this context, this fast."""
        work = await self.needs(model, context, tokens_per_s)
        return await asyncio.to_thread(work, Ticket())

    async def corrections(self, model: StoredModel, plan: Plan) -> tuple[Correction, Correction]:
        """Return what runs have taught of reading prompts and of generating with such a plan.

        They count on this machine only.
        """
        # lazy: seldom asked for
        from corral.plan.learning import learn, where_of
        from corral.plan.speed import UNCORRECTED

        if plan.machine.is_imagined:
            return UNCORRECTED, UNCORRECTED
        where, runs = where_of(plan.options, plan.n_layers), await self.ledger().runs()
        own = learn([run for run in runs if run.model == model.name], model.name, where)
        if all(correction.runs for correction in own):
            return own
        others = learn(runs, model.name, where)
        by_calibration = await self._calibrated(model, plan)
        prompt, generation = (
            next((found for found in ranked if found.runs), UNCORRECTED)
            for ranked in zip(own, by_calibration, others, strict=True)
        )
        return prompt, generation

    async def _calibrated(self, model: StoredModel, plan: Plan) -> tuple[Correction, Correction]:
        """Return what the calibration of this build says of such a plan."""
        # lazy: seldom asked for
        from corral.llama.build import engine_build
        from corral.plan.calibration import calibrated
        from corral.plan.learning import where_of
        from corral.plan.speed import UNCORRECTED, expected_speeds

        last = await self.ledger().calibrations.last()
        if last is None or last.build != engine_build():
            return UNCORRECTED, UNCORRECTED
        formula, where = await self.formula(model), where_of(plan.options, plan.n_layers)
        tables = expected_speeds(formula, plan.options, plan.machine)
        return calibrated(last, where, formula, plan.options, plan.machine, tables)

    async def speeds(self, model: StoredModel, plan: Plan) -> Speeds:
        """Return how fast a model would be with a plan; real runs count on this machine only."""
        from corral.plan.speed import expected_speeds  # lazy: seldom asked for

        formula = await self.formula(model)
        prompt, generation = await self.corrections(model, plan)
        return expected_speeds(
            formula, plan.options, plan.machine, prompt=prompt, generation=generation
        )

    async def other_programs(self) -> tuple[Program, ...]:
        """Return the other programs that hold most of this machine's memory, by device."""
        from corral.hardware.programs import other_programs  # lazy: seldom asked for

        return await asyncio.to_thread(other_programs, (await self.machine()).gpus)

    async def memory_state(self) -> MemoryState:
        """Return what this program and the system hold now, for `note_load`."""
        from corral.hardware.load_memory import read_memory  # lazy: comes with the first model

        gpus = [device for device in self._devices or () if device.kind == "gpu"]
        return await asyncio.to_thread(read_memory, gpus)

    async def note_load(
        self, name: str, plan: Plan, runner: AnyRunner, before: MemoryState, *, is_new: bool
    ) -> str:
        """Write down what a load took.

        Args:
            name: Of the model.
            plan: What was planned.
            runner: The loaded model.
            before: The machine before the load.
            is_new: Whether nothing of the model was in memory before.

        Returns:
            What of it went where it is slow, in words; "" if nothing did, as far as is known.
        """
        # lazy: these come with the first model
        from corral.hardware.ledger import LoadEntry
        from corral.hardware.load_memory import slow_memory
        from corral.plan.plan import COMPANION_PARTS

        after = await self.memory_state()
        note = slow_memory(before, after, runner.info.measured if is_new else ())

        # llama.cpp's account of a model leaves out what is loaded beside it.
        lines = tuple(line for line in plan.lines if line.part not in COMPANION_PARTS)
        planned, took = (
            sum(line.size_bytes for line in lines),
            sum(line.size_bytes for line in runner.info.measured),
        )
        logger.info("loaded %s: planned %s, took %s", name, log_size(planned), log_size(took))
        entry = LoadEntry(
            at=time.time(),
            model=name,
            kind=plan.kind,
            planned=lines,
            measured=runner.info.measured,
            process_bytes=after.resident_bytes - before.resident_bytes,
            on_cards=self._on_cards(runner, after),
            note=note,
        )
        self._overheads = None
        try:
            await self.ledger().keep_load(entry)
        except ExternalError:
            logger.warning("a load was not written down", exc_info=True)
        return note

    def _on_cards(self, runner: AnyRunner, state: MemoryState) -> tuple[tuple[str, int], ...]:
        """Return what the program holds of each card beside its other models."""
        others = self._held(other for other in self._engine.loaded if other is not runner)
        return tuple(
            (name, card.own_bytes - others.get(name, 0))
            for name, card in state.cards.items()
            if card.own_bytes
        )

    async def note_run(self, model: StoredModel, plan: Plan, usage: Usage) -> None:
        """Write down how fast a run was, if it was long enough to tell."""
        from corral.plan.formula import Formula  # lazy: comes with the first model
        from corral.plan.learning import speed_run, where_of  # lazy: as above
        from corral.plan.speed import expected_speeds  # lazy: as above

        run = speed_run(model.name, where_of(plan.options, plan.n_layers), usage, time.time())
        if run is None:
            return
        position = usage.prompt_tokens + usage.generated_tokens // 2
        speeds = expected_speeds(
            Formula(await self.header(model)), plan.options, plan.machine, position=position
        )
        try:
            await self.ledger().keep_run(run.beside(speeds))
        except ExternalError:
            logger.warning("a run was not written down", exc_info=True)

    async def last_run(self, model: StoredModel, plan: Plan) -> SpeedRun | None:
        """Return the newest run of a model since it was loaded with this very plan, if any."""
        if self.measured(plan, model) is None:
            return None
        loads, runs = await self.ledger().loads(), await self.ledger().runs()
        loaded_at = next((load.at for load in loads if load.model == model.name), None)
        run = next((run for run in runs if run.model == model.name), None)
        is_newer = run is not None and loaded_at is not None and run.at >= loaded_at
        return run if is_newer else None

    def measured(self, plan: Plan, model: StoredModel) -> tuple[Line, ...] | None:
        """Return what the loaded model really took, if it was loaded with this very plan."""
        runner = self.runner_of(model)
        return runner.info.measured if runner and runner.info.options == plan.options else None

    def runner_of(self, model: StoredModel) -> AnyRunner | None:
        """Return the runner that has a model loaded."""
        return next((r for r in self._engine.loaded if r.info.path == model.weights), None)


def _with_more_free(device: Device, held: Mapping[str, int]) -> Device:
    free = min(device.total_bytes, device.free_bytes + held.get(device.name, 0))
    return replace(device, free_bytes=free)
