"""`corral plan`: what loading a model takes, before loading it."""

import argparse
import asyncio
import json
from dataclasses import asdict, replace

from corral.cli.output import print_table
from corral.errors import UserError
from corral.places import find_places
from corral.plan.options import ALL_GPU_LAYERS, CacheType, LoadOptions
from corral.plan.plan import Part, Plan, Verdict
from corral.units import memory_size
from corral.workbench.workbench import open_workbench

VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "tight", Verdict.OVER: "does not fit"}


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a model."""
    model, made = asyncio.run(_plan(options))
    if options.json:
        print(json.dumps(plan_json(model, made), indent=1))
    else:
        _print_plan(made)
    return 0


async def _plan(options: argparse.Namespace) -> tuple[str, Plan]:
    async with open_workbench(find_places()) as workbench:
        model = await workbench.modelling.get(options.model)
        load = await workbench.planning.options_for(model)
        return model.name, await workbench.planning.best_plan(model, _changed(load, options))


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
    }


def _print_plan(made: Plan) -> None:
    context = made.options.context
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
