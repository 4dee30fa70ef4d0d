"""`corral bench`: a model's speed, beside llama.cpp's own in the same run."""

import argparse
import asyncio
import json
from dataclasses import asdict

from corral.cli.output import ProgressLine, print_table
from corral.jobs import Progress
from corral.places import find_places
from corral.workbench.benching import BenchResult
from corral.workbench.benching import bench as measure
from corral.workbench.workbench import open_workbench


def bench(options: argparse.Namespace) -> int:
    """Print how fast a model reads and generates, measured, with the ratios."""
    result = asyncio.run(_bench(options.model))
    if options.json:
        print(json.dumps({"schema": 1, "model": options.model, **asdict(result)}, indent=1))
    else:
        _print(result)
    return 0


async def _bench(name: str) -> BenchResult:
    line = ProgressLine()
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        try:
            return await measure(
                workbench,
                name,
                lambda number: line.show(Progress(phase=f"Measuring, round {number}")),
            )
        finally:
            line.clear()


def _print(result: BenchResult) -> None:
    rows = (
        (
            f"prompt, {result.prompt_tokens} tokens",
            f"{result.prompt_tokens_per_s:.1f}",
            f"{result.bare_prompt_tokens_per_s:.1f}",
            f"{result.prompt_ratio:.3f}",
        ),
        (
            "generation",
            f"{result.generation_tokens_per_s:.1f}",
            f"{result.bare_generation_tokens_per_s:.1f}",
            f"{result.generation_ratio:.3f}",
        ),
    )
    print_table(("MEASURED, TOKENS/S", "CORRAL", "BARE LLAMA.CPP", "RATIO"), rows)
    print(
        f"{100 * result.llama_share:.1f} % of a generation step is spent inside llama.cpp "
        f"(median of {result.steps} steps)"
    )
    if not result.is_same_text:
        print("The two did not generate the same text, so their figures do not compare.")
