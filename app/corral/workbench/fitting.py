"""Whether models that are not here yet would fit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import ExternalError

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.gguf.header import Header
    from corral.plan.machine import Machine
    from corral.workbench.planning import Planning

if TYPE_CHECKING:
    from corral.plan.fit import Fit


class Fitting:
    """Fits of models by their headers, on the machine that is planned for, with no model loaded.

    Thread: the event loop's.
    """

    def __init__(self, *, planning: Planning, inspector: Inspector) -> None:
        self._planning = planning
        self._inspector = inspector

    async def by_formula(self, header: Header) -> Fit:
        """Return the fit by formulas."""
        machine = await self._planning.chosen_machine()
        return await asyncio.to_thread(_by_formula, header, machine)

    async def estimates(self, header: Header, sizes: Iterable[int]) -> Mapping[int, Fit]:
        """Return the fits of other quantizations of a model, by the sizes of their files."""
        from corral.plan.fit import estimated_fits  # lazy: the window is usable first

        machine = await self._planning.chosen_machine()
        return await asyncio.to_thread(estimated_fits, header, sizes, machine)

    async def exact(self, copy: Path, header: Header) -> Fit:
        """Return the fit by llama.cpp's own allocator.

        Args:
            copy: A file that holds the header and is as large as the model.
            header: Its header.

        Raises:
            ExternalError: If llama.cpp refuses the file: it could not be run after a download.
        """
        from corral.plan.fit import fit_of  # lazy: the window is usable first

        by_formula = await self.by_formula(header)
        machine, options = by_formula.plan.machine, by_formula.plan.options
        return fit_of(await self._inspector.plan(copy, header, options, machine))

    async def best(self, copy: Path, header: Header) -> Fit:
        """Return the exact fit, or the one by formulas where there is no exact one."""
        try:
            return await self.exact(copy, header)
        except ExternalError:
            return await self.by_formula(header)


def _by_formula(header: Header, machine: Machine) -> Fit:
    # lazy: the window is usable first
    from corral.plan.fit import fit_of
    from corral.plan.formula import default_options, plan_by_formula

    return fit_of(plan_by_formula(header, default_options(header, machine), machine))
