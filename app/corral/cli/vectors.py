"""`corral embed` and `corral rerank`: vectors of texts, and texts in order of a question."""

import argparse
import asyncio
import json
import sys

from corral.cli.output import print_table
from corral.errors import UserError
from corral.foreign import safe_line
from corral.places import find_places
from corral.plan.pooling import Pooling
from corral.workbench.embedding import Embedded, Ranked
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import open_workbench


def embed(options: argparse.Namespace) -> int:
    """Print a JSON array of numbers for each text, or with `--json` all that is known."""
    texts = _texts(options.text)
    found = asyncio.run(_embed(options, texts))
    if options.json:
        print(json.dumps(_record(options.model, found)))
    else:
        for vectors in found.vectors:
            print(json.dumps(vectors[0] if found.pooling is not Pooling.NONE else vectors))
    for index in found.cut:
        print(f"corral: the end of text {index + 1} was left out: too long", file=sys.stderr)
    return 0


def rerank(options: argparse.Namespace) -> int:
    """Print texts by how well they answer a question, the best first."""
    texts = _texts(options.text)
    ranked = asyncio.run(_rank(options, texts))
    if options.json:
        results = [{"index": each.index, "score": each.score} for each in ranked]
        print(json.dumps({"model": options.model, "results": results}))
        return 0
    rows = [(f"{each.score:.4f}", safe_line(texts[each.index])) for each in ranked]
    print_table(("SCORE", "TEXT"), rows)
    return 0


async def _embed(options: argparse.Namespace, texts: list[str]) -> Embedded:
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        return await workbench.embedding().embed(
            _request(options),
            texts,
            pooling=Pooling(options.pooling) if options.pooling else None,
            dimensions=options.dimensions,
            is_cut=not options.whole,
        )


async def _rank(options: argparse.Namespace, texts: list[str]) -> tuple[Ranked, ...]:
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        return await workbench.embedding().rank(_request(options), options.query, texts)


def _request(options: argparse.Namespace) -> ChatRequest:
    return ChatRequest(model=options.model, messages=None, is_over_budget_allowed=options.anyway)


def _texts(given: list[str]) -> list[str]:
    """Return the texts of the command line, or each line of stdin."""
    if given:
        return given
    lines = [] if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read().splitlines()
    if texts := [line for line in lines if line.strip()]:
        return texts
    raise UserError("There is no text.", hint="Name some, or give one a line on stdin.")


def _record(name: str, found: Embedded) -> dict[str, object]:
    is_pooled = found.pooling is not Pooling.NONE
    return {
        "model": name,
        "embeddings": [vectors[0] if is_pooled else vectors for vectors in found.vectors],
        "prompt_eval_count": found.tokens,
        "pooling": found.pooling,
        "cut": found.cut,
    }
