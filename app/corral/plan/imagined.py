"""Machines that are not there, from words: `2x"RTX 3090"+64GB`, `M4 Max 64GB`, `only 9 GB free`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corral.errors import UserError
from corral.plan.cards import Card, Catalogue
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
_SIZE = r"(?P<size>\d+(?:\.\d+)?)\s*(?:g|gb|gib)"
_FREE = re.compile(rf"(?:only\s+)?{_SIZE}\s+free", re.IGNORECASE)
_RAM = re.compile(rf"{_SIZE}(?:\s*(?:ram|memory))?(?:\s+(?P<kind>.*[a-z].*))?", re.IGNORECASE)
_CARDS = re.compile(r"(?:(?P<count>\d+)\s*[x×*]\s*)?(?P<name>.*\S)", re.IGNORECASE)
_WITH_SIZE = re.compile(rf"(?P<name>.*\S)\s+{_SIZE}", re.IGNORECASE)
_HINT = 'Write it like "RTX 4090", 2x"RTX 3090"+64GB, "M4 Max 64GB" or "only 9 GB free".'
_AT_END = re.compile(rf"\s+{_SIZE}$", re.IGNORECASE)
_MOST_CARDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What a description says, part by part."""

    cards: list[tuple[Card, int]]
    free_gib: list[tuple[int, float]]
    ram_gib: float = 0.0
    ram_gb_s: float = 0.0


def imagine(text: str, catalogue: Catalogue, here: Machine) -> Machine:
    """Return the machine that some words describe.

    Args:
        text: Parts joined by "+": cards by name with a number before, main memory by its size,
            and "… GB free" for the cards named before it, or for this machine's when none is.
            What is not said is as on this machine.
        catalogue: What the cards are.
        here: This machine.

    Raises:
        UserError: If the words cannot be understood.
    """
    words = _read(text, catalogue)
    if words.cards and words.cards[0][0].is_unified:
        machine = _unified(text, words, here)
    elif words.cards:
        machine = replace(here, cpu=_cpu(words, here.cpu), gpus=_gpus(words), is_unified=False)
    else:
        machine = replace(here, cpu=_cpu(words, here.cpu))
    return replace(_with_free(machine, words), note="", name=text.strip())


def _read(text: str, catalogue: Catalogue) -> _Words:
    cards: list[tuple[Card, int]] = []
    free: list[tuple[int, float]] = []
    ram_gib = ram_gb_s = 0.0
    for part in _parts(text.replace('"', " ").replace("'", " "), catalogue):
        if match := _FREE.fullmatch(part):
            free.append((sum(count for _, count in cards), float(match["size"])))
        elif match := _RAM.fullmatch(part):
            ram_gib = float(match["size"])
            ram_gb_s = catalogue.memory_like(match["kind"]).bandwidth_gb_s if match["kind"] else 0
        elif match := _CARDS.fullmatch(part):
            card, size = _card(match["name"], catalogue)
            cards.append((card, int(match["count"] or 1)))
            ram_gib = size or ram_gib
    if not (cards or free or ram_gib):
        raise UserError(f"'{text}' describes no machine.", hint=_HINT)
    if not 0 <= sum(count for _, count in cards) <= _MOST_CARDS or any(n < 1 for _, n in cards):
        raise UserError(f"A machine has 1 to {_MOST_CARDS} cards.", hint=_HINT)
    if any(card.is_unified for card, _ in cards) and sum(n for _, n in cards) > 1:
        raise UserError("A chip that computes from main memory stands alone.", hint=_HINT)
    return _Words(cards=cards, free_gib=free, ram_gib=ram_gib, ram_gb_s=ram_gb_s)


def _parts(text: str, catalogue: Catalogue) -> Iterator[str]:
    """Split at plus signs and commas, but for those that belong to a name ("Max+ 395")."""
    pieces = [piece.strip() for piece in re.split(r"[+,]", text)]
    while pieces:
        for count in range(len(pieces), 0, -1):
            part = " ".join(pieces[:count]).strip()
            named = " ".join([*pieces[: count - 1], _AT_END.sub("", pieces[count - 1])])
            name = _CARDS.fullmatch(named)
            if count == 1 or (name and len(catalogue.cards_like(name["name"])) == 1):
                del pieces[:count]
                if part:
                    yield part
                break


def _card(name: str, catalogue: Catalogue) -> tuple[Card, float]:
    """Return a card, and the size of main memory if that was said with it."""
    with_size = _WITH_SIZE.fullmatch(name)
    if with_size and not catalogue.cards_like(name):
        card = catalogue.card(with_size["name"], int(float(with_size["size"])))
        if not card.is_unified and int(float(with_size["size"])) not in card.memory_gib:
            raise UserError(
                f"{card.name} has {card.memory_gib[0]} GB, not {with_size['size']} GB.",
                hint='Write "… GB free" for less of it, or "+64GB" for main memory.',
            )
        return card, float(with_size["size"]) if card.is_unified else 0.0
    return catalogue.card(name), 0.0


def _gpus(words: _Words) -> tuple[Device, ...]:
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


def _cpu(words: _Words, here: Device) -> Device:
    if not words.ram_gib:
        return here
    total = int(words.ram_gib * GIB)
    return replace(
        here,
        total_bytes=total,
        free_bytes=max(total - SYSTEM_BYTES, total // 2),
        bandwidth_gb_s=words.ram_gb_s or here.bandwidth_gb_s,
    )


def _unified(text: str, words: _Words, here: Machine) -> Machine:
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


def _with_free(machine: Machine, words: _Words) -> Machine:
    devices = list(machine.gpus or (machine.cpu,))
    for named, gib in words.free_gib:
        indices = range(named or len(devices)) if machine.gpus else range(1)
        for i in indices:
            free = min(int(gib * GIB), devices[i].total_bytes)
            devices[i] = replace(devices[i], free_bytes=free)
    if machine.gpus:
        return replace(machine, gpus=tuple(devices))
    return replace(machine, cpu=devices[0])
