"""The plan that the hardware panel shows, for whoever follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:  # loaded with the first plan
    from corral.library.model import StoredModel
    from corral.plan.plan import Plan


class ShownPlan(QObject):
    """One model and its plan; there before the panel is, and empty until then.

    Signals:
        changed: Another plan is shown.
        context_chosen: Who follows wants another context length; carries it in tokens.

    Attributes:
        model: Of which model, None before the first.
        plan: The plan, None before the first.
    """

    changed = Signal()
    context_chosen = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: StoredModel | None = None
        self.plan: Plan | None = None

    def show(self, model: StoredModel, plan: Plan) -> None:
        """Tell of a plan."""
        self.model, self.plan = model, plan
        self.changed.emit()
