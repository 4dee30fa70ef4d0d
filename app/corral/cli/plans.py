"""`corral plan`: what loading a model takes, before loading it."""

import argparse
import asyncio
import json
from dataclasses import asdict

from corral.cli.ledger import print_ledger
from corral.cli.load_options import changes_of
from corral.cli.output import print_table
from corral.cli.plan_pictures import (
    VERDICTS,
    band,
    contexts_json,
    map_json,
    print_contexts,
    print_map,
)
from corral.cli.workers import asked_workers
from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.hardware.machine import describe
from corral.hardware.programs import in_words
from corral.library.model import StoredModel
from corral.places import find_places
from corral.plan.cards import listed
from corral.plan.machine import Machine
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.over_context import table_lengths
from corral.plan.plan import COMPANION_PARTS, Kind, Part, Plan, Verdict
from corral.plan.search import Choice, Goal, Limits, Reason
from corral.plan.speed import Speeds
from corral.units import GIB, memory_size
from corral.workbench.picturing import picture_of
from corral.workbench.workbench import Workbench, open_workbench

REASONS = {
    Reason.ALL_ON_GPU: "all on the GPU",
    Reason.ONE_CARD: "one card is enough",
    Reason.SPLIT: "over all cards",
    Reason.EXPERTS_IN_RAM: "experts of some layers in main memory",
    Reason.LAYERS_IN_RAM: "some layers in main memory",
    Reason.NO_GPU: "on the processor",
    Reason.FULL_CACHE: "KV cache in full quality",
    Reason.SMALL_CACHE: "smaller KV cache",
    Reason.LARGE_BATCH: "large micro-batches for prompts",
    Reason.TRAINED_CONTEXT: "all of the trained context",
}


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a model, or what is asked about machines."""
    return asyncio.run(_asked(options))


async def _asked(options: argparse.Namespace) -> int:
    async with open_workbench(find_places()) as workbench:
        if options.ledger:
            await print_ledger(workbench, is_json=options.json)
            return 0
        if options.cards or options.machines or options.save_machine or options.forget_machine:
            await _about_machines(workbench, options)
            if options.model is None:
                return 0
        if options.model is None:
            raise UserError("Which model?", hint="corral plan MODEL; `corral list` names them.")
        model = await _model(workbench, options.model)
        if options.needs:
            await _needs(workbench, model, options)
        elif options.fit:
            await _fit(workbench, model, options)
        elif options.map or options.contexts:
            await _picture(workbench, model, options)
        else:
            made = await _plan(workbench, model, options)
            speeds = await workbench.planning.speeds(model, made)
            if options.json:
                print(json.dumps(plan_json(model.name, made, speeds), indent=1))
            else:
                _print_plan(made, speeds)
                if made.verdict is not Verdict.FITS and not made.machine.is_imagined:
                    words = in_words(await workbench.planning.other_programs())
                    print(f"other programs hold: {words or 'little'}")
        return 0


async def _model(workbench: Workbench, name: str) -> StoredModel:
    """Return a model of the library, or one on the hub, of which the header is read."""
    from corral.hub.huggingface.naming import is_reference  # lazy: comes with the hub

    try:
        return await workbench.modelling.get(name)
    except UserError:
        if not is_reference(name):
            raise
        return await workbench.discovering.planned(name)


async def _about_machines(workbench: Workbench, options: argparse.Namespace) -> None:
    """Save, forget and list machines, and list cards."""
    machines = workbench.planning.machines
    if options.save_machine:
        if not options.on:
            raise UserError("Which machine?", hint='Say it with --on "RTX 4090".')
        machines.save(options.save_machine, options.on, await workbench.planning.machine())
    if options.forget_machine:
        machines.forget(options.forget_machine)
    if options.machines:
        print_table(("NAME", "MACHINE"), list(machines.saved.items()))
    if options.cards:
        print_table(("CARD", "MEMORY", "BANDWIDTH"), listed(machines.cards))


async def _plan(workbench: Workbench, model: StoredModel, options: argparse.Namespace) -> Plan:
    planning = workbench.planning
    if not options.on and not options.rpc:
        load = changes_of(options)(await planning.options_for(model))
        return await planning.best_plan(model, load)
    machine = await _machine(workbench, options)
    load = changes_of(options)(await planning.options_on(model, machine))
    return await planning.plan_on(model, load, machine)


async def _machine(workbench: Workbench, options: argparse.Namespace) -> Machine:
    """Return the machine to plan for: --on, --rpc, or this one."""
    planning = workbench.planning
    if options.on and options.rpc:
        raise UserError("A machine that is not there has no workers.", hint="Leave out one.")
    if options.on:
        return await planning.imagined(options.on)
    return await planning.machine_when_free(asked_workers(workbench, options.rpc))


async def _picture(workbench: Workbench, model: StoredModel, options: argparse.Namespace) -> None:
    """Print the layers of a plan, or what other context lengths would take, or both."""
    made = await _plan(workbench, model, options)
    picture = await picture_of(workbench.planning, model)
    found = picture.layer_map(made) if options.map else None
    lengths = table_lengths(picture.trained_tokens) if options.contexts else ()
    steps = await picture.best_steps(await picture.over_context(made, lengths))
    if options.json:
        said = plan_json(model.name, made, await workbench.planning.speeds(model, made))
        said |= {"map": map_json(found)} if found else {}
        print(json.dumps(said | ({"contexts": contexts_json(steps)} if steps else {}), indent=1))
        return
    if found:
        print_map(found)
        print(f"planned, {made.kind}")
    if steps:
        print_contexts(steps)


async def _fit(workbench: Workbench, model: StoredModel, options: argparse.Namespace) -> None:
    planning = workbench.planning
    machine = await _machine(workbench, options)
    asked = changes_of(options)(LoadOptions(context=ContextOptions(n_ctx=1))).context
    limits = Limits(
        n_ctx=asked.n_ctx if options.ctx is not None else 0,
        leave_free_bytes=int(max(0.0, options.leave_free) * GIB),
        kv_types=(asked.kv_type,) if options.kv_type else Limits().kv_types,
    )
    choices = await planning.best_choices(model, machine, Goal(options.fit), limits)
    own, reason = await _own_fit(workbench, model, machine, limits.n_ctx)
    if options.json:
        made = [_choice_json(model.name, choice) for choice in choices]
        said = {"schema": 1, "model": model.name, "choices": made}
        said["llama_fit"] = plan_json(model.name, own) if own else {"reason": reason}
        print(json.dumps(said, indent=1))
        return
    if not choices:
        raise UserError(
            f"Nothing was found with which {model.name} fits.",
            hint="Ask for a shorter context, or what it would need: corral plan MODEL --needs.",
        )
    for number, choice in enumerate(choices, 1):
        print(f"{number}. {', '.join(REASONS[reason] for reason in choice.reasons)}")
        _print_plan(choice.plan, choice.speeds)
    print("llama.cpp's own fit:" if own else f"llama.cpp's own fit: none. {reason}")
    if own:
        _print_plan(own, await planning.speeds(model, own))


async def _needs(workbench: Workbench, model: StoredModel, options: argparse.Namespace) -> None:
    suited = await workbench.planning.options_for(model)
    context = changes_of(options)(suited).context
    found = await workbench.planning.machines_needed(model, context, options.speed)
    if options.json:
        needs = [
            {
                "machine": need.words,
                "speeds": asdict(need.speeds),
                "total_bytes": need.plan.total_bytes,
            }
            for need in found
        ]
        print(json.dumps({"schema": 1, "model": model.name, "needs": needs}, indent=1))
        return
    if not found:
        raise UserError(f"No machine of the table runs {model.name} so.", hint="Ask for less.")
    rows = [
        (
            need.words,
            memory_size(sum(gpu.total_bytes for gpu in need.plan.machine.gpus)),
            memory_size(need.plan.total_bytes),
            band(need.speeds.generation),
        )
        for need in found
    ]
    print(f"with a context of {context.n_ctx} tokens, KV {context.kv_type}, all on the graphics:")
    print_table(("MACHINE", "VRAM", "PLANNED", "TOKENS/S"), rows)


def plan_json(model: str, made: Plan, speeds: Speeds | None = None) -> dict[str, object]:
    """Return a plan as the JSON that `--json` prints, schema 1."""
    return {
        "schema": 1,
        "model": model,
        "kind": made.kind,
        "fits": made.verdict is not Verdict.OVER,
        "total_bytes": made.total_bytes,
        "options": asdict(made.options),
        "devices": [
            {
                "name": device.name,
                "kind": device.kind,
                "total_bytes": device.total_bytes,
                "free_bytes": device.free_bytes,
                **{f"{part}_bytes": made.size_bytes(device.name, part) for part in Part},
            }
            for device in made.machine.devices
        ],
        "lines": [asdict(line) for line in made.lines],
        "unknown": list(made.unknown),
        "machine": made.machine.name or None,
        "is_unified": made.machine.is_unified,
        "speeds": asdict(speeds) if speeds else None,
    }


def _choice_json(model: str, choice: Choice) -> dict[str, object]:
    made = plan_json(model, choice.plan, choice.speeds)
    return {**made, "reasons": list(choice.reasons)}


def _size(made: Plan, device: str, part: Part) -> str:
    return "unknown" if part in made.unknown else memory_size(made.size_bytes(device, part))


def _shown_parts(made: Plan) -> tuple[Part, ...]:
    """Return the parts of the model, and those of what is loaded beside it."""
    found = {line.part for line in made.lines} | {*made.unknown}
    return tuple(part for part in Part if part not in COMPANION_PARTS or part in found)


def _beside(made: Plan) -> str:
    """Return how sure the figures of what is loaded beside the model are."""
    said = ""
    for part in COMPANION_PARTS:
        kinds = {line.kind for line in made.lines if line.part is part}
        if kinds:
            worst = max(kinds, key=tuple(Kind).index)
            said += f"; {part}, {worst}"
    return said


def _by_hand(made: Plan) -> str:
    """Return what is placed by hand: split, experts, micro-batch."""
    options = made.options
    said = []
    if options.tensor_split:
        said.append(f"split {'/'.join(map(str, options.tensor_split))}")
    if options.cpu_expert_layers:
        said.append(f"experts of {options.cpu_expert_layers} layers in main memory")
    if options.context.n_ubatch != ContextOptions().n_ubatch:
        said.append(f"micro-batch {options.context.n_ubatch}")
    return "".join(f", {part}" for part in said)


def _print_plan(made: Plan, speeds: Speeds) -> None:
    context = made.options.context
    if made.machine.is_imagined:
        print(f"on {safe_line(made.machine.name, 80)}: {describe(made.machine)}")
    elif made.machine.workers:
        print(f"with RPC workers: {describe(made.machine)}")
    print(
        f"context {context.n_ctx} tokens, KV {context.kv_type}, "
        f"{made.options.n_gpu_layers} of {made.n_layers} layers on the GPU, "
        f"weights {'mapped' if made.options.load_mode.is_mapped else 'read'}"
        f"{_by_hand(made)}"
    )
    parts = _shown_parts(made)
    rows = [
        (
            device.name,
            *(_size(made, device.name, part) for part in parts),
            memory_size(made.size_bytes(device.name)),
            memory_size(device.free_bytes),
        )
        for device in made.machine.devices
    ]
    print_table(("DEVICE", *(part.upper() for part in parts), "PLANNED", "FREE"), rows)
    print(f"{VERDICTS[made.verdict]}; planned, {made.kind}{_beside(made)}")
    if speeds.generation:
        print(
            f"expected: {band(speeds.generation)} tokens/s ({speeds.kind}), "
            f"prompt {band(speeds.prompt)} tokens/s ({speeds.prompt_kind})"
        )


async def _own_fit(
    workbench: Workbench, model: StoredModel, machine: Machine, n_ctx: int
) -> tuple[Plan | None, str]:
    """Return what llama.cpp's own fit chooses, or why it chooses nothing."""
    try:
        return await workbench.planning.llama_fit(model, machine, n_ctx), ""
    except ExternalError as error:
        return None, error.summary
