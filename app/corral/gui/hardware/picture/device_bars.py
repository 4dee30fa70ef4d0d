"""A bar for each device: what the plan takes of it, what others use, what stays free."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from corral.gui.hardware.describing import PART_ROLES, part_labels
from corral.gui.hardware.picture import wording
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.bar import Legend, Share, UsageBar
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel
from corral.plan.machine import Device
from corral.plan.plan import Part, Plan
from corral.units import memory_size

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBar:
    """One bar.

    Attributes:
        title: Name of the device.
        total_bytes: What the whole bar stands for.
        shares: What takes it, from left to right.
        words: The same in words, with what stays free or is missing.
    """

    title: str
    total_bytes: int
    shares: tuple[Share, ...]
    words: str


def device_bar(plan: Plan, device: Device) -> DeviceBar:
    """Return the bar of one device of a plan.

    Where graphics compute from main memory, the bar of memory has all that is planned.
    """
    is_shared = plan.machine.is_unified and device == plan.machine.cpu
    name = None if is_shared else device.name
    planned = [(part, plan.size_bytes(name, part)) for part in Part]
    in_use = max(0, device.total_bytes - device.free_bytes)
    left = device.free_bytes - sum(size for _, size in planned)
    labels = part_labels()
    sizes = [(labels[part], size) for part, size in planned if size]
    sizes.append((translate("PlanPicture", "in use by others"), in_use))
    if left >= 0:
        sizes.append((translate("PlanPicture", "stays free"), left))
    else:
        sizes.append((translate("PlanPicture", "missing"), -left))
    shares = [Share(role=PART_ROLES[part], size_bytes=size) for part, size in planned]
    return DeviceBar(
        title=wording.device_title(device),
        total_bytes=device.total_bytes,
        shares=(*shares, Share(role=Role.IN_USE, size_bytes=in_use)),
        words=wording.bar_words(sizes),
    )


class DeviceBars(QWidget):
    """The bars of all devices of a plan, with a legend."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._column.addWidget(
            Legend(
                theme,
                (
                    (Role.ACCENT, self.tr("weights")),
                    (Role.KV, self.tr("KV")),
                    (Role.COMPUTE, self.tr("compute")),
                    (Role.IN_USE, self.tr("in use by others")),
                    (Role.RAISED, self.tr("free")),
                ),
            )
        )

    def show_plan(self, plan: Plan) -> None:
        """Show another plan."""
        devices = plan.machine.devices
        while len(self._rows) < len(devices):
            self._rows.append(_Row(self._theme))
            self._column.insertWidget(len(self._rows) - 1, self._rows[-1])
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(devices))
            if number < len(devices):
                row.show_bar(device_bar(plan, devices[number]), devices[number])


class _Row(QWidget):
    """A device: its name, its memory, its bar, its words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title = ElidedLabel(look="strong")
        self._total = PlainLabel(look="small")
        self._bar = UsageBar(theme)
        self._words = PlainLabel(look="small")
        self._words.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._total)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._words)

    def show_bar(self, bar: DeviceBar, device: Device) -> None:
        self._title.setText(bar.title)
        free = translate("PlanPicture", "%1 of %2 free")
        free = free.replace("%1", memory_size(device.free_bytes))
        self._total.setText(free.replace("%2", memory_size(device.total_bytes)))
        self._bar.setAccessibleName(bar.title)
        self._bar.set_shares(bar.total_bytes, bar.shares, bar.words)
        self._words.setText(bar.words)
