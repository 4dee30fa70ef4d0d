"""What a plan needs to know of a machine, real or not."""

from dataclasses import dataclass
from enum import StrEnum

from corral.plan.repack import NOTHING_REPACKED, RepackRule

# Cards whose backend is CUDA's code: what it takes on those that are not here is known.
PLANNABLE_CARDS = ("CUDA", "ROCm")


class DeviceKind(StrEnum):
    """What kind of memory a device computes from."""

    CPU = "cpu"
    GPU = "gpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One place where layers can live.

    Attributes:
        name: llama.cpp's own name of it ("CPU", "CUDA0").
        description: Its name for people ("AMD EPYC", "GeForce RTX 4070").
        kind: CPU or GPU.
        total_bytes: Memory it has.
        free_bytes: Memory that is free now.
        repack: Which weights it stores in a layout of its own; known of CPUs only.
        bandwidth_gb_s: Peak of its memory in 10^9 bytes a second, 0 where it is not known.
        fp16_tflops: Peak of its matrix units, 0 where it is not known.
        link_gb_s: What copies from main memory reach, 0 where it is not known.
        worker: Address of the RPC worker that it belongs to; empty for this machine's own.
    """

    name: str
    description: str
    kind: DeviceKind
    total_bytes: int
    free_bytes: int
    repack: RepackRule = NOTHING_REPACKED
    bandwidth_gb_s: float = 0.0
    fp16_tflops: float = 0.0
    link_gb_s: float = 0.0
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine at one moment.

    Attributes:
        cpu: Processor and main memory.
        gpus: Devices that this build of llama.cpp can use, in its order.
        physical_cores: Cores, not threads.
        note: Why there is no GPU to use, in plain words; empty when there is one.
        is_unified: Whether the GPUs compute from main memory, so that both take from the same.
        name: What a machine that is not there was called ("RTX 4090"); empty for this one.
    """

    cpu: Device
    gpus: tuple[Device, ...] = ()
    physical_cores: int = 1
    note: str = ""
    is_unified: bool = False
    name: str = ""

    @property
    def is_imagined(self) -> bool:
        """Whether this machine is not the one that Corral runs on."""
        return bool(self.name)

    @property
    def devices(self) -> tuple[Device, ...]:
        """All devices, GPUs first."""
        return (*self.gpus, self.cpu)

    @property
    def workers(self) -> tuple[str, ...]:
        """Addresses of the RPC workers that lend it devices."""
        return tuple(dict.fromkeys(gpu.worker for gpu in self.gpus if gpu.worker))

    def device(self, name: str) -> Device | None:
        """Return the device that llama.cpp calls `name`."""
        return next((d for d in self.devices if d.name == name), None)
