"""NVIDIA's management library as `pynvml` offers it, for machines that have no such card."""

from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace


class FakeNvmlError(Exception):
    """What `pynvml` raises."""


@dataclass(slots=True, kw_only=True)
class FakeCard:
    """One card: figures in bytes; processes by number, None where the driver is silent."""

    name: str = "NVIDIA GeForce RTX 4070"
    total: int
    used: int
    computes: dict[int, int | None] = field(default_factory=dict)
    draws: dict[int, int | None] = field(default_factory=dict)
    tells_processes: bool = True


def fake_pynvml(*cards: FakeCard, has_driver: bool = True) -> ModuleType:
    """Return a module that answers as `pynvml` does on a machine with these cards."""
    module = ModuleType("pynvml")

    def start() -> None:
        if not has_driver:
            raise FakeNvmlError("Driver Not Loaded")

    def processes(card: FakeCard, held: dict[int, int | None]) -> list[SimpleNamespace]:
        if not card.tells_processes:
            raise FakeNvmlError("Not Supported")
        return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in held.items()]

    module.__dict__.update(
        NVMLError=FakeNvmlError,
        nvmlInit=start,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: len(cards),
        nvmlDeviceGetHandleByIndex=lambda index: cards[index],
        nvmlDeviceGetName=lambda card: card.name,
        nvmlDeviceGetMemoryInfo=lambda card: SimpleNamespace(
            total=card.total, free=card.total - card.used, used=card.used
        ),
        nvmlDeviceGetComputeRunningProcesses=lambda card: processes(card, card.computes),
        nvmlDeviceGetGraphicsRunningProcesses=lambda card: processes(card, card.draws),
    )
    return module
