"""`corral bench`: a model's speed, beside llama.cpp's own in the same run."""

import argparse
import asyncio
import json
from dataclasses import asdict

from corral.cli.load_options import changes_of
from corral.cli.output import ProgressLine, print_table
from corral.cli.workers import asked_workers
from corral.errors import UserError
from corral.jobs import Progress
from corral.places import find_places
from corral.workbench.bench_rows import Row
from corral.workbench.benching import BenchResult
from corral.workbench.benching import bench as measure
from corral.workbench.suite import bench_rows, run_suite
from corral.workbench.suite_against import rows_beside_xllamacpp
from corral.workbench.workbench import open_workbench


def bench(options: argparse.Namespace) -> int:
    """Print how fast a model reads and generates, measured, with the ratios."""
    if options.xllamacpp_python and not options.suite:
        raise UserError("--xllamacpp-python goes with --suite.")
    result, suite = asyncio.run(_bench(options))
    rows = (*bench_rows(result), *suite)
    if options.json:
        told = {"schema": 2, "model": options.model, **asdict(result)}
        told["rows"] = [{**asdict(row), "has_passed": row.has_passed} for row in rows]
        print(json.dumps(told, indent=1))
        return 0
    header = ("MEASURED", "CORRAL", "BESIDE", "UNIT", "VALUE", "BOUND", "", "NOTE")
    print_table(header, [_cells(row) for row in rows])
    if not result.is_same_text:
        print("The two did not generate the same text, so their figures do not compare.")
    return 0


async def _bench(options: argparse.Namespace) -> tuple[BenchResult, tuple[Row, ...]]:
    name, line = options.model, ProgressLine()

    def tell(what: str) -> None:
        line.show(Progress(phase=f"Measuring {what}"))

    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        model = await workbench.modelling.get(name)
        workbench.planning.use_workers(model, asked_workers(workbench, options.rpc))
        workbench.planning.adjust(model, changes_of(options))
        try:
            result = await measure(
                workbench,
                name,
                lambda number: line.show(Progress(phase=f"Measuring, round {number}")),
            )
            if not options.suite:
                return result, ()
            rows = await run_suite(workbench, name, tell)
            if not options.xllamacpp_python:
                return result, rows
            tell("xllamacpp")
            await workbench.loading.unload(model)  # two of them would disturb each other
            return result, (
                *rows,
                *await rows_beside_xllamacpp(options.xllamacpp_python, model.weights, result, rows),
            )
        finally:
            line.clear()


def _cells(row: Row) -> tuple[str, ...]:
    sign = "at most" if row.is_ceiling else "at least"
    verdict = {True: "passed", False: "FAILED", None: ""}[row.has_passed]
    return (
        row.name,
        _figure(row.corral),
        "" if row.beside is None else _figure(row.beside),
        row.unit,
        _figure(row.value),
        "" if row.bound is None else f"{sign} {row.bound:g}",
        verdict,
        row.note,
    )


def _figure(number: float) -> str:
    return f"{number:.1f}" if number >= 10 else f"{number:.3g}"
