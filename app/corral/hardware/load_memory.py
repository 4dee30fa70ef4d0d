"""What a load really took of the machine, and whether some of it went where it is slow.

Drivers on Windows, and on Linux with unified memory, move what a card has no room for to main
memory without a word; systems move main memory to the disk. Both still answer, many times slower.
What can be known of it differs: Linux tells what each process holds of a card, Windows only what
all of them hold together.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from corral.hardware.ledger import LoadEntry
from corral.hardware.machine import cards_of
from corral.hardware.nvidia import nvidia_cards
from corral.plan.machine import Device
from corral.plan.plan import Line
from corral.units import MIB, memory_size

# Less than this may be rounding, or other programs that came and went.
_LEAST_PAGED_BYTES, _LEAST_PAGED_SHARE = 64 * MIB, 0.05
_LEAST_SWAPPED_BYTES = 64 * MIB
_MOST_LOADS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMemory:
    """A card at one moment.

    Attributes:
        used_bytes: What all programs hold.
        own_bytes: What this one holds; None where the driver does not tell.
    """

    used_bytes: int
    own_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryState:
    """What this program, and what the system holds at one moment.

    Attributes:
        resident_bytes: Main memory of this program.
        swapped_bytes: What the system has moved to the disk since its start.
        cards: The cards, by llama.cpp's names of them.
    """

    resident_bytes: int
    swapped_bytes: int
    cards: Mapping[str, CardMemory]


def read_memory(gpus: Sequence[Device]) -> MemoryState:
    """Return what is held now.

    Args:
        gpus: Those of this machine.

    Thread: any but the event loop's; it may ask a driver.
    """
    import psutil  # lazy: comes with the first model

    cards = cards_of(gpus, nvidia_cards()) if gpus else ()
    return MemoryState(
        resident_bytes=int(psutil.Process().memory_info().rss),
        swapped_bytes=int(psutil.swap_memory().sout),
        cards={
            gpu.name: CardMemory(
                used_bytes=card.total_bytes - card.free_bytes, own_bytes=card.own_bytes(os.getpid())
            )
            for gpu, card in cards
        },
    )


def slow_memory(before: MemoryState, after: MemoryState, measured: Iterable[Line]) -> str:
    """Return in words what of a load went where it is slow; "" if nothing did, as far as is known.

    Args:
        before: The machine before the load.
        after: The machine after it.
        measured: What llama.cpp says that the load took.
    """
    taken: dict[str, int] = {}
    for line in measured:
        taken[line.device] = taken.get(line.device, 0) + line.size_bytes
    said = [
        _paged_words(device, taken[device], before.cards[device], state)
        for device, state in after.cards.items()
        if device in taken and device in before.cards
    ]
    return " ".join(filter(None, [*said, _swapped_words(before, after)]))


def paged_bytes(taken_bytes: int, before: CardMemory, after: CardMemory) -> int:
    """Return what a load took on a card that is not in the card's memory, 0 if it all is.

    Args:
        taken_bytes: What llama.cpp says that it took there.
        before: The card before the load.
        after: The card after it.
    """
    if before.own_bytes is None or after.own_bytes is None:
        grown = after.used_bytes - before.used_bytes
    else:
        grown = after.own_bytes - before.own_bytes
    missing = taken_bytes - grown
    least = max(_LEAST_PAGED_BYTES, _LEAST_PAGED_SHARE * taken_bytes)
    return missing if missing > least else 0


def overheads(loads: Iterable[LoadEntry]) -> dict[str, int]:
    """Return what a driver takes on each card beside what llama.cpp counts, learned from loads.

    It is taken once by a program, with its first model. Cards of which nothing is known are left
    out.

    Args:
        loads: Of this machine, the newest first.
    """
    found: dict[str, list[int]] = {}
    for load in loads:
        measured = {device: size for device, _, size in load.by_device()}
        for device, held in load.on_cards:
            if (over := held - measured.get(device, 0)) >= 0:
                found.setdefault(device, []).append(over)
    return {device: int(median(sizes[:_MOST_LOADS])) for device, sizes in found.items()}


def _paged_words(device: str, taken_bytes: int, before: CardMemory, after: CardMemory) -> str:
    missing = paged_bytes(taken_bytes, before, after)
    if not missing:
        return ""
    is_told = before.own_bytes is not None and after.own_bytes is not None
    seems = "is" if is_told else "seems to be"
    return (
        f"{memory_size(missing)} of the {memory_size(taken_bytes)} on {device} {seems} in main "
        "memory, where the driver moved it: many times slower. Put fewer layers on the GPU, or "
        "make the context shorter."
    )


def _swapped_words(before: MemoryState, after: MemoryState) -> str:
    swapped = after.swapped_bytes - before.swapped_bytes
    if swapped < _LEAST_SWAPPED_BYTES:
        return ""
    return (
        f"While it was loaded the system moved {memory_size(swapped)} of main memory to the disk, "
        "which makes everything slow. Close other programs, or choose a smaller model."
    )
