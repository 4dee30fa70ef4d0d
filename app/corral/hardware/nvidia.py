"""Memory of NVIDIA cards, asked of their driver: true at this moment, also for other programs."""

from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaCard:
    """One card.

    Attributes:
        name: Its name ("NVIDIA GeForce RTX 4070").
        total_bytes: Memory it has.
        free_bytes: Memory that no program holds now.
    """

    name: str
    total_bytes: int
    free_bytes: int


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
    )
