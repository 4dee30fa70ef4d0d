"""Which block goes to which device, by llama.cpp's own arithmetic."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corral.plan.machine import Machine
from corral.plan.options import LoadOptions, SplitMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Devices of the parts of a model.

    Attributes:
        blocks: Device of each block, by name.
        output: Device of the output layer.
        cpu: Name of the CPU, where the input always is.
        cpu_expert_layers: The experts of so many blocks, from the first on, are there too.
        overrides: Patterns of tensor names, and the devices that get these.
    """

    blocks: tuple[str, ...]
    output: str
    cpu: str
    cpu_expert_layers: int = 0
    overrides: tuple[tuple[str, str], ...] = ()

    def overriding(self, tensor: str) -> str | None:
        """Return the device that a tensor goes to whatever its block does, None for none."""
        found = (device for pattern, device in self.overrides if re.search(pattern, tensor))
        return next(found, None)

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


def place_by(options: LoadOptions, n_blocks: int, machine: Machine) -> Placement:
    """Return where llama.cpp puts the blocks with these options."""
    chosen = chosen_machine(options, machine)
    split = options.tensor_split
    if options.split_mode is SplitMode.NONE:
        split = tuple(i == options.main_gpu for i in range(len(chosen.gpus)))
    placement = place(options.n_gpu_layers, n_blocks, chosen, split)
    return replace(
        placement,
        cpu_expert_layers=options.cpu_expert_layers if chosen.gpus else 0,
        overrides=options.tensor_overrides,
    )


def chosen_machine(options: LoadOptions, machine: Machine) -> Machine:
    """Return the machine with those of its GPUs alone that are to be used, in their order."""
    if not options.devices:
        return machine
    by_name = {gpu.name: gpu for gpu in machine.gpus}
    return replace(machine, gpus=tuple(by_name[n] for n in options.devices if n in by_name))


def place(
    n_gpu_layers: int, n_blocks: int, machine: Machine, split: Sequence[int] = ()
) -> Placement:
    """Return where llama.cpp puts the blocks: the last ones on GPUs.

    Args:
        n_gpu_layers: Layers on GPUs, -1 for all.
        n_blocks: Blocks of the model.
        machine: Where.
        split: Shares of the GPUs; () for their free memory.
    """
    n_layers = layer_count(n_gpu_layers, n_blocks, machine)
    first = n_blocks + 1 - n_layers
    weights = [*split, *(0 for _ in machine.gpus)][: len(machine.gpus)]
    shares = _cumulative_shares(weights if any(weights) else [g.free_bytes for g in machine.gpus])
    devices = [
        machine.cpu.name
        if i < first
        else machine.gpus[bisect_right(shares, (i - first) / n_layers)].name
        for i in range(n_blocks + 1)
    ]
    return Placement(blocks=tuple(devices[:-1]), output=devices[-1], cpu=machine.cpu.name)


def _cumulative_shares(weights: Sequence[int]) -> list[float]:
    """Return where each GPU's share ends; without the last, which takes all that is left."""
    total = sum(weights) or 1
    return [x / total for x in itertools.accumulate(weights)][:-1]
