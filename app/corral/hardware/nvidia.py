"""Memory of NVIDIA cards, asked of their driver: true at this moment, also for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProcess:
    """A process that holds memory of a card.

    Attributes:
        pid: Its number.
        used_bytes: What it holds; None where the driver does not tell, as on Windows.
    """

    pid: int
    used_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaCard:
    """One card.

    Attributes:
        name: Its name ("NVIDIA GeForce RTX 4070").
        total_bytes: Memory it has.
        free_bytes: Memory that no program holds now.
        processes: Who holds memory of it, each once.
    """

    name: str
    total_bytes: int
    free_bytes: int
    processes: tuple[CardProcess, ...] = ()

    def own_bytes(self, pid: int) -> int | None:
        """Return what a process holds, 0 if it is not there, None where the driver is silent."""
        return next((each.used_bytes for each in self.processes if each.pid == pid), 0)


def nvidia_cards() -> list[NvidiaCard]:
    """Return the cards, none where there is no NVIDIA driver.

    Thread: any; takes some milliseconds.
    """
    import pynvml  # lazy: only where hardware is looked at

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        return [_card(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def _card(nvml: ModuleType, index: int) -> NvidiaCard:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return NvidiaCard(
        name=str(nvml.nvmlDeviceGetName(handle)),
        total_bytes=int(memory.total),
        free_bytes=int(memory.free),
        processes=_merged(_processes(nvml, handle)),
    )


def _processes(nvml: ModuleType, handle: object) -> Iterator[CardProcess]:
    """Yield who computes and who draws; a driver that tells neither is no reason to know less."""
    for listed in (
        nvml.nvmlDeviceGetComputeRunningProcesses,
        nvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        try:
            found = listed(handle)
        except nvml.NVMLError:
            continue
        for process in found:
            used = process.usedGpuMemory
            yield CardProcess(pid=int(process.pid), used_bytes=None if used is None else int(used))


def _merged(processes: Iterable[CardProcess]) -> tuple[CardProcess, ...]:
    """Return each process once: who both computes and draws is told twice with the same figure."""
    found: dict[int, CardProcess] = {}
    for process in processes:
        known = found.get(process.pid)
        if known is None or (process.used_bytes or 0) > (known.used_bytes or 0):
            found[process.pid] = process
    return tuple(found.values())
