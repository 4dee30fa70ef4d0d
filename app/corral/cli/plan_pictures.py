"""`corral plan MODEL --map` and `--contexts`: the layers of a plan, and other context lengths."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from corral.cli.output import print_table
from corral.plan.layer_map import DeviceMap, Layer, LayerKind, LayerMap, LayerPart, MapCell
from corral.plan.over_context import ContextStep
from corral.plan.plan import Kind, Part, Verdict
from corral.plan.speed import Speed
from corral.units import memory_size

VERDICTS = {Verdict.FITS: "fits", Verdict.TIGHT: "tight", Verdict.OVER: "does not fit"}
_TITLES = {
    LayerPart.ATTENTION: "ATTENTION",
    LayerPart.FEED_FORWARD: "FEED-FORWARD",
    LayerPart.EXPERTS: "EXPERTS",
    LayerPart.OTHER: "OTHER",
    LayerPart.KV: "KV",
    LayerPart.STATE: "STATE",
}


def band(speed: Speed | None) -> str:
    """Return a speed for people: "95 to 173", more digits where there are few tokens."""
    if speed is None:
        return "unknown"
    digits = 0 if speed.low >= 10 else 1
    return f"{speed.low:.{digits}f} to {speed.high:.{digits}f}"


def print_map(found: LayerMap) -> None:
    """Print which layers are on which device; layers that are alike share a row."""
    used = [part for part in LayerPart if _is_used(found, part)]
    rows = [
        (
            _run(cells),
            device.device.name,
            *(_size(cells[0].part_bytes(part)) for part in used),
            memory_size(cells[0].size_bytes),
        )
        for device in found.devices
        for cells in _runs(device)
    ]
    print_table(("LAYERS", "DEVICE", *(_TITLES[part] for part in used), "EACH"), rows)
    print_table(
        ("DEVICE", "LAYERS", "OTHER WEIGHTS", "COMPUTE, OUTPUT", "BESIDE", "PLANNED"),
        [
            (
                device.device.name,
                memory_size(device.layers_bytes),
                memory_size(device.other_weight_bytes + device.other_cache_bytes),
                memory_size(device.compute_bytes),
                _size(device.beside_bytes),
                memory_size(device.total_bytes),
            )
            for device in found.devices
        ],
    )
    if not found.is_cache_known:
        print("what the layers keep in the KV cache is unknown: llama.cpp's architecture is new")


def map_json(found: LayerMap) -> list[dict[str, object]]:
    """Return the map as JSON: each device with its layers, each layer with its tensors."""
    return [
        {
            "name": device.device.name,
            "layers_bytes": device.layers_bytes,
            "other_weight_bytes": device.other_weight_bytes,
            "other_cache_bytes": device.other_cache_bytes,
            "compute_bytes": device.compute_bytes,
            "beside_bytes": device.beside_bytes,
            "total_bytes": device.total_bytes,
            "layers": [_cell_json(cell) for cell in device.cells if cell],
        }
        for device in found.devices
    ]


def print_contexts(steps: Sequence[ContextStep]) -> None:
    """Print what each context length takes of each device."""
    devices = steps[0].plan.machine.devices
    is_unknown = any(step.plan.unknown for step in steps)
    rows = [
        (
            f"{step.n_ctx}{' (trained)' if step.is_trained else ''}",
            *(memory_size(step.plan.size_bytes(device.name)) for device in devices),
            memory_size(step.plan.total_bytes),
            VERDICTS[step.plan.verdict],
            band(step.generation),
        )
        for step in steps
    ]
    names = (device.name for device in devices)
    print_table(("CONTEXT", *names, "PLANNED", "VERDICT", "TOKENS/S WHEN FULL"), rows)
    kind = Kind.EXACT if all(x.plan.kind is Kind.EXACT for x in steps) else Kind.FORMULA
    print(f"planned, {kind}; tokens/s are estimated with the whole context in use")
    if is_unknown:
        print("without KV cache and compute buffers: they are unknown for this architecture")


def contexts_json(steps: Sequence[ContextStep]) -> list[dict[str, object]]:
    """Return what each context length takes as JSON."""
    return [
        {
            "n_ctx": step.n_ctx,
            "is_trained": step.is_trained,
            "kind": step.plan.kind,
            "verdict": step.plan.verdict,
            "total_bytes": step.plan.total_bytes,
            "devices": [
                {
                    "name": device.name,
                    **{f"{part}_bytes": step.plan.size_bytes(device.name, part) for part in Part},
                }
                for device in step.plan.machine.devices
            ],
            "unknown": list(step.plan.unknown),
            "generation": asdict(step.generation) if step.generation else None,
        }
        for step in steps
    ]


def layer_name(layer: Layer) -> str:
    """Return a layer's name: the number of a block, or what it is."""
    return str(layer.block) if layer.kind is LayerKind.BLOCK else layer.kind.value


def _is_used(found: LayerMap, part: LayerPart) -> bool:
    cells = (cell for device in found.devices for cell in device.cells if cell)
    return any(cell.part_bytes(part) for cell in cells)


def _runs(device: DeviceMap) -> Iterator[list[MapCell]]:
    """Yield the layers of a device; blocks of the same sizes that follow one another together."""

    def what(pair: tuple[int, MapCell | None]) -> object:
        column, cell = pair
        if cell is None:
            return None
        return cell.sizes if cell.layer.kind is LayerKind.BLOCK else column

    for _, pairs in itertools.groupby(enumerate(device.cells), what):
        cells = [cell for _, cell in pairs if cell]
        if cells:
            yield cells


def _run(cells: Sequence[MapCell]) -> str:
    first, last = layer_name(cells[0].layer), layer_name(cells[-1].layer)
    return first if first == last else f"{first} to {last}"


def _size(size_bytes: int) -> str:
    return memory_size(size_bytes) if size_bytes else ""


def _cell_json(cell: MapCell) -> dict[str, object]:
    is_block = cell.layer.kind is LayerKind.BLOCK
    return {
        "layer": cell.layer.kind,
        "block": cell.layer.block if is_block else None,
        **{f"{part}_bytes": cell.part_bytes(part) for part in LayerPart},
        "tensors": [
            {
                "name": tensor.use.tensor.name,
                "type": tensor.use.tensor.type.label,
                "shape": list(tensor.use.tensor.shape),
                "size_bytes": tensor.size_bytes,
                "is_mapped": tensor.is_mapped,
            }
            for tensor in cell.tensors
        ],
    }
