"""What is drawn over the context length: bands, lines and marks as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from corral.gui.hardware.picture import wording
from corral.gui.theme.palette import Role
from corral.plan.machine import Device
from corral.plan.over_context import ContextStep
from corral.plan.plan import COMPANION_PARTS, Part
from corral.units import memory_size

translate = QCoreApplication.translate

# From below to above.
_STACK = (
    (Role.ACCENT, (Part.WEIGHTS, Part.MAPPED, *COMPANION_PARTS)),
    (Role.KV, (Part.KV,)),
    (Role.COMPUTE, (Part.COMPUTE, Part.OUTPUT)),
)
# How much of the band of a speed is seen through.
_FAINT = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An area between two lines, with a value for each step."""

    role: Role
    low: tuple[float, ...]
    high: tuple[float, ...]
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A value that is the same for all steps."""

    value: float
    label: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One drawing.

    Attributes:
        title: What it shows.
        top: The value at its upper edge, more than 0.
        bands: Areas, the first drawn first.
        line: A line over them, () for none.
        marks: Values to compare with.
    """

    title: str
    top: float
    bands: tuple[Band, ...]
    line: tuple[float, ...] = ()
    marks: tuple[Mark, ...] = ()


def memory_curves(steps: Sequence[ContextStep]) -> tuple[Curve, ...]:
    """Return what each device that is used needs, stacked by what it is for."""
    if not steps:
        return ()
    devices = steps[0].plan.machine.devices
    used = [each for each in devices if any(step.plan.size_bytes(each.name) for step in steps)]
    return tuple(_memory_curve(steps, device) for device in used)


def _memory_curve(steps: Sequence[ContextStep], device: Device) -> Curve:
    machine, low = steps[0].plan.machine, (0.0,) * len(steps)
    # Where graphics compute from main memory, all that is planned is taken from that.
    name = None if machine.is_unified and device == machine.cpu else device.name
    bands = []
    for role, parts in _STACK:
        sizes = (float(step.plan.size_bytes(name, *parts)) for step in steps)
        high = tuple(base + size for base, size in zip(low, sizes, strict=True))
        bands.append(Band(role=role, low=low, high=high))
        low = high
    budget = steps[0].plan.budget_bytes(device)
    most = max(low)
    marks = [Mark(value=most, label=memory_size(int(most)), role=Role.QUIET)]
    # A limit far above the curve would press it flat: it is only said.
    is_near = budget < 4 * most
    if is_near:
        marks = [mark for mark in marks if abs(mark.value - budget) > 0.2 * max(most, budget)]
        marks.append(Mark(value=budget, label=memory_size(budget), role=Role.BAD))
    text = translate("PlanPicture", "%1: planned memory; %2 can be used")
    return Curve(
        title=text.replace("%1", wording.device_label(device)).replace("%2", memory_size(budget)),
        top=max(most, budget if is_near else 0, 1.0) * 1.02,
        bands=tuple(bands),
        marks=tuple(marks),
    )


def speed_curve(steps: Sequence[ContextStep]) -> Curve:
    """Return the expected speed with a full context, with its band."""
    title = translate("PlanPicture", "Tokens per second with a full context, estimated")
    speeds = [step.generation for step in steps]
    known = [speed for speed in speeds if speed]
    if len(known) < len(speeds) or not known:
        unknown = translate("PlanPicture", "%1: unknown").replace("%1", title)
        return Curve(title=unknown, top=1.0, bands=())
    top = max(speed.high for speed in known)
    label = f"{top:.0f}" if top >= 10 else f"{top:.1f}"
    low, high = tuple(x.low for x in known), tuple(x.high for x in known)
    return Curve(
        title=title,
        top=top * 1.02,
        bands=(Band(role=Role.GOOD, low=low, high=high, opacity=_FAINT),),
        line=tuple(speed.expected for speed in known),
        marks=(Mark(value=top, label=label, role=Role.QUIET),),
    )
