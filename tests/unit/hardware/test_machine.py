"""This machine in numbers and in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from corral.hardware import machine as hardware
from corral.hardware.machine import describe, read_machine
from corral.hardware.nvidia import NvidiaCard, nvidia_cards
from corral.plan.machine import DeviceKind
from corral.plan.repack import RepackedType, RepackRule
from helpers.headers import GIB, make_machine

RULE = RepackRule(
    types=(RepackedType(type="Q4_0", is_expert=False, row_multiple=8, block_bytes=18),)
)


def test_without_llama_cpp_the_machine_is_its_processor() -> None:
    machine = read_machine()
    assert machine.gpus == ()
    assert machine.note == ""
    assert machine.cpu.kind is DeviceKind.CPU
    assert 0 < machine.cpu.free_bytes <= machine.cpu.total_bytes
    assert machine.cpu.description
    assert machine.physical_cores >= 1


def test_what_llama_cpp_knows_of_the_processor_is_kept_and_free_memory_is_read_anew() -> None:
    known = replace(make_machine(1).cpu, repack=RULE, description="A processor", free_bytes=1)
    cpu = read_machine([known]).cpu
    assert (cpu.repack, cpu.description) == (RULE, "A processor")
    assert cpu.free_bytes > 1


def test_a_machine_without_a_usable_gpu_says_so() -> None:
    machine = read_machine([make_machine(1).cpu])
    assert machine.note.startswith("No GPU that llama.cpp can use: ")
    assert describe(machine).endswith(machine.note)


@pytest.mark.parametrize(
    ("vendor", "word"), [("0x10de", "GGML_CUDA"), ("0x1002", "AMD"), ("0x1af4", "no graphics card")]
)
def test_a_card_that_the_build_cannot_use_is_named(
    vendor: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card0" / "device" / "vendor"
    card.parent.mkdir(parents=True)
    card.write_text(vendor + "\n")
    monkeypatch.setattr(hardware, "_GRAPHICS_CARDS", tmp_path)
    assert word in read_machine([make_machine(1).cpu]).note


def test_gpus_are_described_with_what_is_free() -> None:
    assert describe(make_machine(23.5, 12)) == (
        "CPU, 2 cores; 23.50 GiB RAM, 23.50 GiB free. "
        "CUDA0 (CUDA0): 12.00 GiB VRAM, 12.00 GiB free."
    )


def test_the_driver_knows_best_what_is_free_on_equal_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [NvidiaCard(name="RTX", total_bytes=8 * GIB, free_bytes=n * GIB) for n in (7, 5)]
    monkeypatch.setattr(hardware, "nvidia_cards", lambda: cards)
    gpus = [replace(gpu, description="RTX") for gpu in make_machine(64, 8, 8).gpus]
    other = replace(make_machine(64, 4).gpus[0], name="Vulkan0", description="Arc")
    machine = read_machine([*gpus, other, make_machine(64).cpu])
    assert [gpu.free_bytes for gpu in machine.gpus] == [7 * GIB, 5 * GIB, 4 * GIB]


def test_no_nvidia_driver_means_no_cards() -> None:
    assert all(card.total_bytes >= card.free_bytes for card in nvidia_cards())
