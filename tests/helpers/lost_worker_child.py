"""A process whose RPC worker dies in the middle of an answer; it says how things went on."""

import asyncio
import json
import os

from corral.hardware.workers import WorkerError
from corral.places import find_places
from corral.plan.options import ContextOptions, LoadOptions
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER
from helpers.rpc_worker import rpc_worker

QUESTION = (Message(role=Role.USER, content="Write a very long story number # about a llama."),)
CONTEXT = ContextOptions(n_ctx=1024)


def ask(bench: Workbench, n_tokens: int, options: LoadOptions) -> Generation:
    """Have an answer begin."""
    parameters = {"temperature": 0.0, "num_predict": n_tokens}
    request = ChatRequest(model=STARTER, messages=QUESTION, parameters=parameters, options=options)
    return bench.conversing.start(request)


async def refused(work: object) -> str:
    """Return the words with which something is refused because of its worker, "" if it is not."""
    try:
        await work  # type: ignore[misc]
    except WorkerError as error:
        return str(error)
    return ""


async def main() -> dict[str, object]:
    """Lose the worker, and go on without it."""
    async with open_workbench(find_places()) as bench:
        with rpc_worker() as (address, process):
            there = LoadOptions(workers=(address,), context=CONTEXT)
            generation = ask(bench, 900, there)
            async for _ in generation.events():
                if len(generation.answer) > 20:
                    break
            process.kill()
            end = await generation.wait()
            told = {"address": address, "error": str(end.error), "told": generation.answer}
        told["recover"] = await refused(bench.engine.recover())
        told["plan"] = await refused(bench.planning.machine((address,)))
        here = await ask(bench, 8, LoadOptions(n_gpu_layers=0, context=CONTEXT)).wait()
        return {**told, "then": here.reason, "lost": bench.engine.has_lost_threads}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())), flush=True)
    os._exit(0)
