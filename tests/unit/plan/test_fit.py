"""Fits of models that are not here: estimates stand beside the formulas of the same models."""

from dataclasses import replace
from pathlib import Path

import pytest

from corral.gguf.header import Header, TensorInfo
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from corral.plan.fit import Fit, FitKind, estimated_fits, fit_of
from corral.plan.formula import default_options, plan_by_formula
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.plan import Kind, Part, Verdict
from helpers.gguf_files import tiny_metadata, write_gguf

GIB = 1 << 30
MIB = 1 << 20


def machine(free_bytes: int, gpu_free_bytes: int = 0) -> Machine:
    cpu = Device(
        name="CPU",
        description="a CPU",
        kind=DeviceKind.CPU,
        total_bytes=64 * GIB,
        free_bytes=free_bytes,
    )
    gpu = replace(
        cpu, name="CUDA0", kind=DeviceKind.GPU, total_bytes=8 * GIB, free_bytes=gpu_free_bytes
    )
    return Machine(cpu=cpu, gpus=(gpu,) if gpu_free_bytes else (), physical_cores=4)


def header(path: Path, tensor_type: TensorType) -> Header:
    """The header of a model of some 200 million weights in 8 blocks."""
    width = 2048
    rows = {"attn_q": width, "attn_output": width, "ffn_up": 4096, "ffn_gate": 4096}
    tensors: list[TensorInfo] = []
    end = 0
    for block in range(8):
        for kind, count in rows.items():
            name = f"blk.{block}.{kind}.weight"
            tensors.append(
                TensorInfo(name=name, shape=(width, count), type=tensor_type, offset=end)
            )
            end += tensors[-1].size_bytes
    metadata = tiny_metadata(
        llama__block_count=8,
        llama__embedding_length=width,
        llama__context_length=32768,
        llama__feed_forward_length=4096,
        llama__attention__head_count=16,
        llama__attention__head_count_kv=4,
        llama__rope__dimension_count=128,
    )
    bare = read_header(write_gguf(path, metadata, {}))
    return replace(bare, tensors=tuple(tensors), file_bytes=bare.data_offset + end)


def estimated_fit(header: Header, size_bytes: int, machine: Machine) -> Fit:
    return estimated_fits(header, [size_bytes], machine)[size_bytes]


@pytest.fixture
def small(tmp_path: Path) -> Header:
    return header(tmp_path / "q4.gguf", TensorType.Q4_0)


@pytest.fixture
def large(tmp_path: Path) -> Header:
    return header(tmp_path / "q8.gguf", TensorType.Q8_0)


def by_formula(header: Header, machine: Machine) -> int:
    return plan_by_formula(header, default_options(header, machine), machine).total_bytes


def test_an_estimate_for_the_same_size_is_the_formula_itself(small: Header) -> None:
    here = machine(8 * GIB)
    estimate = estimated_fit(small, small.file_bytes, here)
    assert estimate.size_bytes == pytest.approx(by_formula(small, here), rel=0.001)
    assert estimate.kind is FitKind.ESTIMATED


def test_an_estimate_from_another_quantization_is_close(small: Header, large: Header) -> None:
    here = machine(8 * GIB)
    estimate = estimated_fit(small, large.file_bytes, here)
    true = by_formula(large, here)
    assert estimate.size_bytes == pytest.approx(true, rel=0.03)
    assert estimate.size_bytes > by_formula(small, here) * 1.2


def test_only_weights_grow_with_the_file(small: Header) -> None:
    here = machine(8 * GIB)
    one = estimated_fit(small, small.file_bytes, here).plan
    two = estimated_fit(small, small.file_bytes * 2, here).plan
    assert two.size_bytes(None, Part.KV) == one.size_bytes(None, Part.KV)
    assert two.size_bytes(None, Part.COMPUTE) == one.size_bytes(None, Part.COMPUTE)
    weights = one.size_bytes(None, Part.WEIGHTS, Part.MAPPED)
    assert two.size_bytes(None, Part.WEIGHTS, Part.MAPPED) == pytest.approx(weights * 2, rel=0.001)


def test_verdicts_go_from_fits_over_tight_to_over(small: Header) -> None:
    here = machine(4 * GIB)
    sizes = [100 * MIB, 3300 * MIB, 5000 * MIB]
    verdicts = [estimated_fit(small, size, here).verdict for size in sizes]
    assert verdicts == [Verdict.FITS, Verdict.TIGHT, Verdict.OVER]


def test_fewer_layers_go_to_a_gpu_that_a_larger_file_does_not_fit(small: Header) -> None:
    here = machine(16 * GIB, gpu_free_bytes=1 * GIB)
    fitting = estimated_fit(small, small.file_bytes, here)
    larger = estimated_fit(small, 2 * GIB, here)
    assert fitting.plan.options.n_gpu_layers == 9
    assert 0 < larger.plan.options.n_gpu_layers < 9
    assert larger.verdict is not Verdict.OVER
    gpu = here.gpus[0]
    assert larger.plan.size_bytes(gpu.name) <= larger.plan.budget_bytes(gpu)


def test_a_shorter_context_is_taken_when_only_that_fits(small: Header) -> None:
    roomy = estimated_fit(small, 2 * GIB, machine(16 * GIB))
    scarce = estimated_fit(small, 2 * GIB, machine(int(2.35 * GIB)))
    assert roomy.plan.options.context.n_ctx == 8192
    assert scarce.plan.options.context.n_ctx < 8192


def test_a_size_that_makes_no_sense_does_no_harm(small: Header) -> None:
    for size in (0, 1, 1 << 50):
        fit = estimated_fit(small, size, machine(GIB))
        assert fit.size_bytes >= 0
    assert fit.verdict is Verdict.OVER


def test_a_plan_tells_how_sure_its_fit_is(small: Header) -> None:
    here = machine(8 * GIB)
    plan = plan_by_formula(small, default_options(small, here), here)
    assert fit_of(plan).kind is FitKind.FORMULA
    exact = replace(plan, lines=tuple(replace(x, kind=Kind.EXACT) for x in plan.lines))
    assert fit_of(exact).kind is FitKind.EXACT
    assert fit_of(exact).size_bytes == plan.total_bytes


def test_many_estimates_are_those_of_each(small: Header) -> None:
    here = machine(4 * GIB, gpu_free_bytes=1 * GIB)
    sizes = [size * MIB for size in range(100, 5000, 700)]
    together = estimated_fits(small, sizes, here)
    assert together == {size: estimated_fit(small, size, here) for size in sizes}
    assert [together[size].size_bytes for size in sizes] == sorted(
        together[size].size_bytes for size in sizes
    )
