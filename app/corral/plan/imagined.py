"""Machines that are not there, from words: what those describe, in bytes."""

from dataclasses import replace

from corral.errors import UserError
from corral.plan.cards import Card, Catalogue
from corral.plan.description import Description, read_description
from corral.plan.machine import Device, DeviceKind, Machine
from corral.units import GIB, MIB

# The context of a driver and a plain desktop, on a card that nobody else uses. Assumed: public
# figures go from 107 to 555 MiB for the context alone.
CARD_OVERHEAD_BYTES = 512 * MIB
# What the system and a few programs hold of main memory. Assumed.
SYSTEM_BYTES = 4 * GIB
# Metal's recommended working set: two thirds of little memory, three quarters of much.
_METAL_SHARES = ((36, 2 / 3), (1 << 30, 3 / 4))

_NAMES = {"NVIDIA": "CUDA", "AMD": "ROCm", "Intel": "SYCL", "Apple": "MTL"}


def imagine(text: str, catalogue: Catalogue, here: Machine) -> Machine:
    """Return the machine that some words describe.

    Args:
        text: As `read_description` takes it; what is not said is as on this machine.
        catalogue: What the cards are.
        here: This machine; what RPC workers lend it does not count.

    Raises:
        UserError: If the words cannot be understood.
    """
    words = read_description(text, catalogue)
    here = replace(here, gpus=tuple(gpu for gpu in here.gpus if not gpu.worker))
    if words.is_unified:
        machine = _unified(text, words, here)
    elif words.cards:
        machine = replace(here, cpu=_cpu(words, here.cpu), gpus=_gpus(words), is_unified=False)
    else:
        machine = replace(here, cpu=_cpu(words, here.cpu))
    return replace(_with_free(machine, words), note="", name=text.strip())


def _gpus(words: Description) -> tuple[Device, ...]:
    cards = [card for card, count in words.cards for _ in range(count)]
    counts: dict[str, int] = {}
    found = []
    for card in cards:
        prefix = _NAMES.get(card.vendor, "GPU")
        index = counts.get(prefix, 0)
        counts[prefix] = index + 1
        size = card.memory_gib[0] * GIB
        found.append(_gpu(card, f"{prefix}{index}", size, size - CARD_OVERHEAD_BYTES))
    return tuple(found)


def _gpu(card: Card, name: str, total_bytes: int, free_bytes: int) -> Device:
    return Device(
        name=name,
        description=card.name,
        kind=DeviceKind.GPU,
        total_bytes=total_bytes,
        free_bytes=free_bytes,
        bandwidth_gb_s=card.bandwidth_gb_s,
        fp16_tflops=card.fp16_tflops,
        link_gb_s=card.link_gb_s,
    )


def _cpu(words: Description, here: Device) -> Device:
    if not words.ram_gib:
        return here
    total = int(words.ram_gib * GIB)
    return replace(
        here,
        total_bytes=total,
        free_bytes=max(total - SYSTEM_BYTES, total // 2),
        bandwidth_gb_s=words.ram_kind.bandwidth_gb_s if words.ram_kind else here.bandwidth_gb_s,
    )


def _unified(text: str, words: Description, here: Machine) -> Machine:
    card = words.cards[0][0]
    sizes = card.memory_gib
    size = words.ram_gib or (sizes[0] if len(sizes) == 1 else 0)
    if not size:
        sold = " or ".join(map(str, sizes)) or "for example 32"
        raise UserError(
            f"{card.name} is sold with different memory; say how much.",
            hint=f"{sold} GB: {text.strip()} {sizes[-1] if sizes else 32}GB",
        )
    cpu = replace(
        _cpu(replace(words, ram_gib=size), here.cpu),
        description=card.name,
        bandwidth_gb_s=card.bandwidth_gb_s,
    )
    share = next(share for limit, share in _METAL_SHARES if size <= limit)
    usable = int(cpu.total_bytes * share) if card.vendor == "Apple" else cpu.free_bytes
    gpu = _gpu(card, f"{_NAMES.get(card.vendor, 'GPU')}0", usable, min(usable, cpu.free_bytes))
    return replace(here, cpu=cpu, gpus=(gpu,), is_unified=True)


def _with_free(machine: Machine, words: Description) -> Machine:
    devices = list(machine.gpus or (machine.cpu,))
    for named, gib in words.free_gib:
        indices = range(named or len(devices)) if machine.gpus else range(1)
        for i in indices:
            free = min(int(gib * GIB), devices[i].total_bytes)
            devices[i] = replace(devices[i], free_bytes=free)
    if machine.gpus:
        return replace(machine, gpus=tuple(devices))
    return replace(machine, cpu=devices[0])
