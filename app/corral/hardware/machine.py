"""This machine: its devices, and what is free on them now."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from corral.hardware.nvidia import NvidiaCard, nvidia_cards
from corral.plan.machine import Device, DeviceKind, Machine
from corral.units import memory_size

CPU = "CPU"

_CPU_FACTS = Path("/proc/cpuinfo")
_GRAPHICS_CARDS = Path("/sys/class/drm")
# PCI vendors, and what llama.cpp has to be built with for their cards.
_VENDORS = {
    "0x10de": ("NVIDIA", "GGML_CUDA"),
    "0x1002": ("AMD", "GGML_VULKAN"),
    "0x8086": ("Intel", "GGML_VULKAN"),
}


def read_machine(
    devices: Sequence[Device] | None = None, overheads: Mapping[str, int] | None = None
) -> Machine:
    """Return this machine with what is free now.

    Args:
        devices: Those that llama.cpp can use; None where it was not asked, then only the CPU.
        overheads: What the driver of each card takes for this program with its first model; it
            counts as taken as long as there is none.

    Thread: any but the event loop's; it may ask a driver.
    """
    import psutil  # lazy: not needed before the first window

    gpus = [device for device in devices or () if device.kind is DeviceKind.GPU]
    known_cpu = next((d for d in devices or () if d.kind is DeviceKind.CPU), None)
    note = "" if gpus or devices is None else _missing_gpu(_graphics_vendors(_GRAPHICS_CARDS))
    return Machine(
        cpu=_cpu(known_cpu),
        gpus=_with_peaks(_with_free_memory(gpus, nvidia_cards(), overheads or {})) if gpus else (),
        physical_cores=psutil.cpu_count(logical=False) or 1,
        note=note,
    )


def describe(machine: Machine) -> str:
    """Return a machine in one line of words."""
    cores = "1 core" if machine.physical_cores == 1 else f"{machine.physical_cores} cores"
    parts = [f"{machine.cpu.description}, {cores}; {_memory(machine.cpu, 'RAM')}"]
    parts += [_gpu_words(gpu) for gpu in machine.gpus]
    return " ".join(filter(None, [*parts, machine.note]))


def _gpu_words(gpu: Device) -> str:
    if gpu.worker:
        return f"RPC worker {gpu.worker}: {_memory(gpu, 'memory')}"
    return f"{gpu.description} ({gpu.name}): {_memory(gpu, 'VRAM')}"


def _memory(device: Device, kind: str) -> str:
    return f"{memory_size(device.total_bytes)} {kind}, {memory_size(device.free_bytes)} free."


def _cpu(known: Device | None) -> Device:
    import psutil  # lazy: not needed before the first window

    memory = psutil.virtual_memory()
    cpu = known or Device(
        name=CPU,
        description=_cpu_name(_CPU_FACTS),
        kind=DeviceKind.CPU,
        total_bytes=memory.total,
        free_bytes=memory.available,
    )
    return replace(cpu, total_bytes=memory.total, free_bytes=memory.available)


def _cpu_name(facts: Path) -> str:
    if facts.exists():
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _with_free_memory(
    gpus: Sequence[Device], cards: Sequence[NvidiaCard], overheads: Mapping[str, int]
) -> tuple[Device, ...]:
    """Return GPUs with what their driver says now."""
    known = {}
    for gpu, card in cards_of(gpus, cards):
        to_come = 0 if card.own_bytes(os.getpid()) else overheads.get(gpu.name, 0)
        free = max(0, card.free_bytes - to_come)
        known[gpu.name] = replace(gpu, total_bytes=card.total_bytes, free_bytes=free)
    return tuple(known.get(gpu.name, gpu) for gpu in gpus)


def cards_of(
    gpus: Iterable[Device], cards: Iterable[NvidiaCard]
) -> tuple[tuple[Device, NvidiaCard], ...]:
    """Return the GPUs that a driver knows, each with its card; the same names go by their order."""
    unseen, found = list(cards), []
    for gpu in gpus:
        if card := next((card for card in unseen if card.name == gpu.description), None):
            unseen.remove(card)
            found.append((gpu, card))
    return tuple(found)


def _with_peaks(gpus: Sequence[Device]) -> tuple[Device, ...]:
    """Return GPUs with the peaks of the table where it has them."""
    from corral.hardware.cards import read_catalogue  # lazy: only where there are GPUs

    catalogue = read_catalogue()
    found = []
    for gpu in gpus:
        if card := catalogue.named_in(gpu.description):
            gpu = replace(  # noqa: PLW2901 (the same GPU, completed)
                gpu,
                bandwidth_gb_s=card.bandwidth_gb_s,
                fp16_tflops=card.fp16_tflops,
                link_gb_s=card.link_gb_s,
            )
        found.append(gpu)
    return tuple(found)


def _graphics_vendors(folder: Path) -> list[str]:
    """Return the PCI vendors of the graphics cards that Linux knows."""
    files = sorted(folder.glob("card?/device/vendor"))
    return [file.read_text(encoding="ascii", errors="replace").strip() for file in files]


def _missing_gpu(vendors: Sequence[str]) -> str:
    """Return why there is no GPU to use, in plain words."""
    for vendor, (name, option) in _VENDORS.items():
        if vendor in vendors:
            return (
                f"No GPU that llama.cpp can use: there is {name} graphics, but this build has no "
                f"driver for it. Install again with CMAKE_ARGS=-D{option}=ON."
            )
    return "No GPU that llama.cpp can use: no graphics card was found."
