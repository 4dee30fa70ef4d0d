"""Gives spoiled model files to llama.cpp, as Corral would, and tells what became of each.

A line of JSON for each file: its number before, its end after. If the second is missing, llama.cpp
has ended this process: that is what it is for. Arguments: a folder, the first number, the last.
"""

import faulthandler
import json
import resource
import sys
from pathlib import Path

from corral.children.inspect import InspectRole
from corral.engine.bare import run_bare
from corral.engine.session import open_session
from corral.errors import CorralError
from corral.gguf.check import check_model
from corral.llama.library import LlamaLibrary
from corral.llama.sampler_settings import SamplerSettings
from corral.plan.options import ContextOptions, LoadOptions
from helpers.gguf_files import tiny_model
from helpers.hostile import is_adapter, write_hostile

OPTIONS = LoadOptions(context=ContextOptions(n_ctx=64, n_ubatch=32, n_threads=1))
MEMORY_BYTES = 8 << 30


def tell(**words: object) -> None:
    print(json.dumps(words), flush=True)


def generate(library: LlamaLibrary, path: Path) -> None:
    session = open_session(library, path, OPTIONS, lambda _percent: True)
    try:
        tokens = session.model.vocabulary.tokenize("hello", add_special=True, parse_special=True)
        if tokens and session.context.can_write:
            run_bare(session, tokens[:16], SamplerSettings(seed=1), 8)
    finally:
        session.close()
        session.model.close()


def adapt(library: LlamaLibrary, path: Path) -> None:
    """Let a sound model generate with an adapter, as the engine does: there is no pre-flight."""
    model = tiny_model(path.with_name("sound.gguf"))
    session = open_session(library, model, OPTIONS, lambda _percent: True)
    try:
        wanted = ((path, 1.0),)
        session.adapters.load(wanted)
        session.adapters.use(session.context.pointer, wanted)
        run_bare(session, (3, 4, 5, 6), SamplerSettings(seed=1), 8)
    finally:
        session.close()
        session.model.close()


def try_one(role: InspectRole, path: Path, seed: int) -> None:
    stage = "check"
    try:
        tell(seed=seed, begins=write_hostile(path, seed))
        if is_adapter(seed):
            stage = "load"
            tell(seed=seed, reaches=stage)
            adapt(role._library, path)
            tell(seed=seed, ends="runs")
            return
        check_model(path)
        stage = "preflight"
        tell(seed=seed, reaches=stage)
        role.preflight(path=str(path))
        stage = "load"
        tell(seed=seed, reaches=stage)
        generate(role._library, path)
        stage = "runs"
        tell(seed=seed, ends=stage)
    except CorralError as error:
        tell(seed=seed, ends=stage, summary=error.summary)


def main() -> None:
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    role = InspectRole()
    for seed in range(int(sys.argv[2]), int(sys.argv[3])):
        try_one(role, Path(sys.argv[1]) / "hostile.gguf", seed)


if __name__ == "__main__":
    main()
