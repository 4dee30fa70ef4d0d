"""`corral plan --ledger`: what loads were planned to take and took, and how fast runs were."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict

from corral.cli.output import print_table
from corral.hardware.ledger import LoadEntry
from corral.plan.learning import SpeedRun, Where, learn
from corral.plan.speed import Correction
from corral.units import memory_size
from corral.workbench.workbench import Workbench

MOST_SHOWN = 20


async def print_ledger(workbench: Workbench, *, is_json: bool) -> None:
    """Print the ledger of this machine, and what was learned from it."""
    ledger = workbench.planning.ledger()
    loads, runs = await ledger.loads(), await ledger.runs()
    if is_json:
        print(json.dumps(_ledger_json(loads, runs), indent=1))
        return
    _print_loads(loads[:MOST_SHOWN])
    print()
    _print_runs(runs[:MOST_SHOWN])
    for line in _learned(runs):
        print(line)


def _ledger_json(loads: Sequence[LoadEntry], runs: Sequence[SpeedRun]) -> dict[str, object]:
    return {
        "schema": 1,
        "loads": [asdict(load) for load in loads],
        "runs": [asdict(run) for run in runs],
        "learned": {where: asdict(learn(runs, "", where)[1]) for where in Where},
    }


def _print_loads(loads: Sequence[LoadEntry]) -> None:
    rows = [
        (
            _day(load.at),
            load.model,
            load.kind,
            device,
            memory_size(planned),
            memory_size(measured) if load.measured else "not told",
            _error(planned, measured) if load.measured else "",
            _held(load.held(device)),
        )
        for load in loads
        for device, planned, measured in load.by_device()
    ]
    header = ("LOADED", "MODEL", "KIND", "DEVICE", "PLANNED", "MEASURED", "ERROR", "BY THE SYSTEM")
    print_table(header, rows)
    for load in loads:
        if load.note:
            print(f"{_day(load.at)} {load.model}: {load.note}")


def _print_runs(runs: Sequence[SpeedRun]) -> None:
    rows = [
        (
            _day(run.at),
            run.model,
            run.where,
            _rate(run.prompt_per_s),
            _rate(run.expected_prompt),
            _rate(run.generated_per_s),
            _rate(run.expected_generation),
        )
        for run in runs
    ]
    header = ("RAN", "MODEL", "ON", "PROMPT/S", "BY TABLES", "TOKENS/S", "BY TABLES")
    print_table(header, rows)


def _learned(runs: Sequence[SpeedRun]) -> list[str]:
    found = []
    for where in Where:
        for what, correction in zip(("prompt", "generation"), learn(runs, "", where), strict=True):
            if correction.runs:
                found.append(f"learned, {where}, {what}: {_correction(correction)}")
    return found


def _correction(correction: Correction) -> str:
    return (
        f"{correction.factor:.2f} of what the tables say, "
        f"within {correction.spread - 1:.0%}, from {correction.runs} runs"
    )


def _error(planned: int, measured: int) -> str:
    return f"{(planned - measured) / measured:+.1%}" if measured else "new"


def _held(size: int | None) -> str:
    return "not told" if size is None else memory_size(max(0, size))


def _rate(per_s: float) -> str:
    return f"{per_s:.1f}" if per_s else "-"


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
