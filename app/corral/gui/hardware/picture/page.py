"""The page of the picture: it follows the plan of the hardware panel."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from corral.gui.hardware.picture import wording
from corral.gui.hardware.picture.context_section import ContextSection
from corral.gui.hardware.picture.device_bars import DeviceBars
from corral.gui.hardware.picture.layer_section import LayerSection
from corral.gui.hardware.picture.presenter import PicturePresenter
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel, hairline
from corral.gui.window_state import TabState
from corral.plan.plan import Plan, Verdict
from corral.units import count

_LOOKS = {Verdict.FITS: "good", Verdict.TIGHT: "tight", Verdict.OVER: "bad"}


class PicturePage(Page):
    """Bars, map of layers, table and curves of one plan.

    Args:
        presenter: Feeds it; ends with the page.
        theme: Colours and fonts.
        last_model: Name of the model that it showed last time.
    """

    def __init__(self, presenter: PicturePresenter, theme: Theme, last_model: str = "") -> None:
        super().__init__("picture", "", "")
        self.setObjectName("picturePage")
        self.title = self.tr("Map of layers")
        self._presenter = presenter
        self._last_model = last_model
        presenter.setParent(self)
        self._head = PlainLabel(self.tr("Choose a model to see its plan."), look="strong")
        self._head.setObjectName("pictureHead")
        self._head.setWordWrap(True)
        self._verdict = PlainLabel()
        self._bars = DeviceBars(theme)
        self._layers = LayerSection(theme)
        self._contexts = ContextSection(theme)
        self._parts = (self._bars, self._layers, self._contexts)
        self._arrange()
        for part in self._parts:
            part.hide()
        presenter.plan_changed.connect(self._on_plan_changed)
        presenter.steps_changed.connect(self._on_steps_changed)
        self._contexts.context_chosen.connect(presenter.choose_context)
        self.setFocusProxy(self._layers.view)

    @property
    def planned_model(self) -> str:
        """The model that is shown, or was last time."""
        return self._presenter.model_name or self._last_model

    def tab_state(self) -> TabState:
        """Return what opens the page again, with the model that it shows."""
        return TabState(kind=self.kind, key=self.planned_model)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has changed meanwhile."""
        super().showEvent(event)
        self._presenter.set_seen(is_seen=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw nothing that is not seen."""
        super().hideEvent(event)
        self._presenter.set_seen(is_seen=False)

    async def close_panel(self) -> None:
        """End what runs."""
        await self._presenter.close()

    def _arrange(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        head.addWidget(self._verdict)
        column.addLayout(head)
        for number, part in enumerate(self._parts):
            if number:
                column.addWidget(hairline())
            column.addWidget(part)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its parts are gone to
        scroll.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    @Slot()
    def _on_plan_changed(self) -> None:
        plan, found = self._presenter.plan, self._presenter.layer_map
        if plan is None or found is None:
            return
        self._head.setText(self._title(plan))
        self._verdict.setText(wording.verdict_words(plan.verdict))
        self._verdict.set_look(_LOOKS[plan.verdict])
        self._bars.show_plan(plan)
        self._layers.show_map(found)
        self._contexts.mark(plan)
        self._bars.show()
        self._layers.show()

    @Slot()
    def _on_steps_changed(self) -> None:
        self._contexts.show_steps(self._presenter.steps, self._presenter.curve)
        self._contexts.show()

    def _title(self, plan: Plan) -> str:
        context = plan.options.context
        text = self.tr("%1: %2 on %3, %4 tokens of context, KV %5")
        text = text.replace("%2", wording.size_words(plan))
        text = text.replace("%3", plan.machine.name or self.tr("this machine"))
        text = text.replace("%4", count(context.n_ctx)).replace("%5", context.kv_type)
        return f"{text.replace('%1', self._presenter.title)} · {wording.kind_words(plan)}"
