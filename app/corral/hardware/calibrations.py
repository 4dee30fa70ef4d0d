"""The last calibration of this machine, in its database."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from corral.plan.calibration import Build, Calibration, Sample
from corral.plan.learning import Where

if TYPE_CHECKING:
    from corral.database import Connection, Database


class Calibrations:
    """Keeps the last calibration.

    Thread: the event loop's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, calibration: Calibration) -> None:
        """Write a calibration down; the one before is forgotten."""
        samples = json.dumps([asdict(sample) for sample in calibration.samples])

        def work(connection: Connection) -> None:
            connection.execute("DELETE FROM calibration")
            connection.execute(
                "INSERT INTO calibration VALUES (?, ?, ?)",
                (calibration.at, calibration.build, samples),
            )

        await self._database.run(work)

    async def last(self) -> Calibration | None:
        """Return the last calibration, None if there was none."""

        def work(connection: Connection) -> Calibration | None:
            row = connection.execute("SELECT at, build, samples FROM calibration").fetchone()
            if row is None:
                return None
            samples = tuple(
                Sample(**{**item, "where": Where(item["where"]), "build": Build(item["build"])})
                for item in json.loads(row["samples"])
            )
            return Calibration(at=row["at"], build=row["build"], samples=samples)

        return await self._database.run(work)
