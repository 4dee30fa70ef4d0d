"""What a calibration says of models that were not measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from corral.gguf.zeros import Shape, write_zero_model
from corral.plan.calibration import SPREAD, WIDTHS, Build, Calibration, Sample, calibrated
from corral.plan.formula import Formula
from corral.plan.learning import Where
from corral.plan.options import LoadOptions
from corral.plan.speed import UNCORRECTED, Correction, Speed, Speeds, expected_speeds
from helpers.headers import make_machine

MACHINE = make_machine(64)
ON_CPU = LoadOptions(n_gpu_layers=0)
BYTES, WEIGHTS = 10**8, 2 * 10**8


def sample(type_: str, build: Build, prompt: float, generated: float, **more: float) -> Sample:
    return Sample(
        where=Where.CPU, type=type_, build=build, weight_bytes=BYTES, weights=WEIGHTS,
        n_threads=int(more.pop("n_threads", 0)), prompt_per_s=prompt, generated_per_s=generated,
        **more,
    )  # fmt: skip


CALIBRATION = Calibration(
    at=1.0,
    build="this",
    samples=(
        sample("Q8_0", Build.WIDE, 400, 100),
        sample("Q8_0", Build.NARROW, 100, 25),
        sample("Q4_0", Build.WIDE, 800, 160),
        sample("Q4_0", Build.NARROW, 800, 160),
        sample("Q8_0", Build.WIDE, 1, 1, n_threads=1),
    ),
)


def model(folder: Path, type_: TensorType, width: int) -> Formula:
    path = folder / "model.gguf"
    write_zero_model(path, Shape(width=width, ffn=2 * width, heads=width // 64, blocks=4), type_)
    return Formula(read_header(path))


def rates(
    formula: Formula, calibration: Calibration = CALIBRATION
) -> tuple[tuple[Correction, Correction], float, float]:
    """Return the corrections, and the corrected rates per byte of weights and per weight."""
    tables = expected_speeds(formula, ON_CPU, MACHINE)
    found = calibrated(calibration, Where.CPU, formula, ON_CPU, MACHINE, tables)
    assert tables.prompt
    assert tables.generation
    used = [t for t in formula.header.tensors if t.name != "token_embd.weight"]
    size, count = sum(t.size_bytes for t in used), sum(t.element_count for t in used)
    per_byte = tables.generation.expected * found[1].factor * size / BYTES
    return found, per_byte, tables.prompt.expected * found[0].factor * count / WEIGHTS


@pytest.mark.parametrize(
    ("type_", "width", "generated", "prompt"),
    [
        (TensorType.Q8_0, 4096, 100, 400),  # larger matrices than were measured
        (TensorType.Q8_0, WIDTHS[Build.WIDE], 88, 350),
        (TensorType.Q8_0, 1280, 42, 170),  # between
        (TensorType.Q8_0, WIDTHS[Build.NARROW], 25, 100),
        (TensorType.Q8_0, 256, 25, 100),
        (TensorType.Q4_0, 1280, 160, 800),
    ],
)
def test_a_model_is_as_fast_as_what_was_measured_of_its_type_and_size(
    tmp_path: Path, type_: TensorType, width: int, generated: float, prompt: float
) -> None:
    found, per_byte, per_weight = rates(model(tmp_path, type_, width))
    assert per_byte == pytest.approx(generated, rel=0.1)
    assert per_weight == pytest.approx(prompt, rel=0.1)
    assert [correction.runs for correction in found] == [4, 4]
    assert [correction.spread for correction in found] == [SPREAD, SPREAD]


def test_a_type_that_was_not_measured_is_like_the_others(tmp_path: Path) -> None:
    _, per_byte, _ = rates(model(tmp_path, TensorType.Q4_K, WIDTHS[Build.WIDE]))
    assert 100 < per_byte < 160


def test_a_busy_machine_makes_the_band_wider_and_another_place_teaches_nothing(
    tmp_path: Path,
) -> None:
    formula = model(tmp_path, TensorType.Q8_0, 1024)
    busy = replace(
        CALIBRATION, samples=tuple(replace(each, spread=1.5) for each in CALIBRATION.samples)
    )
    (prompt, generation), *_ = rates(formula, busy)
    assert prompt.spread == generation.spread == pytest.approx(1.5 * SPREAD)
    tables = Speeds(prompt=None, generation=Speed(low=1, expected=2, high=3))
    args = (formula, ON_CPU, MACHINE, tables)
    assert calibrated(CALIBRATION, Where.GPU, *args) == (UNCORRECTED, UNCORRECTED)
    assert calibrated(CALIBRATION, Where.CPU, *args)[0] == UNCORRECTED
