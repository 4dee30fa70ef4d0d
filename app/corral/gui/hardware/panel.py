"""The machine and the plan as widgets."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from corral.errors import UserError
from corral.gui.hardware.plan_form import PlanForm
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.view import DeviceView
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.bar import Legend, UsageBar
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline


class HardwarePanel(QScrollArea):
    """Bars of the devices, the controls of the plan, its figures, one button.

    Signals:
        picture_requested: The map of layers and the curves of the plan are to be shown.
    """

    picture_requested = Signal()

    def __init__(self, presenter: HardwarePresenter, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("hardware")
        self.setAccessibleName(self.tr("Hardware"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._presenter = presenter
        self._theme = theme
        self._machine_text = PlainLabel(look="small")
        self._machine_text.setWordWrap(True)
        self._workers_problem = PlainLabel(look="tight")
        self._workers_problem.setObjectName("workersProblem")
        self._workers_problem.setWordWrap(True)
        self._workers_problem.hide()
        self._devices = QVBoxLayout()
        self._device_rows: list[_DeviceRow] = []
        self._imagined = _ImaginedBanner()
        self._imagined.back_requested.connect(presenter.come_back)
        self._plan = PlanForm(presenter)
        self._plan.ways_requested.connect(self.show_ways)
        self._plan.picture_requested.connect(self.picture_requested)
        self._plan.ledger_requested.connect(self.show_ledger)
        self._content = QWidget()
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addLayout(self._make_head())
        layout.addWidget(self._imagined)
        layout.addLayout(self._devices)
        layout.addWidget(self._make_legend())
        layout.addWidget(self._machine_text)
        layout.addWidget(self._workers_problem)
        layout.addWidget(hairline())
        layout.addWidget(self._plan)
        layout.addStretch(1)
        self.setWidget(self._content)
        presenter.machine_changed.connect(self._on_machine_changed)
        presenter.plan_changed.connect(self._on_plan_changed)
        self._on_machine_changed()
        self._plan.hide()

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the figures: nothing scrolls sideways here."""
        bar = self.verticalScrollBar().sizeHint().width()
        width = self._content.minimumSizeHint().width() + bar
        return QSize(width, super().minimumSizeHint().height())

    def _make_head(self) -> QHBoxLayout:
        what_if = TextButton(self.tr("What if…"), look=Look.FLAT)
        what_if.setObjectName("whatIf")
        what_if.setAccessibleDescription(self.tr("Plan for a machine that is not there"))
        what_if.clicked.connect(self.ask_machine)
        workers = TextButton(self.tr("Workers…"), look=Look.FLAT)
        workers.setObjectName("workers")
        workers.setAccessibleDescription(self.tr("Compute on other machines too"))
        workers.clicked.connect(self.show_workers)
        row = QHBoxLayout()
        row.addWidget(PlainLabel(self.tr("Hardware"), look="heading"))
        row.addStretch(1)
        row.addWidget(workers)
        row.addWidget(what_if)
        return row

    def _make_legend(self) -> Legend:
        return Legend(
            self._theme,
            (
                (Role.ACCENT, self.tr("weights")),
                (Role.KV, self.tr("KV")),
                (Role.COMPUTE, self.tr("compute")),
                (Role.IN_USE, self.tr("in use")),
            ),
        )

    @Slot()
    def _on_machine_changed(self) -> None:
        self._machine_text.setText(self._presenter.machine_text)
        self._workers_problem.setText(self._presenter.workers_problem)
        self._workers_problem.setVisible(bool(self._presenter.workers_problem))
        self._imagined.show_name(self._presenter.imagined)
        devices = self._presenter.devices
        while len(self._device_rows) < len(devices):
            row = _DeviceRow(self._theme)
            row.clicked.connect(self.picture_requested)
            self._device_rows.append(row)
            self._devices.addWidget(row)
        for number, row in enumerate(self._device_rows):
            row.setVisible(number < len(devices))
            if number < len(devices):
                row.show_device(devices[number])
        self.updateGeometry()

    @Slot()
    def _on_plan_changed(self) -> None:
        if self._presenter.plan_view:
            self._plan.show_plan(self._presenter.plan_view)
        self._plan.setVisible(self._presenter.plan_view is not None)

    @Slot()
    def ask_machine(self) -> None:
        """Let the user choose the machine that is planned for."""
        from corral.gui.hardware.machines.dialog import ask_machine  # lazy: opened seldom

        self._presenter.run(ask_machine(self.window(), self._presenter, self._theme))

    @Slot()
    def show_workers(self) -> None:
        """Open the RPC workers."""
        from corral.gui.hardware.workers.dialog import show_workers  # lazy: opened seldom

        workers = self._presenter.workbench.planning.workers
        self._presenter.run(show_workers(self.window(), workers, self._theme))

    @Slot()
    def show_ways(self) -> None:
        """Open the searches for the best ways to load, and for machines."""
        if self._presenter.plan_view is None:
            self._presenter.failed.emit(UserError(self.tr("Choose a model to load first.")))
            return
        from corral.gui.hardware.ways.dialog import show_ways  # lazy: opened seldom

        self._presenter.run(show_ways(self.window(), self._presenter))

    @Slot()
    def show_ledger(self) -> None:
        """Open what was planned and measured before."""
        from corral.gui.hardware.ledger.dialog import show_ledger  # lazy: opened seldom

        self._presenter.run(show_ledger(self.window(), self._presenter.workbench))


class _ImaginedBanner(QFrame):
    """Says that all that is shown is planned on a machine that is not there.

    Signals:
        back_requested: This machine is to be shown again.
    """

    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("imaginedBanner")
        self.setProperty("look", "notice")
        self._text = PlainLabel(look="tight")
        self._text.setWordWrap(True)
        note = PlainLabel(
            self.tr("Not this machine: all that is shown here is planned, nothing is measured."),
            look="small",
        )
        note.setWordWrap(True)
        back = TextButton(self.tr("Back to this machine"))
        back.setObjectName("backToThisMachine")
        back.clicked.connect(self.back_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        column.setSpacing(GRID // 2)
        for widget in (self._text, note, back):
            column.addWidget(widget)
        self.hide()

    def show_name(self, name: str) -> None:
        """Show what the machine is called; hidden for this one."""
        self._text.setText(self.tr("Planned on %1").replace("%1", name))
        self.setVisible(bool(name))


class _DeviceRow(QWidget):
    """A device: its name, what is free, its bar.

    Signals:
        clicked: The bar was clicked.
    """

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._name = ElidedLabel(look="strong")
        self._free = PlainLabel(look="small")
        self._others = ElidedLabel(look="small")
        self._others.hide()
        self._bar = UsageBar(theme)
        self._bar.setCursor(Qt.CursorShape.PointingHandCursor)
        self._bar.clicked.connect(self.clicked)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._free)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._others)

    def show_device(self, device: DeviceView) -> None:
        self._name.setText(device.name)
        self._free.setText(device.free_text)
        self._others.setText(device.others)
        self._others.setVisible(bool(device.others))
        self._bar.setAccessibleName(device.name)
        self._bar.set_shares(
            device.total_bytes,
            device.shares,
            "; ".join(filter(None, [device.description, device.others])),
        )
