"""Plans and machines in words and bars."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.gui.hardware import wording
from corral.gui.hardware.view import DeviceView, FigureRow, LoadButton, MoveView, PlanView
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import Role
from corral.gui.widgets.bar import Share
from corral.hardware.programs import Program
from corral.plan.learning import SpeedRun
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.plan import COMPANION_PARTS, Kind, Line, Part, Plan, Verdict
from corral.plan.speed import Speeds
from corral.units import memory_size

translate = QCoreApplication.translate

PART_ROLES = {
    Part.WEIGHTS: Role.ACCENT,
    Part.MAPPED: Role.ACCENT,
    Part.KV: Role.KV,
    Part.COMPUTE: Role.COMPUTE,
    Part.OUTPUT: Role.COMPUTE,
    Part.PROJECTOR: Role.ACCENT,
    Part.ADAPTERS: Role.ACCENT,
    Part.DRAFT: Role.ACCENT,
}


def device_views(
    machine: Machine,
    *,
    planned: Iterable[Line],
    measured: Iterable[Line],
    programs: Iterable[Program] = (),
) -> tuple[DeviceView, ...]:
    """Return the devices with what takes them.

    Args:
        machine: The machine now.
        planned: Lines of a model that is not loaded; they stand on top of what is in use.
        measured: Lines of the loaded model; they are a part of what is in use.
        programs: Other programs that hold most of it.
    """
    planned, measured, programs = tuple(planned), tuple(measured), tuple(programs)
    return tuple(
        replace(
            _device_view(device, planned, measured),
            others=wording.programs(each for each in programs if each.device == device.name),
        )
        for device in machine.devices
    )


def _device_view(
    device: Device, planned: tuple[Line, ...], measured: tuple[Line, ...]
) -> DeviceView:
    lines = [line for line in measured or planned if line.device == device.name]
    held = sum(x.size_bytes for x in measured if x.device == device.name and x.part != Part.MAPPED)
    in_use = max(0, device.total_bytes - device.free_bytes - held)
    shares = [Share(role=PART_ROLES[x.part], size_bytes=x.size_bytes) for x in lines]
    free = translate("Hardware", "%1 of %2 free").replace("%1", memory_size(device.free_bytes))
    return DeviceView(
        name=_device_name(device),
        free_text=free.replace("%2", memory_size(device.total_bytes)),
        total_bytes=device.total_bytes,
        shares=(*shares, Share(role=Role.IN_USE, size_bytes=in_use)),
        description=_share_words(lines, in_use),
    )


def _device_name(device: Device) -> str:
    if device.worker:
        return translate("Hardware", "RPC worker %1").replace("%1", device.worker)
    is_gpu = device.kind is DeviceKind.GPU
    return safe_line(device.description) if is_gpu else translate("Hardware", "Memory")


def _share_words(lines: list[Line], in_use: int) -> str:
    labels = part_labels()
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
    parts += [_device_text(text, gpu, gpu.name) for gpu in machine.gpus if not gpu.worker]
    text = translate("Hardware", "RPC worker %2: %3, %4 free.")
    parts += [_device_text(text, gpu, gpu.worker) for gpu in machine.gpus if gpu.worker]
    return " ".join(filter(None, [*parts, translated(machine.note)]))


def _device_text(text: str, device: Device, what: str) -> str:
    text = text.replace("%1", safe_line(device.description)).replace("%2", what)
    text = text.replace("%3", memory_size(device.total_bytes))
    return text.replace("%4", memory_size(device.free_bytes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a plan beside its figures.

    Attributes:
        longest_ctx: The longest context the model was trained for.
        n_expert_layers: Most layers whose experts can be in main memory.
        measured: What the model took, when it is loaded with this very plan.
        is_loaded: Whether it is loaded at all.
        is_over_limit: Whether loading it is more than the user's limit allows without a question.
        can_load: Whether it could be loaded: the model and the machine are here.
        progress: What is going on while it loads.
        speeds: How fast it would be.
        last_run: How fast it was, loaded with this plan.
        why_not_exact: Why there is no exact plan.
        moves: What would make it fit.
        giving_way_bytes: What loaded models hold; it counts as free, as they give way.
        slow_note: What of the loaded model went where it is slow, in words.
    """

    longest_ctx: int
    n_expert_layers: int = 0
    measured: tuple[Line, ...] | None = None
    is_loaded: bool = False
    is_over_limit: bool = False
    can_load: bool = True
    progress: str = ""
    speeds: Speeds | None = None
    last_run: SpeedRun | None = None
    why_not_exact: str = ""
    moves: tuple[MoveView, ...] = ()
    giving_way_bytes: int = 0
    slow_note: str = ""


def plan_view(plan: Plan, title: str, known: Known) -> PlanView:
    """Return the view of a plan.

    Args:
        plan: The plan.
        title: For which model, and why for this one.
        known: What is known of it.
    """
    measured = known.measured
    verdict, look = _verdict(plan, known)
    has_gpu = any(device.kind is DeviceKind.GPU for device in plan.machine.devices)
    options = plan.options
    return PlanView(
        title=title,
        verdict=verdict,
        verdict_look=look,
        sentence=_sentence(plan),
        n_ctx=options.context.n_ctx,
        longest_ctx=known.longest_ctx,
        gpu_layers=options.n_gpu_layers,
        n_layers=plan.n_layers if has_gpu else 0,
        expert_layers=options.cpu_expert_layers,
        n_expert_layers=known.n_expert_layers,
        kv_type=options.context.kv_type,
        micro_batch=options.context.n_ubatch,
        flash_attention=options.context.flash_attention,
        rows=(*_rows(plan, measured), *_speed_rows(known.speeds, known.last_run)),
        note=_note(plan, known),
        button=_button(known),
        moves=known.moves if measured is None else (),
        progress=known.progress,
    )


def _verdict(plan: Plan, known: Known) -> tuple[str, str]:
    if known.measured is not None:
        return translate("Hardware", "Loaded."), "good"
    if known.is_over_limit and plan.verdict is not Verdict.OVER:
        return translate("Hardware", "Over your limit."), "bad"
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


def part_labels() -> dict[Part, str]:
    """Return what the parts of a plan are called, in the order of its figures."""
    return {
        Part.WEIGHTS: translate("Hardware", "weights"),
        Part.MAPPED: translate("Hardware", "weights, mapped file"),
        Part.KV: translate("Hardware", "KV cache"),
        Part.COMPUTE: translate("Hardware", "compute"),
        Part.OUTPUT: translate("Hardware", "output"),
        Part.PROJECTOR: translate("Hardware", "projector"),
        Part.ADAPTERS: translate("Hardware", "adapters"),
        Part.DRAFT: translate("Hardware", "draft model"),
    }


def _about(plan: Plan, part: Part) -> str:
    """Return the sign before a figure that is estimated, nothing before others."""
    is_estimate = any(x.kind is Kind.ASSUMED for x in plan.lines if x.part is part)
    return "≈ " if is_estimate else ""


def _rows(plan: Plan, measured: tuple[Line, ...] | None) -> tuple[FigureRow, ...]:
    rows = []
    for part, label in part_labels().items():
        planned = plan.size_bytes(None, part)
        found = sum(x.size_bytes for x in measured if x.part is part) if measured else 0
        if planned or found or part in plan.unknown:
            # llama.cpp's account of a model leaves out what is loaded beside it.
            figure = memory_size(found) if measured and part not in COMPANION_PARTS else ""
            is_unknown = part in plan.unknown
            size = translate("Hardware", "unknown") if is_unknown else memory_size(planned)
            rows.append(FigureRow(label=label, planned=_about(plan, part) + size, measured=figure))
    total = sum(x.size_bytes for x in measured) if measured else None
    at_least = translate("Hardware", "at least %1") if plan.unknown else "%1"
    rows.append(
        FigureRow(
            label=translate("Hardware", "total"),
            planned=at_least.replace("%1", memory_size(plan.total_bytes)),
            measured=memory_size(total) if total is not None else "",
        )
    )
    return tuple(rows)


def _speed_rows(speeds: Speeds | None, run: SpeedRun | None) -> tuple[FigureRow, ...]:
    if speeds is None:
        return ()
    return (
        FigureRow(
            label=translate("Hardware", "answer, tokens/s"),
            planned=wording.band(speeds.generation),
            measured=wording.rate(run.generated_per_s) if run else "",
        ),
        FigureRow(
            label=translate("Hardware", "prompt, tokens/s"),
            planned=wording.band(speeds.prompt),
            measured=wording.rate(run.prompt_per_s) if run else "",
        ),
    )


def _note(plan: Plan, known: Known) -> str:
    if plan.kind is Kind.EXACT:
        text = translate("Hardware", "planned exactly, by llama.cpp's dry run")
    else:
        text = translate("Hardware", "planned by formulas, the compute buffers to about 10 %")
    if known.measured is None and known.can_load:
        both = translate("Hardware", "%1; nothing measured: it is not loaded with this plan")
        text = both.replace("%1", text)
    by_hand = wording.by_hand(plan.options)
    parts = [
        safe_line(known.slow_note, 300),
        by_hand,
        text,
        wording.speed_kind(known.speeds) if known.speeds else "",
    ]
    if known.giving_way_bytes and known.measured is None and known.can_load:
        text = translate("Hardware", "%1 of loaded models counts as free: they give way")
        parts.append(text.replace("%1", memory_size(known.giving_way_bytes)))
    parts += [_unknown(plan), translated(safe_line(known.why_not_exact, 300))]
    return "; ".join(filter(None, parts))


def _unknown(plan: Plan) -> str:
    if not plan.unknown:
        return ""
    labels = part_labels()
    text = translate("Hardware", "unknown for this architecture: %1")
    return text.replace("%1", ", ".join(labels[part] for part in plan.unknown))


def _button(known: Known) -> LoadButton:
    if known.progress:
        return LoadButton.CANCEL
    if not known.can_load:
        return LoadButton.NONE
    if known.measured is not None:
        return LoadButton.UNLOAD
    if known.is_over_limit:
        return LoadButton.LOAD_ANYWAY
    return LoadButton.RELOAD if known.is_loaded else LoadButton.LOAD
