"""Loads a second model where there is no memory for it, and prints what became of the first.

The limit is a real one: the address space of this process.
"""

import asyncio
import json
import os
import re
import resource
import sys
import threading
from pathlib import Path

from corral.engine.engine import Engine
from corral.engine.recovery import ParkedError
from corral.errors import CorralError
from corral.llama.library import load_library
from corral.llama.refusals import LoadError
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from helpers.asking import ask
from helpers.models import gemma3_path, smollm2_path

MIB = 1024**2
PROMPT = tuple(range(500, 520))


def space_bytes() -> int:
    return status_bytes("VmSize")


def resident_bytes() -> int:
    return status_bytes("VmRSS")


def status_bytes(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(re.findall(rf"{name}:\s+(\d+)", status)[0]) * 1024


def has_marker() -> bool:
    return Path(sys.argv[1]).exists()


async def load_within(engine: Engine, room_bytes: int, options: LoadOptions) -> dict[str, object]:
    before, resident = space_bytes(), resident_bytes()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (before + room_bytes, hard))
    try:
        await engine.load(gemma3_path(), options)
        error: CorralError | None = None
    except CorralError as caught:
        error = caught
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return {
        "room": room_bytes // MIB,
        "kind": type(error).__name__,
        "reason": error.reason if isinstance(error, LoadError) else "",
        "summary": error.summary if error else "",
        "is_parked": isinstance(error, ParkedError),
        "grown_mib": (resident_bytes() - resident) / MIB,
        "threads": sum(thread.name.startswith("engine") for thread in threading.enumerate()),
        "marker": has_marker(),
    }


async def main() -> dict[str, object]:
    engine = Engine(Path(sys.argv[1]), load_library)
    small = LoadOptions(context=ContextOptions(n_ctx=256, n_ubatch=64))
    runner = await engine.load(smollm2_path(), small)
    expected = (await ask(runner, PROMPT, temperature=0.0)).text
    read = LoadOptions(
        context=ContextOptions(n_ctx=2**19, kv_type=CacheType.F32), load_mode=LoadMode.NONE
    )
    tries = []
    for room in (100, 700, 1200):  # no room for the thread, for the weights, for the cache
        told = await load_within(engine, room * MIB, read)
        told["same"] = (await ask(runner, PROMPT, temperature=0.0)).text == expected
        tries.append(told)
    loaded = len(engine.loaded)
    other = await engine.load(gemma3_path(), small)  # with memory it loads as if nothing had been
    after = bool((await ask(other, PROMPT)).text)
    await engine.close()
    return {"tries": tries, "loaded": loaded, "after": after}


print(json.dumps(asyncio.run(main())), flush=True)
os._exit(0)  # a parked thread would never let the process end
