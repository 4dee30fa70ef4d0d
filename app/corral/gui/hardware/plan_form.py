"""The plan of one model as widgets: verdict, controls, figures, buttons."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from corral.gui.hardware.figures import FiguresTable
from corral.gui.hardware.limit_row import LimitRow
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.view import LoadButton, MoveView, PlanView
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.options import CacheType, FlashAttention
from corral.units import count

SHORTEST_CTX = 256
CTX_STEP = 256
SLIDER_STEPS = 200
MICRO_BATCHES = (64, 128, 256, 512, 1024, 2048, 4096)


class PlanForm(QWidget):
    """Shows a plan and lets its options be moved.

    Signals:
        ways_requested: The best ways to load the model are to be found.
        picture_requested: The map of layers and the curves of the plan are to be shown.
        ledger_requested: What was planned and measured before is to be shown.
    """

    ways_requested = Signal()
    picture_requested = Signal()
    ledger_requested = Signal()

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
        self._moves = _Moves()
        self._context = _SliderRow(self.tr("Context"), self.tr("Context length"), SLIDER_STEPS)
        self._context.slider.setObjectName("contextSlider")
        self._layers = _SliderRow(self.tr("GPU layers"), self.tr("GPU layers"), 0)
        self._layers.slider.setObjectName("layersSlider")
        experts = self.tr("Layers with experts in main memory")
        self._experts = _SliderRow(self.tr("Experts in RAM"), experts, 0)
        self._experts.slider.setObjectName("expertsSlider")
        self._kv_type = _list("kvType", self.tr("Type of the KV cache"), list(CacheType))
        batches = [str(tokens) for tokens in MICRO_BATCHES]
        self._batch = _list("microBatch", self.tr("Micro-batch in tokens"), batches)
        attention = self.tr("Flash attention")
        self._attention = _list("flashAttention", attention, list(FlashAttention))
        self._figures = FiguresTable()
        self._note = PlainLabel(look="small")
        self._note.setWordWrap(True)
        self._button = TextButton("")
        self._button.setObjectName("loadButton")
        self._limit = LimitRow()
        self._ways = TextButton(self.tr("Best ways to load…"), look=Look.FLAT)
        self._ways.setObjectName("waysButton")
        self._picture = TextButton(self.tr("Map of layers and contexts"), look=Look.FLAT)
        self._picture.setObjectName("pictureButton")
        self._ledger = TextButton(self.tr("Planned and measured…"), look=Look.FLAT)
        self._ledger.setObjectName("ledgerButton")
        self._calibrate = TextButton("", look=Look.FLAT)
        self._calibrate.setObjectName("calibrateButton")
        self._arrange()
        self._connect()
        self._show_calibration()

    def show_plan(self, view: PlanView) -> None:
        """Show a plan; the controls move without planning again."""
        self._say(self._title, view.title)
        self._say(self._verdict, view.verdict)
        self._verdict.set_look(view.verdict_look)
        self._say(self._sentence, view.sentence)
        self._show_context(view)
        self._layers.show_value(view.gpu_layers, view.n_layers)
        self._experts.show_value(view.expert_layers, view.n_expert_layers)
        _choose(self._kv_type, view.kv_type)
        _choose(self._batch, str(view.micro_batch))
        _choose(self._attention, view.flash_attention)
        self._figures.show_rows(view.rows)
        self._say(self._note, view.note)
        self._moves.show_moves(view.moves)
        self._show_button(view)
        self._limit.show_choice(*self._presenter.guardrail)
        self._calibrate.setVisible(not self._presenter.imagined)

    def _say(self, label: PlainLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def _arrange(self) -> None:
        verdict = QHBoxLayout()
        verdict.setSpacing(GRID // 2)
        verdict.addWidget(self._verdict, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self._sentence, 1)
        asking = QVBoxLayout()
        asking.setSpacing(0)
        for button in (self._ways, self._picture, self._ledger, self._calibrate):
            asking.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._title)
        layout.addLayout(verdict)
        layout.addWidget(self._moves)
        for row in (self._context, self._layers, self._experts):
            layout.addWidget(row)
        layout.addWidget(_labelled(self.tr("KV type"), self._kv_type))
        layout.addWidget(_labelled(self.tr("Micro-batch"), self._batch))
        layout.addWidget(_labelled(self.tr("Flash attention"), self._attention))
        layout.addWidget(self._figures)
        layout.addWidget(self._note)
        layout.addWidget(self._button)
        layout.addWidget(self._limit)
        layout.addLayout(asking)

    def _connect(self) -> None:
        choices = self._presenter.choices
        self._context.slider.valueChanged.connect(self._on_context_moved)
        self._layers.slider.valueChanged.connect(choices.set_gpu_layers)
        self._experts.slider.valueChanged.connect(choices.set_expert_layers)
        self._kv_type.currentTextChanged.connect(choices.set_kv_type)
        self._batch.currentTextChanged.connect(self._on_batch_chosen)
        self._attention.currentTextChanged.connect(choices.set_flash_attention)
        self._moves.chosen.connect(self._presenter.use)
        self._button.clicked.connect(self._presenter.press_button)
        self._limit.chosen.connect(self._on_limit_chosen)
        self._ways.clicked.connect(self.ways_requested)
        self._picture.clicked.connect(self.picture_requested)
        self._ledger.clicked.connect(self.ledger_requested)
        self._calibrate.clicked.connect(self._presenter.calibration.toggle)
        self._presenter.calibration.changed.connect(self._show_calibration)

    @Slot()
    def _show_calibration(self) -> None:
        progress = self._presenter.calibration.progress
        self._calibrate.setText(progress or self.tr("Calibrate this machine (one minute)"))

    def _show_context(self, view: PlanView) -> None:
        self._longest_ctx = max(view.longest_ctx, view.n_ctx, 2 * SHORTEST_CTX)
        self._context.say(self.tr("%1 tokens").replace("%1", count(view.n_ctx)))
        slider = self._context.slider
        if self._tokens(slider.value()) != view.n_ctx and not slider.isSliderDown():
            blocker = QSignalBlocker(slider)
            slider.setValue(self._position(view.n_ctx))
            del blocker

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
        self._button.setVisible(view.button is not LoadButton.NONE)
        is_main = view.button in {LoadButton.LOAD, LoadButton.RELOAD}
        self._button.set_look(Look.PRIMARY if is_main else Look.NORMAL)

    def _position(self, n_ctx: int) -> int:
        octaves = math.log2(self._longest_ctx / SHORTEST_CTX)
        return round(SLIDER_STEPS * math.log2(max(n_ctx, SHORTEST_CTX) / SHORTEST_CTX) / octaves)

    def _tokens(self, position: int) -> int:
        octaves = math.log2(self._longest_ctx / SHORTEST_CTX)
        n_ctx = SHORTEST_CTX * 2 ** (octaves * position / SLIDER_STEPS)
        return min(self._longest_ctx, max(CTX_STEP, round(n_ctx / CTX_STEP) * CTX_STEP))

    @Slot(int)
    def _on_context_moved(self, position: int) -> None:
        self._presenter.choices.set_context(self._tokens(position))

    @Slot(str)
    def _on_batch_chosen(self, tokens: str) -> None:
        self._presenter.choices.set_micro_batch(int(tokens))

    @Slot()
    def _on_limit_chosen(self) -> None:
        self._presenter.set_guardrail(*self._limit.choice)


class _SliderRow(QWidget):
    """A name, a value, and the slider below them."""

    def __init__(self, text: str, name: str, steps: int) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(name)
        self.slider.setMaximum(steps)
        self._value = PlainLabel(look="small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(_labelled(text, self._value))
        layout.addWidget(self.slider)

    def say(self, text: str) -> None:
        if self._value.text() != text:
            self._value.setText(text)
            self.slider.setAccessibleDescription(text)

    def show_value(self, value: int, most: int) -> None:
        """Show a number of layers; hidden where there is nothing to choose."""
        self.setVisible(most > 0)
        blocker = QSignalBlocker(self.slider)
        self.slider.setMaximum(most)
        if not self.slider.isSliderDown():
            self.slider.setValue(value)
        del blocker
        self.say(f"{value} / {most}")


class _Moves(QWidget):
    """Buttons that make a plan fit.

    Signals:
        chosen: One was pressed; carries its `LoadOptions`.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[MoveView, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID // 2)
        self._layout.addWidget(PlainLabel(self.tr("It would fit with:"), look="small"))
        self._buttons: list[TextButton] = []
        self.hide()

    def show_moves(self, moves: Sequence[MoveView]) -> None:
        if tuple(moves) == self._shown:
            return
        self._shown = tuple(moves)
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self._buttons = [TextButton(move.text) for move in moves]
        for button, move in zip(self._buttons, moves, strict=True):
            button.clicked.connect(lambda _=False, move=move: self.chosen.emit(move.options))
            self._layout.addWidget(button)
        self.setVisible(bool(moves))


def _list(name: str, label: str, items: Sequence[str]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    box.addItems([str(item) for item in items])
    return box


def _choose(box: QComboBox, text: str) -> None:
    if box.currentText() != text:
        blocker = QSignalBlocker(box)
        if box.findText(text) < 0:  # chosen elsewhere, by the command line or a Modelfile
            box.addItem(text)
        box.setCurrentText(text)
        del blocker


def _labelled(text: str, value: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    label = PlainLabel(text)
    if isinstance(value, QComboBox):
        label.setBuddy(value)  # on Linux a list is named by its label
    layout.addWidget(label)
    layout.addStretch(1)
    layout.addWidget(value)
    return row
