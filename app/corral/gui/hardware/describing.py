"""Plans and machines in words and bars."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.gui.hardware.view import DeviceView, FigureRow, LoadButton, PlanView
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import Role
from corral.gui.widgets.bar import Share
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.plan import Kind, Line, Part, Plan, Verdict
from corral.units import memory_size

translate = QCoreApplication.translate

_COLOURS = {
    Part.WEIGHTS: Role.ACCENT,
    Part.MAPPED: Role.ACCENT,
    Part.KV: Role.KV,
    Part.COMPUTE: Role.COMPUTE,
    Part.OUTPUT: Role.COMPUTE,
}


def device_views(
    machine: Machine, *, planned: Iterable[Line], measured: Iterable[Line]
) -> tuple[DeviceView, ...]:
    """Return the devices with what takes them.

    Args:
        machine: The machine now.
        planned: Lines of a model that is not loaded; they stand on top of what is in use.
        measured: Lines of the loaded model; they are a part of what is in use.
    """
    planned, measured = tuple(planned), tuple(measured)
    return tuple(_device_view(device, planned, measured) for device in machine.devices)


def _device_view(
    device: Device, planned: tuple[Line, ...], measured: tuple[Line, ...]
) -> DeviceView:
    lines = [line for line in measured or planned if line.device == device.name]
    held = sum(x.size_bytes for x in measured if x.device == device.name and x.part != Part.MAPPED)
    in_use = max(0, device.total_bytes - device.free_bytes - held)
    shares = [Share(role=_COLOURS[x.part], size_bytes=x.size_bytes) for x in lines]
    free = translate("Hardware", "%1 of %2 free").replace("%1", memory_size(device.free_bytes))
    is_gpu = device.kind is DeviceKind.GPU
    return DeviceView(
        name=safe_line(device.description) if is_gpu else translate("Hardware", "Memory"),
        free_text=free.replace("%2", memory_size(device.total_bytes)),
        total_bytes=device.total_bytes,
        shares=(*shares, Share(role=Role.IN_USE, size_bytes=in_use)),
        description=_share_words(lines, in_use),
    )


def _share_words(lines: list[Line], in_use: int) -> str:
    labels = _part_labels()
    parts = [(labels[line.part], line.size_bytes) for line in lines]
    parts.append((translate("Hardware", "in use by others"), in_use))
    return ", ".join(f"{label} {memory_size(size_bytes)}" for label, size_bytes in parts)


def machine_text(machine: Machine, *, cores: str) -> str:
    """Return a machine in one line of words.

    Args:
        machine: The machine.
        cores: "2 cores".
    """
    text = translate("Hardware", "%1, %2; %3 RAM, %4 free.")
    parts = [_device_text(text, machine.cpu, cores)]
    text = translate("Hardware", "%1 (%2): %3 VRAM, %4 free.")
    parts += [_device_text(text, gpu, gpu.name) for gpu in machine.gpus]
    return " ".join(filter(None, [*parts, translated(machine.note)]))


def _device_text(text: str, device: Device, what: str) -> str:
    text = text.replace("%1", safe_line(device.description)).replace("%2", what)
    text = text.replace("%3", memory_size(device.total_bytes))
    return text.replace("%4", memory_size(device.free_bytes))


def plan_view(
    plan: Plan,
    *,
    title: str,
    longest_ctx: int,
    measured: tuple[Line, ...] | None,
    is_loaded: bool,
    is_over_limit: bool,
    progress: str,
) -> PlanView:
    """Return the view of a plan.

    Args:
        plan: The plan.
        title: For which model, and why for this one.
        longest_ctx: The longest context the model was trained for.
        measured: What the model took, when it is loaded with this very plan.
        is_loaded: Whether it is loaded at all.
        is_over_limit: Whether loading it is more than the user's limit allows without a question.
        progress: What is going on while it loads.
    """
    verdict, look = _verdict(plan, is_running=measured is not None)
    has_gpu = any(device.kind is DeviceKind.GPU for device in plan.machine.devices)
    return PlanView(
        title=title,
        verdict=verdict,
        verdict_look=look,
        sentence=_sentence(plan),
        n_ctx=plan.options.context.n_ctx,
        longest_ctx=longest_ctx,
        gpu_layers=plan.options.n_gpu_layers,
        n_layers=plan.n_layers if has_gpu else 0,
        kv_type=plan.options.context.kv_type,
        rows=_rows(plan, measured),
        note=_note(plan, measured),
        button=_button(
            is_planned=measured is not None,
            is_loaded=is_loaded,
            is_over_limit=is_over_limit,
            busy=progress,
        ),
        progress=progress,
    )


def _verdict(plan: Plan, *, is_running: bool) -> tuple[str, str]:
    if is_running:
        return translate("Hardware", "Loaded."), "good"
    match plan.verdict:
        case Verdict.FITS:
            return translate("Hardware", "Fits."), "good"
        case Verdict.TIGHT:
            return translate("Hardware", "Tight."), "tight"
        case Verdict.OVER:
            return translate("Hardware", "Does not fit."), "bad"


def _sentence(plan: Plan) -> str:
    device, planned_bytes = plan.tightest
    if plan.verdict is Verdict.OVER:
        text = translate("Hardware", "%1 planned, %2 free, of which %3 can be used.")
        text = text.replace("%2", memory_size(device.free_bytes))
        text = text.replace("%3", memory_size(plan.budget_bytes(device)))
        return text.replace("%1", memory_size(planned_bytes))
    left = memory_size(device.free_bytes - planned_bytes)
    if device.kind is DeviceKind.CPU and not plan.machine.gpus:
        return translate("Hardware", "All on the CPU, %1 left.").replace("%1", left)
    text = translate("Hardware", "%1 of %2 layers on the GPU, %3 left.").replace("%3", left)
    text = text.replace("%1", str(plan.options.n_gpu_layers))
    return text.replace("%2", str(plan.n_layers))


def _part_labels() -> dict[Part, str]:
    return {
        Part.WEIGHTS: translate("Hardware", "weights"),
        Part.MAPPED: translate("Hardware", "weights, mapped file"),
        Part.KV: translate("Hardware", "KV cache"),
        Part.COMPUTE: translate("Hardware", "compute"),
        Part.OUTPUT: translate("Hardware", "output"),
    }


def _rows(plan: Plan, measured: tuple[Line, ...] | None) -> tuple[FigureRow, ...]:
    rows = []
    for part, label in _part_labels().items():
        planned = plan.size_bytes(None, part)
        found = sum(x.size_bytes for x in measured if x.part is part) if measured else 0
        if planned or found:
            figure = memory_size(found) if measured else ""
            rows.append(FigureRow(label=label, planned=memory_size(planned), measured=figure))
    total = sum(x.size_bytes for x in measured) if measured else None
    rows.append(
        FigureRow(
            label=translate("Hardware", "total"),
            planned=memory_size(plan.total_bytes),
            measured=memory_size(total) if total is not None else "",
        )
    )
    return tuple(rows)


def _note(plan: Plan, measured: tuple[Line, ...] | None) -> str:
    if plan.kind is Kind.EXACT:
        text = translate("Hardware", "planned exactly, by llama.cpp's dry run")
    else:
        text = translate("Hardware", "planned by formulas, the compute buffers to about 10 %")
    if measured is None:
        both = translate("Hardware", "%1; nothing measured: it is not loaded with this plan")
        return both.replace("%1", text)
    return text


def _button(*, is_planned: bool, is_loaded: bool, is_over_limit: bool, busy: str) -> LoadButton:
    if busy:
        return LoadButton.CANCEL
    if is_planned:
        return LoadButton.UNLOAD
    if is_over_limit:
        return LoadButton.LOAD_ANYWAY
    return LoadButton.RELOAD if is_loaded else LoadButton.LOAD
