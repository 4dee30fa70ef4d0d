"""Bytes of the weights on each device, by llama.cpp's placement rules. Exact.

The input (embeddings) is always in main memory, each block on the device of its layer, all else
with the output layer. In main memory the file can be mapped: then the whole span from the first to
the last tensor used there is read in place, gaps included, and only repacked weights are copied.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corral.gguf.header import Header, TensorInfo
from corral.plan.alignment import CPU_ALIGNMENT, GPU_ALIGNMENT, padded, row_padding_bytes
from corral.plan.architectures import WITHOUT_OUTPUT
from corral.plan.keys import Keys
from corral.plan.machine import Machine
from corral.plan.options import LoadMode
from corral.plan.placement import Placement
from corral.plan.repack import NOTHING_REPACKED, RepackRule

_BLOCK = re.compile(r"(?:^|\.)blk\.(\d+)\.")
_INPUT = re.compile(r"(token_embd|token_types|pos(ition)?_embd|per_layer_token_embd)\.")
_WITH_FIRST_BLOCK = re.compile(r"token_embd_norm|per_layer_model_proj|per_layer_proj_norm|hrm\.")
# What `llama.placement` keeps in main memory.
_EXPERTS = re.compile(r"ffn_(up|down|gate|gate_up)_(ch|)exps")
# Its `token_embd_norm` is the norm of the output.
_LFM2 = "lfm2"
_ROPE = re.compile(r"rope_(freqs|factors)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWeights:
    """The weights of one device.

    Attributes:
        allocated_bytes: In memory of its own.
        mapped_bytes: Read in place from the file.
    """

    allocated_bytes: int = 0
    mapped_bytes: int = 0


def device_weights(
    header: Header,
    placement: Placement,
    load_mode: LoadMode,
    machine: Machine,
    roles: Sequence[TensorRole] | None = None,
    *,
    is_mtp: bool = False,
) -> dict[str, DeviceWeights]:
    """Return the weights of each device that holds any.

    Args:
        header: Of the model file.
        placement: Where the blocks go.
        load_mode: How the file is read.
        machine: Where.
        roles: What its tensors are, if that was asked before.
        is_mtp: Whether the blocks that only predict further tokens are loaded too.
    """
    repack = repack_rule(machine)
    groups: dict[str, list[TensorUse]] = defaultdict(list)
    n_blocks = Keys(header).count if is_mtp else Keys(header).own_count
    for use in tensor_uses(roles or tensor_roles(header), n_blocks, placement):
        groups[use.device].append(use)
    return {
        name: _cpu_weights(uses, load_mode, repack) if name == placement.cpu else _gpu_weights(uses)
        for name, uses in groups.items()
    }


def is_tied(header: Header) -> bool:
    """Whether the output layer uses the embeddings of the input, having no weights of its own."""
    names = {tensor.name for tensor in header.tensors}
    return (
        "output.weight" not in names
        and "token_embd.weight" in names
        and header.architecture not in WITHOUT_OUTPUT
    )


class Place(StrEnum):
    """Where a tensor goes."""

    BLOCK = "block"
    EVERY_BLOCK_DEVICE = "every_block_device"
    INPUT = "input"
    BOTH = "both"  # input, and output too
    OUTPUT = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorRole:
    """What a tensor is.

    Attributes:
        tensor: It.
        place: Where it goes.
        block: With which block, if it goes with one.
        is_expert: Whether it holds a block's experts.
    """

    tensor: TensorInfo
    place: Place
    block: int = 0
    is_expert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorUse:
    """A tensor on a device.

    Attributes:
        role: What it is.
        device: Name of the device.
        is_lookup: Whether it is only looked up, not multiplied with.
        is_second: Whether it shares the first use's memory where the layouts are the same.
    """

    role: TensorRole
    device: str
    is_lookup: bool = False
    is_second: bool = False

    @property
    def tensor(self) -> TensorInfo:
        """The tensor itself."""
        return self.role.tensor


def tensor_roles(header: Header) -> tuple[TensorRole, ...]:
    """Return what each tensor is; asked once for a model, as names have to be read for it."""
    tied, is_lfm2 = is_tied(header), header.architecture.startswith(_LFM2)
    return tuple(_role(tensor, is_tied=tied, is_lfm2=is_lfm2) for tensor in header.tensors)


def _role(tensor: TensorInfo, *, is_tied: bool, is_lfm2: bool) -> TensorRole:
    name = tensor.name
    if block := _BLOCK.search(name):
        is_expert = _EXPERTS.search(name) is not None
        return TensorRole(
            tensor=tensor, place=Place.BLOCK, block=int(block[1]), is_expert=is_expert
        )
    if _ROPE.match(name):
        return TensorRole(tensor=tensor, place=Place.EVERY_BLOCK_DEVICE)
    if _WITH_FIRST_BLOCK.match(name) and not is_lfm2:
        return TensorRole(tensor=tensor, place=Place.BLOCK)
    if _INPUT.match(name):
        is_both = is_tied and name == "token_embd.weight"
        return TensorRole(tensor=tensor, place=Place.BOTH if is_both else Place.INPUT)
    return TensorRole(tensor=tensor, place=Place.OUTPUT)


def tensor_uses(
    roles: Sequence[TensorRole], own_count: int, placement: Placement
) -> Iterator[TensorUse]:
    """Yield each tensor with each device that holds it.

    Args:
        roles: The tensors.
        own_count: Blocks that are loaded; those beyond only predict further tokens.
        placement: Where the blocks go.
    """
    for role in roles:
        if role.place is Place.BLOCK and role.block >= own_count:
            continue
        if device := placement.overriding(role.tensor.name):
            yield TensorUse(role=role, device=device)
        else:
            yield from _uses(role, placement)


def _uses(role: TensorRole, placement: Placement) -> Iterator[TensorUse]:
    match role.place:
        case Place.BLOCK:
            is_kept = role.is_expert and role.block < placement.cpu_expert_layers
            device = placement.cpu if is_kept else placement.blocks[role.block]
            yield TensorUse(role=role, device=device)
        case Place.EVERY_BLOCK_DEVICE:
            for device in placement.block_devices:
                yield TensorUse(role=role, device=device)
        case Place.INPUT | Place.BOTH:
            yield TensorUse(role=role, device=placement.cpu, is_lookup=True)
            if role.place is Place.BOTH:
                yield TensorUse(role=role, device=placement.output, is_second=True)
        case Place.OUTPUT:
            yield TensorUse(role=role, device=placement.output)


def repack_rule(machine: Machine) -> RepackRule:
    """Return which weights in main memory are stored in a layout of their own on a machine."""
    is_beside_gpu = bool(machine.gpus) and not machine.cpu.repack.is_used_beside_gpu
    return NOTHING_REPACKED if is_beside_gpu else machine.cpu.repack


def stored_bytes(
    use: TensorUse, *, is_on_cpu: bool, load_mode: LoadMode, repack: RepackRule
) -> tuple[int, bool]:
    """Return what one tensor takes of its device's memory, and whether it is read in place.

    The sum is what `device_weights` says, but for the gaps in a mapped file.
    """
    if not is_on_cpu:
        return _gpu_bytes(use), False
    copied = _copied_bytes(use, repack)
    if copied is not None or use.is_second:
        return copied or 0, False
    if load_mode.is_mapped:
        return use.tensor.size_bytes, True
    return padded(use.tensor.size_bytes, CPU_ALIGNMENT), False


def _gpu_weights(uses: Sequence[TensorUse]) -> DeviceWeights:
    return DeviceWeights(allocated_bytes=sum(map(_gpu_bytes, uses)))


def _gpu_bytes(use: TensorUse) -> int:
    tensor = use.role.tensor
    type_ = tensor.type
    padding = row_padding_bytes(use.device, tensor.shape[0], type_.block_size, type_.block_bytes)
    return padded(tensor.size_bytes + padding, GPU_ALIGNMENT)


def _cpu_weights(uses: Sequence[TensorUse], mode: LoadMode, repack: RepackRule) -> DeviceWeights:
    copied, plain = 0, []
    for use in uses:
        size = _copied_bytes(use, repack)
        if size is not None:
            copied += size
        elif not use.is_second:
            plain.append(use.tensor)
    if mode.is_mapped and plain:
        return DeviceWeights(allocated_bytes=copied, mapped_bytes=_span(plain))
    size = sum(padded(tensor.size_bytes, CPU_ALIGNMENT) for tensor in plain)
    return DeviceWeights(allocated_bytes=copied + size)


def _copied_bytes(use: TensorUse, repack: RepackRule) -> int | None:
    """Return the bytes of a copy in a layout of its own, None where there is none."""
    size = None if use.is_lookup else repack.size_bytes(use.role.tensor)
    return None if size is None else padded(size, CPU_ALIGNMENT)


def _span(tensors: Sequence[TensorInfo]) -> int:
    first = min(tensor.offset for tensor in tensors)
    return max(tensor.offset + tensor.size_bytes for tensor in tensors) - first
