"""The machine and the plan as widgets."""

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.view import DeviceView, LoadButton, PlanView
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.bar import Legend, UsageBar
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline
from corral.plan.options import CacheType
from corral.units import count

SHORTEST_CTX = 256
CTX_STEP = 256
SLIDER_STEPS = 200


class HardwarePanel(QScrollArea):
    """Bars of the devices, the controls of the plan, its figures, one button."""

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
        self._devices = QVBoxLayout()
        self._device_rows: list[_DeviceRow] = []
        self._plan = _PlanForm(presenter)
        self._content = QWidget()
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(PlainLabel(self.tr("Hardware"), look="heading"))
        layout.addLayout(self._devices)
        layout.addWidget(self._make_legend())
        layout.addWidget(self._machine_text)
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
        devices = self._presenter.devices
        while len(self._device_rows) < len(devices):
            row = _DeviceRow(self._theme)
            self._device_rows.append(row)
            self._devices.addWidget(row)
        for row, device in zip(self._device_rows, devices, strict=False):
            row.show_device(device)
        self.updateGeometry()

    @Slot()
    def _on_plan_changed(self) -> None:
        if self._presenter.plan_view:
            self._plan.show_plan(self._presenter.plan_view)
            self._plan.show()


class _DeviceRow(QWidget):
    """A device: its name, what is free, its bar."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._name = ElidedLabel(look="strong")
        self._free = PlainLabel(look="small")
        self._bar = UsageBar(theme)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._free)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(head)
        layout.addWidget(self._bar)

    def show_device(self, device: DeviceView) -> None:
        self._name.setText(device.name)
        self._free.setText(device.free_text)
        self._bar.setAccessibleName(device.name)
        self._bar.set_shares(device.total_bytes, device.shares, device.description)


class _PlanForm(QWidget):
    """The plan: verdict, controls, figures, button."""

    def __init__(self, presenter: HardwarePresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._longest_ctx = SHORTEST_CTX
        self._title = PlainLabel(look="heading")
        self._title.setWordWrap(True)
        self._verdict = PlainLabel()
        self._verdict.setObjectName("verdict")
        self._sentence = PlainLabel()
        self._sentence.setWordWrap(True)
        self._context = self._make_slider(self.tr("Context length"), SLIDER_STEPS)
        self._context.setObjectName("contextSlider")
        self._context_text = PlainLabel(look="small")
        self._layers = self._make_slider(self.tr("GPU layers"), 0)
        self._layers_text = PlainLabel(look="small")
        self._layers_row = _labelled(self.tr("GPU layers"), self._layers_text)
        self._kv_type = QComboBox()
        self._kv_type.setObjectName("kvType")
        self._kv_type.setAccessibleName(self.tr("Type of the KV cache"))
        self._kv_type.addItems(list(CacheType))
        self._figures = QGridLayout()
        self._note = PlainLabel(look="small")
        self._note.setWordWrap(True)
        self._button = TextButton("")
        self._button.setObjectName("loadButton")
        self._arrange()
        self._context.valueChanged.connect(self._on_context_moved)
        self._layers.valueChanged.connect(presenter.set_gpu_layers)
        self._kv_type.currentTextChanged.connect(presenter.set_kv_type)
        self._button.clicked.connect(presenter.press_button)

    def show_plan(self, view: PlanView) -> None:
        """Show a plan; the controls move without planning again."""
        blockers = [QSignalBlocker(w) for w in (self._context, self._layers, self._kv_type)]
        self._title.setText(view.title)
        self._verdict.setText(view.verdict)
        self._verdict.set_look(view.verdict_look)
        self._sentence.setText(view.sentence)
        self._longest_ctx = max(view.longest_ctx, view.n_ctx, 2 * SHORTEST_CTX)
        if not self._context.isSliderDown():
            self._context.setValue(self._position(view.n_ctx))
        self._context_text.setText(self.tr("%1 tokens").replace("%1", count(view.n_ctx)))
        self._context.setAccessibleDescription(self._context_text.text())
        self._layers.setMaximum(view.n_layers)
        self._layers.setValue(view.gpu_layers)
        self._layers_text.setText(f"{view.gpu_layers} / {view.n_layers}")
        self._layers_row.setVisible(view.n_layers > 0)
        self._layers.setVisible(view.n_layers > 0)
        self._kv_type.setCurrentText(view.kv_type)
        self._show_figures(view)
        self._note.setText(view.note)
        self._show_button(view)
        del blockers

    def _arrange(self) -> None:
        verdict = QHBoxLayout()
        verdict.setSpacing(GRID // 2)
        verdict.addWidget(self._verdict, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self._sentence, 1)
        kv_row = QHBoxLayout()
        kv_label = PlainLabel(self.tr("KV type"))
        kv_label.setBuddy(self._kv_type)  # on Linux a list is named by its label
        kv_row.addWidget(kv_label)
        kv_row.addStretch(1)
        kv_row.addWidget(self._kv_type)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._title)
        layout.addLayout(verdict)
        layout.addWidget(_labelled(self.tr("Context"), self._context_text))
        layout.addWidget(self._context)
        layout.addWidget(self._layers_row)
        layout.addWidget(self._layers)
        layout.addLayout(kv_row)
        layout.addLayout(self._figures)
        layout.addWidget(self._note)
        layout.addWidget(self._button)

    def _make_slider(self, name: str, steps: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setAccessibleName(name)
        slider.setMaximum(steps)
        slider.setTracking(True)
        return slider

    def _show_figures(self, view: PlanView) -> None:
        while item := self._figures.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        self._figures.setVerticalSpacing(GRID // 2)
        self._figures.setHorizontalSpacing(3 * GRID)
        self._figures.setColumnStretch(0, 1)
        rows = [("", self.tr("planned"), self.tr("measured"))]
        rows += [(row.label, row.planned, row.measured) for row in view.rows]
        for number, texts in enumerate(rows):
            for column, text in enumerate(texts):
                label = PlainLabel(text, look="small" if column == 0 or number == 0 else "figures")
                side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
                self._figures.addWidget(label, number, column, side)

    def _show_button(self, view: PlanView) -> None:
        texts = {
            LoadButton.NONE: "",
            LoadButton.LOAD: self.tr("Load"),
            LoadButton.LOAD_ANYWAY: self.tr("Load anyway"),
            LoadButton.RELOAD: self.tr("Load again with this plan"),
            LoadButton.UNLOAD: self.tr("Unload"),
            LoadButton.CANCEL: f"{view.progress} · " + self.tr("Cancel"),
        }
        self._button.setText(texts[view.button])
        is_main = view.button in {LoadButton.LOAD, LoadButton.RELOAD}
        self._button.set_look(Look.PRIMARY if is_main else Look.NORMAL)

    def _position(self, n_ctx: int) -> int:
        octaves = math.log2(self._longest_ctx / SHORTEST_CTX)
        return round(SLIDER_STEPS * math.log2(max(n_ctx, SHORTEST_CTX) / SHORTEST_CTX) / octaves)

    @Slot(int)
    def _on_context_moved(self, position: int) -> None:
        octaves = math.log2(self._longest_ctx / SHORTEST_CTX)
        n_ctx = SHORTEST_CTX * 2 ** (octaves * position / SLIDER_STEPS)
        n_ctx = min(self._longest_ctx, max(CTX_STEP, round(n_ctx / CTX_STEP) * CTX_STEP))
        self._context_text.setText(self.tr("%1 tokens").replace("%1", count(n_ctx)))
        self._presenter.set_context(n_ctx)


def _labelled(text: str, value: PlainLabel) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(PlainLabel(text))
    layout.addStretch(1)
    layout.addWidget(value)
    return row
