"""Plans against real loads for a tiny model of every architecture that llama.cpp knows.

Both come from one build of llama.cpp, on the processor, so they are equal to the byte. Loads run in
a child: an architecture that llama.cpp breaks over ends that child and is counted.
"""

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corral.children import process
from corral.children.errors import ChildDied
from corral.children.inspect_client import Inspector
from corral.children.inspect_json import lines_from_json, options_to_json
from corral.errors import ExternalError
from corral.gguf.reader import read_header
from corral.hardware.store import MachineStore
from corral.plan.formula import plan_by_formula
from corral.plan.machine import Machine
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Line, Part, Plan
from helpers.architectures import architectures, write_architecture

CHILD = Path(__file__).parents[2] / "helpers" / "loading_child.py"
SETTINGS = (
    LoadOptions(load_mode=LoadMode.NONE, context=ContextOptions(n_ctx=2048)),
    LoadOptions(context=ContextOptions(n_ctx=4096, n_seq_max=2)),
    LoadOptions(
        load_mode=LoadMode.NONE,
        context=ContextOptions(n_ctx=4096, n_ubatch=64, n_outputs_max=2),
    ),
    LoadOptions(context=ContextOptions(n_ctx=1000, kv_type=CacheType.Q8_0)),
)
# One of each family of caches and states.
A_FEW = (
    "llama", "gemma3", "gemma3n", "gpt-oss", "deepseek2", "deepseek4", "falcon-h1", "kimi-linear",
    "lfm2", "minimax-01", "qwen3next", "rwkv7",
)  # fmt: skip
# llama.cpp breaks over the fixtures of these, whoever loads them.
BREAKING = {"plm", "rwkv6qwen2"}


@pytest.fixture
async def inspector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inspector]:
    monkeypatch.setattr(process, "child_command", lambda role: [sys.executable, str(CHILD), role])
    store = MachineStore(tmp_path / "machine.db")
    inspector = Inspector(store, tmp_path / "stripped")
    yield inspector
    await inspector.stop()
    store.close()


@dataclass
class Sweep:
    """What came of some architectures."""

    tried: tuple[str, ...] = ()
    equal: int = 0
    loads: int = 0
    refused: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    not_exact: list[str] = field(default_factory=list)
    formula_off: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.loads} loads of {self.equal} architectures planned to the byte; "
            f"refused by load and plan alike: {self.refused}; broken: {self.broken}"
        )


async def sweep(inspector: Inspector, folder: Path, names: tuple[str, ...]) -> Sweep:
    found, machine = Sweep(tried=names), Machine(cpu=(await inspector.devices())[-1])
    for name in names:
        path = write_architecture(folder, name)
        before = len(found.not_exact)
        try:
            loads = [
                await compare(inspector, path, options, machine, found) for options in SETTINGS
            ]
        except ChildDied:
            found.broken.add(name)
            continue
        found.loads += sum(loads)
        found.equal += sum(loads) >= 3 and len(found.not_exact) == before
        path.unlink()
    print(found)
    return found


async def compare(
    inspector: Inspector, path: Path, options: LoadOptions, machine: Machine, found: Sweep
) -> bool:
    """Plan, load, and compare; return whether there was a load."""
    case = f"{path.stem} {options.context}"
    header = read_header(path)
    try:
        answer = await inspector.ask("load", path=str(path), settings=[options_to_json(options)])
    except ExternalError as error:
        if isinstance(error, ChildDied):
            raise
        with pytest.raises(ExternalError):
            await inspector.plan(path, header, options, machine)
        found.refused.append(f"{path.stem} {options.context.kv_type}")
        return False
    assert isinstance(answer, list)
    real = sizes(lines_from_json(answer[0]))
    exact = await inspector.plan(path, header, options, machine)
    if sizes(exact.lines) != real or exact.kind is not Kind.EXACT:
        found.not_exact.append(f"{case}: planned {sizes(exact.lines)}, loaded {real}")
    check_formula(plan_by_formula(header, options, machine), real, case, found)
    return True


def check_formula(plan: Plan, real: dict[tuple[str, Part], int], case: str, found: Sweep) -> None:
    """Weights, cache and state by formula are those of the load."""
    assert not plan.unknown, case
    ours = sizes(plan.lines)
    for part in (Part.WEIGHTS, Part.MAPPED, Part.KV):
        if ours.get(("CPU", part), 0) != real.get(("CPU", part), 0):
            found.formula_off.append(
                f"{case}: {part} {ours.get(('CPU', part))}, loaded {real.get(('CPU', part))}"
            )


def sizes(lines: tuple[Line, ...]) -> dict[tuple[str, Part], int]:
    return {(line.device, line.part): line.size_bytes for line in lines}


def check(found: Sweep) -> None:
    assert found.not_exact == []
    assert found.formula_off == []
    assert found.broken == BREAKING & {*found.tried}


async def test_a_dozen_kinds_of_models_are_planned_to_the_byte(
    inspector: Inspector, tmp_path: Path
) -> None:
    found = await sweep(inspector, tmp_path, A_FEW)
    check(found)
    assert found.equal == len(A_FEW) == 12


@pytest.mark.slow
async def test_every_architecture_is_planned_to_the_byte(
    inspector: Inspector, tmp_path: Path
) -> None:
    found = await sweep(inspector, tmp_path, architectures())
    check(found)
    assert found.equal >= 143 + 22
