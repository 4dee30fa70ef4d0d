"""What is loaded beside a model, in its plans: projector, adapters, draft model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import CorralError, ExternalError

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.gguf.header import Header
    from corral.library.model import StoredModel
    from corral.plan.companions import Companions
    from corral.plan.formula import Formula
    from corral.plan.plan import Line, Plan


class Accompanying:
    """Adds what is loaded beside models to their plans.

    Thread: the event loop's.
    """

    def __init__(self, headers: Path, inspector: Inspector) -> None:
        """Begin.

        Args:
            headers: Folder of the GGUF headers that are known.
            inspector: Makes exact plans.
        """
        self._headers = headers
        self._inspector = inspector

    async def headers(self, model: StoredModel) -> Companions:
        """Return the headers of what is loaded beside a model.

        A file that cannot be read takes no memory; loading says what is wrong with it.
        """
        from corral.plan.companions import ALONE, Companions  # lazy: the window is usable first

        if not (model.projectors or model.adapters or model.drafts):
            return ALONE
        return await asyncio.to_thread(
            lambda: Companions(
                projectors=self._read(model.projectors[:1]),  # the one that is used
                adapters=self._read(model.adapters),
                drafts=self._read(model.drafts),
            )
        )

    async def added(self, plan: Plan, model: StoredModel, formula: Formula) -> Plan:
        """Return an exact plan of a model with what is loaded beside it.

        Draft models and projectors are planned by llama.cpp too where it can, the rest by formulas.
        """
        from dataclasses import replace  # lazy: only those that have companions

        from corral.plan.plan import Part  # lazy: as above

        if not (formula.beside.is_any or plan.options.mtp):
            return plan
        lines = formula.companion_lines(plan.options, plan.machine, Part.ADAPTERS)
        lines += await self._projector_lines(plan, model, formula)
        lines += await self._draft_lines(plan, model, formula)
        estimate = formula.plan(plan.options, plan.machine)
        has_draft = any(line.part is Part.DRAFT for line in lines)
        unknown = () if has_draft or Part.DRAFT not in estimate.unknown else (Part.DRAFT,)
        return replace(plan, lines=(*plan.lines, *lines), unknown=(*plan.unknown, *unknown))

    async def _projector_lines(
        self, plan: Plan, model: StoredModel, formula: Formula
    ) -> tuple[Line, ...]:
        from corral.plan.plan import Part  # lazy: only those that have one

        lines: tuple[Line, ...] = ()
        try:
            for path in model.projectors[:1]:
                lines += await self._inspector.projector(path, plan.options, plan.machine)
        except CorralError:
            return formula.companion_lines(plan.options, plan.machine, Part.PROJECTOR)
        return lines

    async def _draft_lines(
        self, plan: Plan, model: StoredModel, formula: Formula
    ) -> tuple[Line, ...]:
        # lazy: only those that have one
        from corral.plan.companions import as_draft, draft_options
        from corral.plan.plan import Part

        if plan.options.mtp:
            return formula.companion_lines(plan.options, plan.machine, Part.DRAFT)
        if not formula.beside.drafts:
            return ()
        try:
            drafted = await self._inspector.plan(
                model.drafts[0],
                formula.beside.drafts[0],
                draft_options(plan.options),
                plan.machine,
            )
        except ExternalError:
            return formula.companion_lines(plan.options, plan.machine, Part.DRAFT)
        return as_draft(drafted.lines)

    def _read(self, paths: Iterable[Path]) -> tuple[Header, ...]:
        from corral.gguf.cache import HeaderCache  # lazy: the window is usable first

        cache, found = HeaderCache(self._headers), []
        for path in paths:
            try:
                found.append(cache.read_model(path))
            except CorralError:
                continue
        return tuple(found)
