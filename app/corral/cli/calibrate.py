"""`corral calibrate`: how fast this machine is, measured once for all models."""

import argparse
import asyncio
import json
import time
from dataclasses import asdict

from corral.cli.output import ProgressLine, print_table
from corral.cli.plan_pictures import band
from corral.errors import UserError
from corral.events import Usage
from corral.jobs import Job
from corral.library.model import StoredModel
from corral.llama.build import engine_build
from corral.places import find_places
from corral.plan.calibration import Calibration
from corral.plan.speed import Speeds
from corral.prompt.message import Message, Role
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench

RUN_TOKENS = 64
_PROMPT = "Tell a long story about a horse that crosses the whole country. " * 12


def calibrate(options: argparse.Namespace) -> int:
    """Measure, or print the last measurement."""
    return asyncio.run(_calibrate(options))


async def _calibrate(options: argparse.Namespace) -> int:
    async with open_workbench(find_places()) as workbench:
        calibrating = workbench.calibrating()
        if options.last:
            found = await calibrating.last()
            if found is None:
                raise UserError("This machine was not calibrated.", hint="corral calibrate")
            _print(found, is_json=options.json)
            return 0
        model = await workbench.modelling.get(options.model) if options.model else None
        before = await _expected(workbench, model) if model else None
        found = await _followed(await calibrating.start())
        _print(found, is_json=options.json)
        if model and before:
            await _compare(workbench, model, before)
        return 0


async def _followed(job: Job[Calibration]) -> Calibration:
    line = ProgressLine()
    stop = job.subscribe(lambda: line.show(job.progress))
    try:
        return await job.result()
    except asyncio.CancelledError:
        job.cancel()
        raise
    finally:
        stop()
        line.clear()


async def _expected(workbench: Workbench, model: StoredModel) -> Speeds:
    planning = workbench.planning
    plan = await planning.quick_plan(model, await planning.options_for(model))
    return await planning.speeds(model, plan)


async def _compare(workbench: Workbench, model: StoredModel, before: Speeds) -> None:
    """Print what was expected before and after beside a run."""
    after = await _expected(workbench, model)
    usage = await _run(workbench, model)
    read = (usage.prompt_tokens - usage.cached_tokens) / usage.prompt_s
    generated = usage.generated_tokens / usage.generation_s
    rows = [
        ("prompt", band(before.prompt), band(after.prompt), f"{read:.1f}"),
        ("generation", band(before.generation), band(after.generation), f"{generated:.1f}"),
    ]
    print_table((f"{model.name}, TOKENS/S", "BEFORE", "AFTER", "MEASURED NOW"), rows)


async def _run(workbench: Workbench, model: StoredModel) -> Usage:
    request = ChatRequest(
        model=model.name,
        messages=(Message(role=Role.USER, content=_PROMPT),),
        parameters={"num_predict": RUN_TOKENS, "temperature": 0.0},
    )
    end = await workbench.conversing.start(request).wait()
    if end.error:
        raise end.error
    return end.usage


def _print(found: Calibration, *, is_json: bool) -> None:
    if is_json:
        print(json.dumps({"schema": 1, **asdict(found)}, indent=1))
        return
    rows = [
        (
            sample.where,
            sample.type,
            sample.build,
            str(sample.n_threads or "cores"),
            f"{sample.prompt_per_s:.1f}",
            f"{sample.generated_per_s:.1f}",
            f"{sample.weight_bytes * sample.generated_per_s / 1e9:.1f}",
        )
        for sample in found.samples
    ]
    print_table(("ON", "TYPE", "BUILD", "THREADS", "PROMPT/S", "TOKENS/S", "GB/S"), rows)
    is_old = "" if found.build == engine_build() else "; of another build, so it counts no more"
    release = found.build.partition(" ")[0]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.at))
    print(f"measured {when} with llama-cpp-python {release}{is_old}")
