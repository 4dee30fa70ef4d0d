"""The picture of one model's plans: maps of its layers, and what a context length changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corral.errors import ExternalError
from corral.plan.layer_map import LayerMap, LayerMapper
from corral.plan.over_context import ContextStep, over_context

if TYPE_CHECKING:
    from corral.library.model import StoredModel
    from corral.plan.formula import Formula
    from corral.plan.plan import Plan
    from corral.workbench.planning import Planning


async def picture_of(planning: Planning, model: StoredModel) -> ModelPicture:
    """Return what draws the pictures of a model.

    Raises:
        CorralError: If its header cannot be read.
    """
    return ModelPicture(planning, model, await planning.formula(model))


class ModelPicture:
    """Draws the plans of one model; the second picture costs less than the first.

    Attributes:
        model: The model.
        trained_tokens: The context length it was trained for, 0 if it does not say.

    Thread: the event loop's.
    """

    def __init__(self, planning: Planning, model: StoredModel, formula: Formula) -> None:
        self.model = model
        self.trained_tokens = formula.header.context_length
        self._planning = planning
        self._formula = formula
        self._mapper = LayerMapper(formula)

    def layer_map(self, plan: Plan) -> LayerMap:
        """Return which layer is where in a plan; a millisecond, five where the weights move."""
        return self._mapper.map(plan)

    async def over_context(self, plan: Plan, lengths: Sequence[int]) -> tuple[ContextStep, ...]:
        """Return a plan with other context lengths, by formulas; the loop runs between two."""
        _, generation = await self._planning.corrections(self.model, plan)
        steps = []
        for step in over_context(self._formula, plan.options, plan.machine, lengths, generation):
            steps.append(step)
            await asyncio.sleep(0)
        return tuple(steps)

    async def best_steps(self, steps: Sequence[ContextStep]) -> tuple[ContextStep, ...]:
        """Return steps with the plans that llama.cpp's own allocator makes.

        Where it cannot make one of them, all stay as they are: figures of two kinds do not compare.
        """
        exact = []
        for step in steps:
            plan = step.plan
            try:
                found = await self._planning.exact_plan_on(self.model, plan.options, plan.machine)
            except ExternalError:
                return tuple(steps)
            exact.append(replace(step, plan=found))
        return tuple(exact)
