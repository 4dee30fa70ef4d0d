"""The exact plan against real loads, to the byte, and the formulas against it.

These are equality tests: the figures of both sides come from the same build of llama.cpp.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.gguf.strip import write_stripped
from corral.llama.breakdown import BufferUse, breakdown_lines, context_breakdown, tensor_buffers
from corral.llama.context import Context
from corral.llama.devices import list_devices
from corral.llama.dry_run import DryModel
from corral.llama.library import LlamaLibrary, load_library
from corral.llama.model import load_model
from corral.plan.formula import output_bytes, plan_by_formula
from corral.plan.machine import DeviceKind, Machine
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Line, Part
from helpers.gguf_files import tiny_model
from helpers.models import gemma3_path, smollm2_path

CONTEXTS = (
    ContextOptions(n_ctx=512),
    ContextOptions(n_ctx=5000),
    ContextOptions(n_ctx=8192, kv_type=CacheType.Q8_0, n_ubatch=128),
)
MODELS: dict[str, Callable[[], Path]] = {"SmolLM2": smollm2_path, "Gemma 3": gemma3_path}


@pytest.fixture(scope="module")
def library() -> LlamaLibrary:
    return load_library()


@pytest.fixture(params=MODELS)
def model_file(request: pytest.FixtureRequest) -> Path:
    return MODELS[request.param]()


@pytest.fixture
def header(model_file: Path) -> Header:
    return read_header(model_file)


@pytest.fixture
def dry(library: LlamaLibrary, model_file: Path, tmp_path: Path) -> Iterator[DryModel]:
    write_stripped(model_file, tmp_path / "copy.gguf")
    model = DryModel(library, tmp_path / "copy.gguf", LoadOptions(n_gpu_layers=0))
    yield model
    model.close()


def figures(lines: tuple[Line, ...]) -> dict[tuple[str, Part], int]:
    return {(line.device, line.part): line.size_bytes for line in lines}


def measure(
    library: LlamaLibrary, path: Path, mode: LoadMode
) -> dict[ContextOptions, tuple[BufferUse, ...]]:
    """Really load a model, and make one context after the other on it."""
    model = load_model(
        library, path, LoadOptions(n_gpu_layers=0, load_mode=mode), lambda _percent: True
    )
    measured = {}
    for options in CONTEXTS:
        context = Context(library, model, options)
        measured[options] = context_breakdown(library, context.pointer)
        context.close()
    model.close()
    return measured


@pytest.mark.parametrize("mode", [LoadMode.MMAP, LoadMode.NONE, LoadMode.DIRECT_IO])
def test_the_exact_plan_is_what_a_load_takes_to_the_byte(
    library: LlamaLibrary, model_file: Path, header: Header, dry: DryModel, mode: LoadMode
) -> None:
    for options, uses in measure(library, model_file, mode).items():
        planned = breakdown_lines(dry.plan(header, options, mode), 0)
        assert figures(planned) == figures(breakdown_lines(uses, 0))
        assert {line.kind for line in planned} == {Kind.EXACT}
        is_mapped = any(line.part is Part.MAPPED for line in planned)
        assert is_mapped == mode.is_mapped


@pytest.mark.parametrize("mode", [LoadMode.MMAP, LoadMode.NONE, LoadMode.DIRECT_IO])
def test_the_formulas_are_within_a_twentieth_with_weights_and_cache_exact(
    library: LlamaLibrary, header: Header, dry: DryModel, mode: LoadMode
) -> None:
    machine = Machine(cpu=list_devices(library)[-1])
    for context in CONTEXTS:
        options = LoadOptions(n_gpu_layers=0, load_mode=mode, context=context)
        plan = plan_by_formula(header, options, machine)
        lines = breakdown_lines(dry.plan(header, context, mode), output_bytes(header, context))
        exact = figures(lines)
        compute = exact.pop(("CPU", Part.COMPUTE))
        assert {key: plan.size_bytes(*key) for key in exact} == exact
        assert plan.size_bytes("CPU", Part.COMPUTE) == pytest.approx(compute, rel=0.10)
        assert plan.total_bytes == pytest.approx(sum(exact.values()) + compute, rel=0.05)


def test_the_output_buffer_is_what_llama_cpp_says_it_is(
    library: LlamaLibrary, header: Header, dry: DryModel
) -> None:
    context = replace(CONTEXTS[0], n_seq_max=3, n_outputs_max=3)
    mark = library.log.mark()
    dry.plan(header, context, LoadMode.NONE)
    said = "\n".join(line.text for line in library.log.since(mark))
    found = re.search(r"output buffer size =\s+([\d.]+) MiB", said)
    assert found
    assert float(found[1]) == pytest.approx(output_bytes(header, context) / 1024**2, abs=0.006)


def test_the_repack_rule_names_the_tensors_that_llama_cpp_repacks(
    library: LlamaLibrary, header: Header, dry: DryModel
) -> None:
    rule = list_devices(library)[-1].repack
    copied = {
        name for name, buffer in tensor_buffers(library, dry.model.pointer) if buffer != "CPU"
    }
    expected = {
        tensor.name
        for tensor in header.tensors
        if rule.size_bytes(tensor) is not None and not tensor.name.startswith("token_embd")
    }
    embedding = header.tensor("token_embd.weight")
    assert embedding
    if rule.size_bytes(embedding) is not None:  # used once more as the output layer
        expected.add(embedding.name)
    assert copied == expected


def test_the_cpu_comes_last_and_has_all_of_the_memory(library: LlamaLibrary) -> None:
    *gpus, cpu = list_devices(library)
    assert cpu.kind is DeviceKind.CPU
    assert cpu.name == "CPU"
    assert cpu.total_bytes > 0
    assert all(gpu.kind is DeviceKind.GPU for gpu in gpus)


def test_a_refusal_says_why(library: LlamaLibrary, tmp_path: Path) -> None:
    file = tiny_model(tmp_path / "odd.gguf", tokenizer__ggml__pre="nonsense")
    with pytest.raises(ExternalError, match="does not know its tokenizer 'nonsense'"):
        DryModel(library, file, LoadOptions(n_gpu_layers=0))


def test_a_model_loads_with_a_placement_by_hand(library: LlamaLibrary) -> None:
    by_hand = LoadOptions(n_gpu_layers=0, tensor_split=(3, 1), cpu_expert_layers=2)
    model = load_model(library, smollm2_path(), by_hand, lambda _percent: True)
    context = Context(library, model, CONTEXTS[0])
    uses = context_breakdown(library, context.pointer)
    context.close()
    model.close()
    plain = measure(library, smollm2_path(), by_hand.load_mode)[CONTEXTS[0]]
    assert breakdown_lines(uses, 0) == breakdown_lines(plain, 0)
