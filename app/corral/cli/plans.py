"""`corral plan`: what loading a model takes, before loading it."""

import argparse
import asyncio
import json
from dataclasses import asdict, replace

from corral.cli.output import print_table
from corral.errors import UserError
from corral.foreign import safe_line
from corral.hardware.machine import describe
from corral.places import find_places
from corral.plan.cards import listed
from corral.plan.options import ALL_GPU_LAYERS, CacheType, LoadOptions
from corral.plan.plan import Part, Plan, Verdict
from corral.units import memory_size
from corral.workbench.workbench import Workbench, open_workbench

VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "tight", Verdict.OVER: "does not fit"}


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a model, or what is asked about machines."""
    asked = asyncio.run(_asked(options))
    if isinstance(asked, int):
        return asked
    model, made = asked
    if options.json:
        print(json.dumps(plan_json(model, made), indent=1))
    else:
        _print_plan(made)
    return 0


async def _asked(options: argparse.Namespace) -> tuple[str, Plan] | int:
    async with open_workbench(find_places()) as workbench:
        if options.cards or options.machines or options.save_machine or options.forget_machine:
            await _about_machines(workbench, options)
            if options.model is None:
                return 0
        if options.model is None:
            raise UserError("Which model?", hint="corral plan MODEL; `corral list` names them.")
        return await _plan(workbench, options)


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


async def _plan(workbench: Workbench, options: argparse.Namespace) -> tuple[str, Plan]:
    planning = workbench.planning
    model = await workbench.modelling.get(options.model)
    if not options.on:
        load = _changed(await planning.options_for(model), options)
        return model.name, await planning.best_plan(model, load)
    machine = await planning.imagined(options.on)
    load = _changed(await planning.options_on(model, machine), options)
    return model.name, await planning.plan_on(model, load, machine)


def _changed(load: LoadOptions, options: argparse.Namespace) -> LoadOptions:
    context = load.context
    if options.ctx is not None:
        if options.ctx < 1:
            raise UserError(f"The context is {options.ctx} tokens; it must be at least 1.")
        context = replace(context, n_ctx=options.ctx)
    if options.kv_type is not None:
        try:
            context = replace(context, kv_type=CacheType(options.kv_type))
        except ValueError as error:
            raise UserError(
                f"'{options.kv_type}' is no type of the KV cache.",
                hint=f"Choose one of {', '.join(CacheType)}.",
            ) from error
    if options.gpu_layers is not None:
        if options.gpu_layers < ALL_GPU_LAYERS:
            raise UserError(
                f"There cannot be {options.gpu_layers} layers on the GPU.",
                hint="Give a number from 0, or -1 for all.",
            )
        load = replace(load, n_gpu_layers=options.gpu_layers)
    return replace(load, context=context)


def plan_json(model: str, made: Plan) -> dict[str, object]:
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
        "machine": made.machine.name or None,
        "is_unified": made.machine.is_unified,
    }


def _print_plan(made: Plan) -> None:
    context = made.options.context
    if made.machine.is_imagined:
        print(f"on {safe_line(made.machine.name, 80)}: {describe(made.machine)}")
    print(
        f"context {context.n_ctx} tokens, KV {context.kv_type}, "
        f"{made.options.n_gpu_layers} of {made.n_layers} layers on the GPU, "
        f"weights {'mapped' if made.options.load_mode == 'mmap' else 'read'}"
    )
    rows = [
        (
            device.name,
            *(memory_size(made.size_bytes(device.name, part)) for part in Part),
            memory_size(made.size_bytes(device.name)),
            memory_size(device.free_bytes),
        )
        for device in made.machine.devices
    ]
    print_table(("DEVICE", *(part.upper() for part in Part), "PLANNED", "FREE"), rows)
    print(f"{VERDICTS[made.verdict]}; planned, {made.kind}")
