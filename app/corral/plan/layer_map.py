"""A map of a plan: which layer is on which device, with which parts and tensors.

The sizes are the formulas' own, so that they sum up to the plan by formulas; what a plan has beyond
them (gaps in a mapped file, what llama.cpp's allocator packs otherwise) is told apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from corral.plan.formula import Formula
from corral.plan.keys import Keys
from corral.plan.kv import block_bytes
from corral.plan.machine import Device
from corral.plan.options import ContextOptions
from corral.plan.placement import chosen_machine
from corral.plan.plan import COMPANION_PARTS, Part, Plan
from corral.plan.weights import (
    Place,
    TensorRole,
    TensorUse,
    repack_rule,
    stored_bytes,
    tensor_uses,
)

_ATTENTION = re.compile(r"\.(attn|cross_attn|post_att|ssm|time_mix|shortconv|indexer)")
_FEED_FORWARD = re.compile(r"\.(ffn|post_ff|exp_probs|channel_mix|layer_out_norm)")


class LayerPart(StrEnum):
    """What the bytes of a layer are for."""

    ATTENTION = "attention"  # or what stands in its place: state space, convolution
    FEED_FORWARD = "feed_forward"
    EXPERTS = "experts"
    OTHER = "other"  # the input's and the output's weights too
    KV = "kv"
    STATE = "state"


class LayerKind(StrEnum):
    """Which layer it is."""

    INPUT = "input"
    SHARED = "shared"  # a copy on each device that holds blocks
    BLOCK = "block"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the map.

    Attributes:
        kind: Which.
        block: The number of the block, 0 for the others.
    """

    kind: LayerKind
    block: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTensor:
    """A tensor on its device.

    Attributes:
        use: Which, and where.
        part: What part of its layer it is of.
        size_bytes: What it takes there.
        is_mapped: Whether it is read in place from the file.
    """

    use: TensorUse
    part: LayerPart
    size_bytes: int
    is_mapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCell:
    """What one layer has on one device.

    Attributes:
        layer: The layer.
        device: Name of the device.
        sizes: Bytes of its parts; no part is there twice or empty.
        tensors: Its weights there.
    """

    layer: Layer
    device: str
    sizes: tuple[tuple[LayerPart, int], ...]
    tensors: tuple[MapTensor, ...]

    @property
    def size_bytes(self) -> int:
        """All bytes of the layer on this device."""
        return sum(size for _, size in self.sizes)

    def part_bytes(self, part: LayerPart) -> int:
        """Return the bytes of one part."""
        return sum(size for each, size in self.sizes if each is part)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMap:
    """What one device holds.

    Attributes:
        device: Which, with its free memory.
        cells: One for each layer of the map; None where the layer has nothing here.
        other_weight_bytes: Weights of the plan that belong to no layer: gaps in a mapped file, and
            what an exact plan packs otherwise (then it may be negative).
        other_cache_bytes: KV cache and state of an exact plan beyond what the layers say.
        compute_bytes: Its compute and output buffers.
        beside_bytes: Projector, adapters and draft model.
    """

    device: Device
    cells: tuple[MapCell | None, ...]
    other_weight_bytes: int
    other_cache_bytes: int
    compute_bytes: int
    beside_bytes: int

    @property
    def layers_bytes(self) -> int:
        """All bytes of its layers."""
        return sum(cell.size_bytes for cell in self.cells if cell)

    @property
    def total_bytes(self) -> int:
        """What the plan takes of this device."""
        return (
            self.layers_bytes
            + self.other_weight_bytes
            + self.other_cache_bytes
            + self.compute_bytes
            + self.beside_bytes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerMap:
    """A plan, layer by layer.

    Attributes:
        layers: Input, what is shared (if anything is), the blocks in their order, output.
        devices: The devices of the machine, GPUs first.
        is_cache_known: Whether it is known what the layers keep; if not, no cell says it.
    """

    layers: tuple[Layer, ...]
    devices: tuple[DeviceMap, ...]
    is_cache_known: bool

    def cell(self, device: str, layer: Layer) -> MapCell | None:
        """Return what a layer has on a device."""
        column = self.layers.index(layer)
        found = next((each for each in self.devices if each.device.name == device), None)
        return found.cells[column] if found else None


_CACHE_PARTS = (LayerPart.KV, LayerPart.STATE)
_NO_CONTEXT = ContextOptions()
# Device and layer, as a number: what cells are found by.
_Key: TypeAlias = tuple[str, int]


def layer_map(formula: Formula, plan: Plan) -> LayerMap:
    """Return the map of a plan; see `LayerMapper` for many plans of one model."""
    return LayerMapper(formula).map(plan)


class LayerMapper:
    """Makes the maps of one model: its weights are looked at anew only where they move.

    Args:
        formula: The formulas of the model.

    Thread: one at a time.
    """

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self._layers = _layers(formula)
        self._parts = [_part_of(role) for role in formula.roles]
        self._columns = [self._column(role) for role in formula.roles]
        self._weights: tuple[object, dict[_Key, _Weights]] = None, {}

    def map(self, plan: Plan) -> LayerMap:
        """Return the map of a plan, for a machine that is there or not."""
        key = replace(plan.options, context=_NO_CONTEXT), plan.machine
        if self._weights[0] != key:
            self._weights = key, self._find_weights(plan)
        weights, caches = self._weights[1], self._caches(plan)
        cells = {
            key: self._cell(key, weights.get(key, _NO_WEIGHTS), caches.get(key, ()))
            for key in weights.keys() | caches.keys()
        }
        return LayerMap(
            layers=self._layers,
            devices=tuple(self._device(device, cells, plan) for device in plan.machine.devices),
            is_cache_known=self._formula.memory.is_known,
        )

    def _find_weights(self, plan: Plan) -> dict[_Key, _Weights]:
        formula, mode = self._formula, plan.options.load_mode
        placement = formula.placement(plan.options, plan.machine)
        repack = repack_rule(chosen_machine(plan.options, plan.machine))
        numbers = {id(role): number for number, role in enumerate(formula.roles)}
        tensors: dict[_Key, list[MapTensor]] = defaultdict(list)
        for use in tensor_uses(formula.roles, Keys(formula.header).own_count, placement):
            is_on_cpu = use.device == placement.cpu
            size, is_mapped = stored_bytes(use, is_on_cpu=is_on_cpu, load_mode=mode, repack=repack)
            if size:
                number = numbers[id(use.role)]
                column = len(self._layers) - 1 if use.is_second else self._columns[number]
                part = self._parts[number]
                tensor = MapTensor(use=use, part=part, size_bytes=size, is_mapped=is_mapped)
                tensors[use.device, column].append(tensor)
        return {key: _summed(found) for key, found in tensors.items()}

    def _caches(self, plan: Plan) -> dict[_Key, tuple[tuple[LayerPart, int], ...]]:
        """Return what the blocks keep; those that keep nothing are left out."""
        memory, context = self._formula.memory, plan.options.context
        if not memory.is_known:
            return {}
        placement = self._formula.placement(plan.options, plan.machine)
        first = self._first_block
        found = {}
        kept = block_bytes(memory, placement, context)
        for block, (device, *sizes) in enumerate(kept):
            if any(sizes):
                parts = zip(_CACHE_PARTS, sizes, strict=True)
                found[device, first + block] = tuple(pair for pair in parts if pair[1])
        return found

    def _cell(
        self, key: _Key, weights: _Weights, caches: tuple[tuple[LayerPart, int], ...]
    ) -> MapCell:
        device, column = key
        return MapCell(
            layer=self._layers[column],
            device=device,
            sizes=(*weights.sizes, *caches),
            tensors=weights.tensors,
        )

    def _device(self, device: Device, cells: dict[_Key, MapCell], plan: Plan) -> DeviceMap:
        own = tuple(cells.get((device.name, column)) for column in range(len(self._layers)))
        parts = [pair for cell in own if cell for pair in cell.sizes]
        cached = sum(size for part, size in parts if part in _CACHE_PARTS)
        weights = sum(size for part, size in parts if part not in _CACHE_PARTS)
        return DeviceMap(
            device=device,
            cells=own,
            other_weight_bytes=plan.size_bytes(device.name, Part.WEIGHTS, Part.MAPPED) - weights,
            other_cache_bytes=plan.size_bytes(device.name, Part.KV) - cached,
            compute_bytes=plan.size_bytes(device.name, Part.COMPUTE, Part.OUTPUT),
            beside_bytes=plan.size_bytes(device.name, *COMPANION_PARTS),
        )

    @property
    def _first_block(self) -> int:
        return 2 if self._layers[1].kind is LayerKind.SHARED else 1

    def _column(self, role: TensorRole) -> int:
        """Return the number of the layer that a tensor is of; -1 is the output."""
        match role.place:
            case Place.BLOCK:
                return self._first_block + role.block
            case Place.EVERY_BLOCK_DEVICE:
                return 1
            case Place.INPUT | Place.BOTH:
                return 0
            case Place.OUTPUT:
                return len(self._layers) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """The weights of one cell."""

    sizes: tuple[tuple[LayerPart, int], ...] = ()
    tensors: tuple[MapTensor, ...] = ()


_NO_WEIGHTS = _Weights()


def _summed(tensors: list[MapTensor]) -> _Weights:
    sizes: dict[LayerPart, int] = {}
    for tensor in tensors:
        sizes[tensor.part] = sizes.get(tensor.part, 0) + tensor.size_bytes
    return _Weights(
        sizes=tuple((part, sizes[part]) for part in LayerPart if part in sizes),
        tensors=tuple(tensors),
    )


def _layers(formula: Formula) -> tuple[Layer, ...]:
    is_shared = any(role.place is Place.EVERY_BLOCK_DEVICE for role in formula.roles)
    shared = (Layer(kind=LayerKind.SHARED),) if is_shared else ()
    blocks = (Layer(kind=LayerKind.BLOCK, block=block) for block in range(formula.n_blocks))
    return (Layer(kind=LayerKind.INPUT), *shared, *blocks, Layer(kind=LayerKind.OUTPUT))


def _part_of(role: TensorRole) -> LayerPart:
    if role.place is not Place.BLOCK:
        return LayerPart.OTHER
    if role.is_expert:
        return LayerPart.EXPERTS
    if _ATTENTION.search(role.tensor.name):
        return LayerPart.ATTENTION
    is_feed_forward = _FEED_FORWARD.search(role.tensor.name)
    return LayerPart.FEED_FORWARD if is_feed_forward else LayerPart.OTHER
