"""`corral bench`: a model's speed, beside llama.cpp's own in the same run."""

import argparse
import asyncio
import json
from dataclasses import asdict

from corral.cli.load_options import changes_of
from corral.cli.output import ProgressLine, print_table
from corral.cli.workers import asked_workers
from corral.jobs import Progress
from corral.places import find_places
from corral.workbench.benching import BenchResult
from corral.workbench.benching import bench as measure
from corral.workbench.suite import SuiteResult, run_suite
from corral.workbench.workbench import open_workbench


def bench(options: argparse.Namespace) -> int:
    """Print how fast a model reads and generates, measured, with the ratios."""
    result, suite = asyncio.run(_bench(options))
    if options.json:
        told = {"schema": 1, "model": options.model, **asdict(result)}
        if suite:
            told["suite"] = asdict(suite)
        print(json.dumps(told, indent=1))
        return 0
    _print(result)
    if suite:
        _print_suite(suite)
    return 0


async def _bench(options: argparse.Namespace) -> tuple[BenchResult, SuiteResult | None]:
    name, line = options.model, ProgressLine()
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
                return result, None
            return result, await run_suite(
                workbench, name, lambda what: line.show(Progress(phase=f"Measuring {what}"))
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


def _print_suite(suite: SuiteResult) -> None:
    rows = [
        (
            str(figure.generations),
            f"{figure.tokens_per_s:.1f}",
            f"{figure.bare_tokens_per_s:.1f}",
            f"{figure.ratio:.3f}",
            f"{figure.gain:.2f}",
        )
        for figure in suite.batches
    ]
    print()
    print_table(("AT ONCE, TOKENS/S", "CORRAL", "BARE LLAMA.CPP", "RATIO", "TO ONE"), rows)
    print(
        f"turn {suite.turn} of a chat: {suite.turn_computed_tokens} of "
        f"{suite.turn_prompt_tokens} tokens computed, {suite.turn_new_tokens} were new"
    )
    print(
        f"a chat of {suite.reopened_tokens} tokens from disk: first token after "
        f"{suite.reopened_s:.2f} s, computed anew {suite.recomputed_s:.2f} s, "
        f"ratio {suite.reopened_ratio:.3f}"
    )
