"""Which block goes to which device, by llama.cpp's own arithmetic."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corral.plan.machine import Device, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Devices of the parts of a model.

    Attributes:
        blocks: Device of each block, by name.
        output: Device of the output layer.
        cpu: Name of the CPU, where the input always is.
    """

    blocks: tuple[str, ...]
    output: str
    cpu: str

    @property
    def block_devices(self) -> frozenset[str]:
        """Devices that hold at least one block."""
        return frozenset(self.blocks)


def layer_count(n_gpu_layers: int, n_blocks: int, machine: Machine) -> int:
    """Return how many layers really go to GPUs; the output layer counts as one, -1 means all."""
    most = n_blocks + 1
    if not machine.gpus:
        return 0
    return most if n_gpu_layers < 0 else min(n_gpu_layers, most)


def place(n_gpu_layers: int, n_blocks: int, machine: Machine) -> Placement:
    """Return where llama.cpp puts the blocks: the last ones on GPUs, shared by free memory."""
    n_layers = layer_count(n_gpu_layers, n_blocks, machine)
    first = n_blocks + 1 - n_layers
    shares = _cumulative_shares(machine.gpus)
    devices = [
        machine.cpu.name
        if i < first
        else machine.gpus[bisect_right(shares, (i - first) / n_layers)].name
        for i in range(n_blocks + 1)
    ]
    return Placement(blocks=tuple(devices[:-1]), output=devices[-1], cpu=machine.cpu.name)


def _cumulative_shares(gpus: Sequence[Device]) -> list[float]:
    """Return where each GPU's share ends; without the last, which takes all that is left."""
    total = sum(gpu.free_bytes for gpu in gpus) or 1
    return [x / total for x in itertools.accumulate(gpu.free_bytes for gpu in gpus)][:-1]
