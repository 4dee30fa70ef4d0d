"""Maps and curves in words: for tables, tool tips and screen readers."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.plan.layer_map import DeviceMap, Layer, LayerKind, LayerMap, LayerPart, MapCell
from corral.plan.machine import Device, DeviceKind
from corral.plan.over_context import ContextStep
from corral.plan.plan import Kind, Plan, Verdict
from corral.plan.speed import Speed
from corral.units import count, memory_size

translate = QCoreApplication.translate
# So many tensors stand in a tool tip; all of them in the table below the map.
_TIP_TENSORS = 12


def part_label(part: LayerPart) -> str:
    """Return what a part of a layer is called."""
    match part:
        case LayerPart.ATTENTION:
            return translate("PlanPicture", "attention")
        case LayerPart.FEED_FORWARD:
            return translate("PlanPicture", "feed-forward")
        case LayerPart.EXPERTS:
            return translate("PlanPicture", "experts")
        case LayerPart.OTHER:
            return translate("PlanPicture", "other weights")
        case LayerPart.KV:
            return translate("PlanPicture", "KV cache")
        case LayerPart.STATE:
            return translate("PlanPicture", "recurrent state")


def layer_label(layer: Layer) -> str:
    """Return what a layer is called."""
    match layer.kind:
        case LayerKind.INPUT:
            return translate("PlanPicture", "Input")
        case LayerKind.SHARED:
            return translate("PlanPicture", "Shared by the layers")
        case LayerKind.BLOCK:
            return translate("PlanPicture", "Layer %1").replace("%1", str(layer.block))
        case LayerKind.OUTPUT:
            return translate("PlanPicture", "Output")


def device_label(device: Device) -> str:
    """Return what a device is called: graphics as llama.cpp names them, memory as memory."""
    if device.kind is DeviceKind.CPU:
        return translate("PlanPicture", "Memory")
    return safe_line(device.name)


def device_title(device: Device) -> str:
    """Return a device's name with its description."""
    if device.kind is DeviceKind.CPU:
        return device_label(device)
    return f"{safe_line(device.description)} ({safe_line(device.name)})"


def cell_words(layer: Layer, device: Device, cell: MapCell | None) -> str:
    """Return what a layer has on a device: "Layer 3 on CUDA0: 210 MiB; attention 12 MiB, …"."""
    if cell is None:
        text = translate("PlanPicture", "%1: nothing on %2")
        return text.replace("%1", layer_label(layer)).replace("%2", device_label(device))
    text = translate("PlanPicture", "%1 on %2: %3; %4")
    text = text.replace("%1", layer_label(layer)).replace("%2", device_label(device))
    return text.replace("%3", memory_size(cell.size_bytes)).replace("%4", _parts(cell))


def cell_tip(layer: Layer, device: Device, cell: MapCell | None) -> str:
    """Return the same with the largest tensors, one a line."""
    lines = [cell_words(layer, device, cell)]
    if cell:
        largest = sorted(cell.tensors, key=lambda tensor: -tensor.size_bytes)
        for tensor in largest[:_TIP_TENSORS]:
            info = tensor.use.tensor
            size = memory_size(tensor.size_bytes)
            lines.append(f"{safe_line(info.name)}  {info.type.label}  {size}")
        if len(largest) > _TIP_TENSORS:
            lines.append("…")
    return "\n".join(lines)


def _parts(cell: MapCell) -> str:
    return ", ".join(f"{part_label(part)} {memory_size(size)}" for part, size in cell.sizes)


def rest_words(found: LayerMap) -> str:
    """Return what the plan has beside the layers, for each device that has some of it."""
    said = [_rest(device) for device in found.devices if device.total_bytes]
    if not found.is_cache_known:
        said.append(
            translate(
                "PlanPicture",
                "What the layers keep in the KV cache is unknown for this architecture.",
            )
        )
    return " ".join(said)


def _rest(device: DeviceMap) -> str:
    parts = [
        (translate("PlanPicture", "compute and output buffers"), device.compute_bytes),
        (translate("PlanPicture", "loaded beside the model"), device.beside_bytes),
        (_beyond(device.other_weight_bytes), device.other_weight_bytes),
        (translate("PlanPicture", "cache beyond the formulas"), device.other_cache_bytes),
    ]
    sums = [(translate("PlanPicture", "layers"), device.layers_bytes), *parts]
    words = ", ".join(f"{label} {memory_size(size)}" for label, size in sums if size)
    text = translate("PlanPicture", "%1: %2 planned (%3).").replace("%3", words)
    text = text.replace("%2", memory_size(device.total_bytes))
    return text.replace("%1", device_label(device.device))


def _beyond(size_bytes: int) -> str:
    """Return what weights are that no layer has."""
    if size_bytes < 0:
        return translate("PlanPicture", "weights beyond the formulas")
    return translate("PlanPicture", "gaps and padding")


def kind_words(plan: Plan) -> str:
    """Return where the figures of a plan come from."""
    if plan.kind is Kind.EXACT:
        return translate("PlanPicture", "planned exactly")
    return translate("PlanPicture", "planned by formulas")


def size_words(plan: Plan, device: str | None = None) -> str:
    """Return what is planned on a device, or in all; estimated and least figures say so."""
    lines = (line for line in plan.lines if device in (None, line.device))
    size = memory_size(plan.size_bytes(device))
    about = f"≈ {size}" if any(line.kind is Kind.ASSUMED for line in lines) else size
    text = translate("PlanPicture", "at least %1") if plan.unknown else "%1"
    return text.replace("%1", about)


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict as one word or two."""
    match verdict:
        case Verdict.FITS:
            return translate("PlanPicture", "fits")
        case Verdict.TIGHT:
            return translate("PlanPicture", "tight")
        case Verdict.OVER:
            return translate("PlanPicture", "does not fit")


def speed_words(speed: Speed | None) -> str:
    """Return a speed as a band of figures: "95 to 173"."""
    if speed is None:
        return translate("PlanPicture", "unknown")
    digits = 0 if speed.low >= 10 else 1
    text = translate("PlanPicture", "%1 to %2")
    return text.replace("%1", f"{speed.low:.{digits}f}").replace("%2", f"{speed.high:.{digits}f}")


def step_words(step: ContextStep) -> str:
    """Return what a context length takes: "8 192 tokens: fits, 5.1 GiB planned, …"."""
    text = translate("PlanPicture", "%1 tokens: %2, %3 planned (%4), %5 tokens/s when full")
    text = text.replace("%1", count(step.n_ctx)).replace("%2", verdict_words(step.plan.verdict))
    text = text.replace("%3", size_words(step.plan))
    text = text.replace("%4", _by_device(step.plan))
    return text.replace("%5", speed_words(step.generation))


def _by_device(plan: Plan) -> str:
    devices = plan.machine.devices
    return ", ".join(f"{device_label(each)} {size_words(plan, each.name)}" for each in devices)


def bar_words(sizes: Iterable[tuple[str, int]]) -> str:
    """Return the parts of a bar: "weights 4.30 GiB, KV cache 1.00 GiB, free 3.10 GiB"."""
    return ", ".join(f"{label} {memory_size(size)}" for label, size in sizes)
