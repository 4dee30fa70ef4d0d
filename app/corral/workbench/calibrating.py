"""The calibration: a minute of measuring how fast llama.cpp is on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import ExternalError
from corral.jobs import Cancelled, Job, Jobs, Progress, Ticket

if TYPE_CHECKING:
    from corral.children.inspect_client import Inspector
    from corral.children.protocol import Json
    from corral.plan.calibration import Build, Calibration, Sample
    from corral.plan.learning import Where
    from corral.plan.machine import Machine
    from corral.workbench.planning import Planning

TYPES = ("F16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q5_K", "Q6_K")
# The type with which other numbers of threads are tried.
THREADS_TYPE = "Q4_K"
# Blocks of the measured models, by their build: about 150 million weights each.
BLOCKS = {"wide": 3, "narrow": 20}
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One measurement to make."""

    where: Where
    type: str
    build: Build
    n_threads: int = 0


class Calibrating:
    """Measures this machine once, for the speeds of all models that have not run on it.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        folder: Path,
        inspector: Inspector,
        planning: Planning,
        jobs: Jobs,
    ) -> None:
        """Measure nothing yet.

        Args:
            folder: Where the models to measure with lie meanwhile.
            inspector: Its child computes.
            planning: Knows the machine, and its ledger, where results are kept.
            jobs: Long work that runs.
        """
        self._folder = folder
        self._inspector = inspector
        self._planning = planning
        self._jobs = jobs

    async def last(self) -> Calibration | None:
        """Return the last calibration, None if there was none."""
        return await self._planning.ledger().calibrations.last()

    async def start(self) -> Job[Calibration]:
        """Begin; the other models of this program should rest meanwhile.

        Raises:
            ExternalError: If llama.cpp cannot be asked for its devices.
        """
        cases, loop = _cases(await self._planning.machine()), asyncio.get_running_loop()
        return self._jobs.start("Calibrating", lambda ticket: self._work(ticket, cases, loop))

    def _work(
        self, ticket: Ticket, cases: list[_Case], loop: asyncio.AbstractEventLoop
    ) -> Calibration:
        # lazy: comes with the first calibration
        from corral.llama.build import engine_build
        from corral.plan.calibration import Calibration

        samples = []
        for number, case in enumerate(cases):
            phase = f"Measuring {case.type}, {case.build}, {case.where}"
            ticket.report(Progress(phase=phase, done=number, total=len(cases), unit="steps"))
            samples.append(self._measure(ticket, case, loop))
        found = Calibration(at=time.time(), build=engine_build(), samples=tuple(samples))
        asyncio.run_coroutine_threadsafe(self._keep(found), loop).result()
        return found

    async def _keep(self, found: Calibration) -> None:
        await self._planning.ledger().calibrations.keep(found)
        self._planning.changed.announce()

    def _measure(self, ticket: Ticket, case: _Case, loop: asyncio.AbstractEventLoop) -> Sample:
        from corral.plan.calibration import Sample  # lazy: as above
        from corral.plan.learning import Where  # lazy: as above

        question = self._inspector.ask(
            "measure",
            folder=str(self._folder),
            stored=case.type,
            build=case.build,
            blocks=BLOCKS[case.build],
            n_gpu_layers=-1 if case.where is Where.GPU else 0,
            n_threads=case.n_threads,
        )
        answer = self._wait(ticket, asyncio.run_coroutine_threadsafe(question, loop), loop)
        if not isinstance(answer, Mapping):
            raise ExternalError("The measurement answered nonsense.")
        return Sample(
            where=case.where,
            type=case.type,
            build=case.build,
            n_threads=case.n_threads,
            weight_bytes=int(_number(answer, "weight_bytes")),
            weights=int(_number(answer, "weights")),
            prompt_per_s=_number(answer, "prompt_per_s"),
            generated_per_s=_number(answer, "generated_per_s"),
            spread=_number(answer, "spread"),
        )

    def _wait(self, ticket: Ticket, asked: Future[Json], loop: asyncio.AbstractEventLoop) -> Json:
        """Wait for an answer; who cancels ends the child."""
        while True:
            try:
                return asked.result(_POLL_S)
            except TimeoutError:
                if ticket.is_cancelled:
                    asyncio.run_coroutine_threadsafe(self._inspector.stop(), loop).result()
                    raise Cancelled from None


def _cases(machine: Machine) -> list[_Case]:
    """Return what to measure: types and builds on each kind of device, and numbers of threads."""
    # lazy: as above
    from corral.plan.calibration import Build
    from corral.plan.learning import Where

    places = [Where.CPU, *([Where.GPU] if machine.gpus else [])]
    cases = [
        _Case(where=where, type=type_, build=build)
        for where in places
        for type_ in TYPES
        for build in Build
    ]
    halved = [machine.physical_cores // 2**i for i in range(1, 4)]
    return cases + [
        _Case(where=Where.CPU, type=THREADS_TYPE, build=Build.WIDE, n_threads=count)
        for count in halved
        if count
    ]


def _number(answer: Mapping[str, Json], key: str) -> float:
    value = answer.get(key)
    if not isinstance(value, int | float) or value <= 0:
        raise ExternalError("The measurement answered nonsense.")
    return float(value)
