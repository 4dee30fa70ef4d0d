"""What other programs hold: of main memory, and of graphics cards where the driver tells."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corral.foreign import safe_line
from corral.hardware.machine import CPU, cards_of
from corral.hardware.nvidia import nvidia_cards
from corral.plan.machine import Device
from corral.units import MIB, memory_size

MOST_PROGRAMS = 5
# Smaller ones do not decide whether a model fits.
LEAST_BYTES = 64 * MIB
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program by its name, with all of its processes.

    Attributes:
        name: Its name, safe to show.
        device: Device of whose memory it holds some, as llama.cpp calls it.
        used_bytes: How much; None where the driver names it and does not tell.
    """

    name: str
    device: str
    used_bytes: int | None


def other_programs(gpus: Sequence[Device]) -> tuple[Program, ...]:
    """Return the programs that hold most, device by device, the largest first; never this one.

    Args:
        gpus: Those of this machine.

    Thread: any but the event loop's; it reads every process.
    """
    names, resident = _processes()
    found = [
        program
        for gpu, card in cards_of(gpus, nvidia_cards())
        for program in _largest(
            gpu.name, ((names.get(p.pid, ""), p.used_bytes) for p in card.processes)
        )
    ]
    main_memory = ((names[pid], used) for pid, used in resident.items())
    return (*found, *_largest(CPU, main_memory))


def in_words(programs: Iterable[Program]) -> str:
    """Return programs as "CPU: firefox 1.20 GiB, …" for each device; "" for none."""
    said: dict[str, list[str]] = {}
    for program in programs:
        size = "(size not told)" if program.used_bytes is None else memory_size(program.used_bytes)
        said.setdefault(program.device, []).append(f"{program.name} {size}")
    return "; ".join(f"{device}: {', '.join(words)}" for device, words in said.items())


def _processes() -> tuple[Mapping[int, str], Mapping[int, int]]:
    """Return names and resident bytes of all processes but ours."""
    import psutil  # lazy: not needed before the first window

    ours = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    names, resident = {}, {}
    for process in psutil.process_iter(["name", "memory_info"]):
        if process.pid not in ours:
            memory = process.info["memory_info"]  # None where it may not be read
            names[process.pid] = process.info["name"] or f"process {process.pid}"
            # What it shares with others is not its alone.
            resident[process.pid] = (memory.rss - getattr(memory, "shared", 0)) if memory else 0
    return names, resident


def _largest(device: str, held: Iterable[tuple[str, int | None]]) -> list[Program]:
    sizes: Counter[str] = Counter()
    silent: dict[str, None] = {}
    for name, used in held:
        if name and used is None:
            silent[name] = None
        elif name and used:
            sizes[name] += used
    told = [(name, used) for name, used in sizes.most_common(MOST_PROGRAMS) if used >= LEAST_BYTES]
    untold = [(name, None) for name in silent if name not in sizes]
    return [
        Program(name=safe_line(name, _LONGEST_NAME), device=device, used_bytes=used)
        for name, used in (*told, *untold)[:MOST_PROGRAMS]
    ]
