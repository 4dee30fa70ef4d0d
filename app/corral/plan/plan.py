"""A plan: what goes where, how many bytes, how sure, and whether it fits."""

from dataclasses import dataclass
from enum import StrEnum

from corral.plan.machine import Device, Machine
from corral.plan.options import LoadOptions

# Of the free memory, the share that a plan leaves alone: the system and other programs breathe.
RESERVED_SHARE = 0.10
# Beyond this share of the free memory a plan still fits, but other programs will feel it.
TIGHT_SHARE = 0.80


class Part(StrEnum):
    """What the bytes of a line are for."""

    WEIGHTS = "weights"
    MAPPED = "mapped"  # weights read in place from the file: page cache, not allocated
    KV = "kv"
    COMPUTE = "compute"
    OUTPUT = "output"
    PROJECTOR = "projector"  # its weights, and computing with them
    ADAPTERS = "adapters"
    DRAFT = "draft"  # the draft model's weights, cache and computing


# What is loaded beside the model itself.
COMPANION_PARTS = (Part.PROJECTOR, Part.ADAPTERS, Part.DRAFT)


class Kind(StrEnum):
    """Where a figure comes from."""

    EXACT = "exact"  # llama.cpp's own allocator said so
    FORMULA = "formula"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


class Verdict(StrEnum):
    """Whether the plan fits into what is free now, less the reserve."""

    FITS = "fits"
    TIGHT = "tight"
    OVER = "over"  # more than the free memory less the reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of a plan.

    Attributes:
        device: Name of the device, as llama.cpp calls it.
        part: What the bytes are for.
        size_bytes: How many.
        kind: How the figure was found.
    """

    device: str
    part: Part
    size_bytes: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What loading a model with these options on this machine takes.

    Attributes:
        options: What was planned; `n_gpu_layers` is a number of layers, no longer -1.
        machine: For which machine, at which moment.
        lines: The figures.
        n_layers: Layers of the model with the output layer: the most that `n_gpu_layers` can be.
        unknown: Parts that take memory nobody knows how much of; they have no lines.
    """

    options: LoadOptions
    machine: Machine
    lines: tuple[Line, ...]
    n_layers: int
    unknown: tuple[Part, ...] = ()

    @property
    def kind(self) -> Kind:
        """Exact when every line of the model itself is, else formula."""
        own = (line for line in self.lines if line.part not in COMPANION_PARTS)
        return Kind.EXACT if all(x.kind is Kind.EXACT for x in own) else Kind.FORMULA

    @property
    def total_bytes(self) -> int:
        """All bytes on all devices, those mapped from the file included."""
        return sum(line.size_bytes for line in self.lines)

    def size_bytes(self, device: str | None = None, *parts: Part) -> int:
        """Sum the lines of a device (None for all) and of some parts (none given: all)."""
        return sum(
            line.size_bytes
            for line in self.lines
            if (device is None or line.device == device) and (not parts or line.part in parts)
        )

    def budget_bytes(self, device: Device) -> int:
        """Return what a plan may take on a device: what is free now, less the reserve."""
        return int(device.free_bytes * (1 - RESERVED_SHARE))

    def taken_bytes(self, device: Device) -> int:
        """Return what the plan takes from a device's memory, with what the others take of it."""
        is_shared = self.machine.is_unified and device == self.machine.cpu
        return self.size_bytes(None if is_shared else device.name)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict over the devices; where a part is unknown, tight at the best."""
        taken = [(self.taken_bytes(d), d) for d in self.machine.devices]
        if any(size > self.budget_bytes(d) for size, d in taken):
            return Verdict.OVER
        is_tight = any(size > d.free_bytes * TIGHT_SHARE for size, d in taken)
        return Verdict.TIGHT if is_tight or self.unknown else Verdict.FITS

    @property
    def tightest(self) -> tuple[Device, int]:
        """The device that is fullest for its free memory, and the bytes planned there."""
        return max(
            ((d, self.taken_bytes(d)) for d in self.machine.devices),
            key=lambda pair: pair[1] / max(1, pair[0].free_bytes),
        )
