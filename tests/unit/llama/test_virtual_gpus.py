"""llama.cpp plans for cards that are not there; the formulas agree with it.

The models have the dimensions of real ones and no weights: header-only files.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.llama.breakdown import breakdown_lines
from corral.llama.dry_run import DryModel
from corral.llama.library import LlamaLibrary, load_library
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.formula import plan_by_formula
from corral.plan.machine import Machine
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions, SplitMode
from corral.plan.plan import Kind, Part, Plan
from helpers.header_files import write_dense, write_experts
from helpers.headers import GIB, make_machine

MIB = 1024**2
ONE, TWO = make_machine(64, 24), make_machine(64, 24, 16)
PLACED = {
    "all": (ONE, LoadOptions()),
    "half": (ONE, LoadOptions(n_gpu_layers=10)),
    "two cards": (TWO, LoadOptions()),
    "two cards by hand": (TWO, LoadOptions(tensor_split=(3, 18))),
    "none": (ONE, LoadOptions(n_gpu_layers=0)),
    "the second card": (TWO, LoadOptions(split_mode=SplitMode.NONE, main_gpu=1)),
    "the second card by name": (TWO, LoadOptions(devices=("CUDA1",))),
}
CONTEXTS = (
    ContextOptions(n_ctx=4096),
    ContextOptions(n_ctx=32768, kv_type=CacheType.Q8_0),
    ContextOptions(n_ctx=16384, kv_type=CacheType.Q4_0, n_ubatch=256),
    ContextOptions(n_ctx=8192, v_type=CacheType.Q4_0, n_seq_max=2, kv_unified=False),
)


@pytest.fixture(scope="module")
def library() -> LlamaLibrary:
    return load_library()


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dense(tmp_path_factory.mktemp("headers") / "dense.gguf")


@pytest.fixture(scope="module")
def experts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_experts(tmp_path_factory.mktemp("headers") / "experts.gguf")


def exact(
    library: LlamaLibrary, path: Path, header: Header, machine: Machine, options: LoadOptions
) -> dict[tuple[str, Part], int]:
    gpus = VirtualGpus(library, machine.gpus)
    model = DryModel(library, path, options, gpus)
    try:
        lines = breakdown_lines(model.plan(header, options.context, options.load_mode), 0)
    finally:
        model.close()
    return {(line.device, line.part): line.size_bytes for line in lines}


def figures(plan: Plan) -> dict[tuple[str, Part], int]:
    return {(line.device, line.part): line.size_bytes for line in plan.lines}


def check_parts(
    ours: dict[tuple[str, Part], int], theirs: dict[tuple[str, Part], int], *parts: Part
) -> None:
    for part in parts:
        mine = {key: size for key, size in ours.items() if key[1] is part}
        assert mine == {key: size for key, size in theirs.items() if key[1] is part}


def compare(library: LlamaLibrary, path: Path, machine: Machine, options: LoadOptions) -> float:
    """Check the formulas against llama.cpp; return how far off a device is at the worst."""
    header = read_header(path)
    ours = figures(plan_by_formula(header, options, machine))
    theirs = exact(library, path, header, machine, options)
    check_parts(ours, theirs, Part.WEIGHTS, Part.MAPPED, Part.KV)
    worst = 0.0
    for device in machine.devices:
        wanted = sum(size for (name, _), size in theirs.items() if name == device.name)
        found = sum(
            size
            for (name, part), size in ours.items()
            if name == device.name and part is not Part.OUTPUT
        )
        off = abs(found - wanted)
        assert off <= max(0.02 * wanted, 64 * MIB), (device.name, found / MIB, wanted / MIB)
        worst = max(worst, off / max(wanted, GIB))
    return worst


@pytest.mark.parametrize("placed", PLACED)
@pytest.mark.parametrize("context", CONTEXTS, ids=lambda c: f"{c.n_ctx}-{c.kv_type}")
def test_the_formulas_of_a_dense_model_agree_with_llama_cpp(
    library: LlamaLibrary, dense: Path, placed: str, context: ContextOptions
) -> None:
    machine, options = PLACED[placed]
    worst = compare(library, dense, machine, replace(options, context=context))
    print(f"worst device of {placed}: {worst:.1%}")


@pytest.mark.parametrize("kept", [0, 5, 12])
@pytest.mark.parametrize("mode", [LoadMode.MMAP, LoadMode.NONE])
def test_experts_stay_in_main_memory_where_the_plan_says(
    library: LlamaLibrary, experts: Path, kept: int, mode: LoadMode
) -> None:
    options = LoadOptions(cpu_expert_layers=kept, load_mode=mode)
    print(f"worst device: {compare(library, experts, ONE, options):.1%}")


def test_tensors_go_where_their_names_say(library: LlamaLibrary, dense: Path) -> None:
    """What is computed where is then the allocator's secret: only weights and cache agree."""
    rules = ((r"blk\.[0-4]\.ffn", "CPU"), ("output", "CUDA0"), (r"blk\.19\.", "CUDA0"))
    options = LoadOptions(tensor_overrides=rules)
    header = read_header(dense)
    plan = plan_by_formula(header, options, TWO)
    check_parts(
        figures(plan),
        exact(library, dense, header, TWO, options),
        Part.WEIGHTS,
        Part.MAPPED,
        Part.KV,
    )
    assert {line.kind for line in plan.lines if line.part is Part.COMPUTE} == {Kind.ASSUMED}


def test_a_card_of_another_layout_is_not_planned_for(
    library: LlamaLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corral.errors import ExternalError
    from corral.llama import device_structs

    monkeypatch.setattr(device_structs, "OPERATIONS", {74: "SOMETHING_ELSE"})
    with pytest.raises(ExternalError, match="operation 74"):
        VirtualGpus(library, ONE.gpus)
