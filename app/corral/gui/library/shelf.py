"""The models as the window knows them: read off the event loop, with plans made in idle slices."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from corral.errors import CorralError
from corral.gui.async_bridge import Scope
from corral.gui.library.filtering import haystack
from corral.library.model import StoredModel
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:
    from corral.plan.plan import Plan

ANNOUNCE_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What loading a model would take.

    Attributes:
        plan: The plan by formulas; None where `problem` says why there is none.
        problem: Why nothing could be planned.
        digest: Digest of the model it was made for.
        round: In which round of planning it was made; older ones are made again.
    """

    plan: Plan | None
    problem: str
    digest: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """The models as they were read at one time."""

    models: tuple[StoredModel, ...] = ()
    haystacks: tuple[str, ...] = ()
    by_name: Mapping[str, StoredModel] = field(default_factory=dict)


class Shelf(QObject):
    """All models, and for those that are looked at, whether they fit.

    Signals:
        changed: `models` are others now.
        fits_changed: Some `fit` is another now.

    Attributes:
        is_read: Whether the models were read once.
    """

    changed = Signal()
    fits_changed = Signal()

    def __init__(self, workbench: Workbench, scope: Scope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = scope
        self.is_read = False
        self._stock = _Stock()
        self._fits: dict[str, Fit] = {}
        self._round = 0
        self._waiting: dict[str, None] = {}  # the last one asked for is the next one planned
        self._is_planning = False
        self._announcing = QTimer(self)
        self._announcing.setSingleShot(True)
        self._announcing.setInterval(ANNOUNCE_MS)
        self._announcing.timeout.connect(self.fits_changed)

    @property
    def models(self) -> tuple[StoredModel, ...]:
        """All models, newest first, broken ones too."""
        return self._stock.models

    @property
    def haystacks(self) -> tuple[str, ...]:
        """For each model what it is found by."""
        return self._stock.haystacks

    def model(self, name: str) -> StoredModel | None:
        """Return a model by its name."""
        return self._stock.by_name.get(name)

    def is_loaded(self, model: StoredModel) -> bool:
        """Whether a model is in memory."""
        return self._workbench.loading.is_loaded(model)

    async def refresh(self) -> None:
        """Read the models again; all plans are made again when they are next looked at."""
        models = await self._workbench.modelling.list()
        read = await asyncio.to_thread(_sorted_in, models, self._stock)
        self._round += 1
        self.is_read = True
        self._stock = read
        self.changed.emit()

    def fit(self, model: StoredModel) -> Fit | None:
        """Return what is known of a model's fit, and have it planned if that is little."""
        fit = self.known_fit(model)
        if (fit is None or fit.round != self._round) and not model.problem:
            self._waiting.pop(model.name, None)
            self._waiting[model.name] = None
            if not self._is_planning:
                self._is_planning = self._scope.start(self._plan_waiting()) is not None
        return fit

    def known_fit(self, model: StoredModel) -> Fit | None:
        """Return what is known of a model's fit."""
        fit = self._fits.get(model.name)
        return fit if fit and fit.digest == model.digest else None

    def plan_all(self) -> None:
        """Have all models planned, as it takes to sort by fit."""
        for model in self.models:
            self.fit(model)

    async def _plan_waiting(self) -> None:
        try:
            while self._waiting:
                name, _ = self._waiting.popitem()
                if model := self._stock.by_name.get(name):
                    self._fits[name] = await self._planned(model)
                    if not self._announcing.isActive():
                        self._announcing.start()
                await asyncio.sleep(0)
        finally:
            self._is_planning = False

    async def _planned(self, model: StoredModel) -> Fit:
        this_round, planning = self._round, self._workbench.planning
        try:
            plan = await planning.quick_plan(model, await planning.options_for(model))
        except CorralError as error:
            return Fit(plan=None, problem=str(error), digest=model.digest, round=this_round)
        return Fit(plan=plan, problem="", digest=model.digest, round=this_round)


def _sorted_in(models: tuple[StoredModel, ...], known: _Stock) -> _Stock:
    """Return models as stock; the known one when nothing changed.

    Thread: any; for thousands of models it takes longer than a frame.
    """
    if models == known.models:
        return known
    return _Stock(
        models=models,
        haystacks=tuple(haystack(model) for model in models),
        by_name={model.name: model for model in reversed(models)},
    )
