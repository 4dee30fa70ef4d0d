"""The ledger of this machine: what loads were planned to take and took, how fast runs were."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from corral.hardware.calibrations import Calibrations
from corral.plan.learning import SpeedRun, Where
from corral.plan.plan import Kind, Line, Part

if TYPE_CHECKING:
    from corral.database import Connection, Database

KEPT_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadEntry:
    """One load.

    Attributes:
        at: When, in seconds since 1970.
        model: Name of the model.
        kind: How the plan was made.
        planned: What was planned.
        measured: What llama.cpp says it took; none where it does not tell.
        process_bytes: By how much the program's resident memory grew.
        on_cards: What the program holds of each card, without other models; () where no driver
            tells.
        note: What went where it is slow, in words; "" for nothing.
    """

    at: float
    model: str
    kind: Kind
    planned: tuple[Line, ...]
    measured: tuple[Line, ...]
    process_bytes: int
    on_cards: tuple[tuple[str, int], ...] = ()
    note: str = ""

    def held(self, device: str) -> int | None:
        """Return what the program holds of a device's memory, None where that is not known."""
        return dict(self.on_cards).get(device, self.process_bytes if device == "CPU" else None)

    def by_device(self) -> tuple[tuple[str, int, int], ...]:
        """Return device, planned and measured bytes."""
        planned, measured = _sums(self.planned), _sums(self.measured)
        names = dict.fromkeys((*planned, *measured))
        return tuple((name, planned[name], measured[name]) for name in names)


def _sums(lines: Iterable[Line]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.device] += line.size_bytes
    return sums


class Ledger:
    """Loads and runs in the database of this machine; of each the newest `KEPT_ROWS`.

    Attributes:
        calibrations: The last calibration, in the same file.

    Thread: the event loop's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.calibrations = Calibrations(database)

    async def keep_load(self, entry: LoadEntry) -> None:
        """Write a load down."""

        def work(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO load VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.at,
                    entry.model,
                    entry.kind,
                    _text(entry.planned),
                    _text(entry.measured),
                    entry.process_bytes,
                    json.dumps(entry.on_cards),
                    entry.note,
                ),
            )
            _trim(connection, "load")

        await self._database.run(work)

    async def keep_run(self, run: SpeedRun) -> None:
        """Write a run down."""

        def work(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run.at,
                    run.model,
                    run.where,
                    run.prompt_per_s,
                    run.generated_per_s,
                    run.expected_prompt,
                    run.expected_generation,
                ),
            )
            _trim(connection, "run")

        await self._database.run(work)

    async def loads(self) -> tuple[LoadEntry, ...]:
        """Return the loads, the newest first."""

        def work(connection: Connection) -> tuple[LoadEntry, ...]:
            rows = connection.execute("SELECT * FROM load ORDER BY rowid DESC").fetchall()
            return tuple(
                LoadEntry(
                    at=row["at"],
                    model=row["model"],
                    kind=Kind(row["kind"]),
                    planned=_lines(row["planned"]),
                    measured=_lines(row["measured"]),
                    process_bytes=row["process_bytes"],
                    on_cards=tuple((name, size) for name, size in json.loads(row["on_cards"])),
                    note=row["note"],
                )
                for row in rows
            )

        return await self._database.run(work)

    async def runs(self) -> tuple[SpeedRun, ...]:
        """Return the runs, the newest first."""

        def work(connection: Connection) -> tuple[SpeedRun, ...]:
            rows = connection.execute("SELECT * FROM run ORDER BY rowid DESC").fetchall()
            return tuple(
                SpeedRun(
                    at=row["at"],
                    model=row["model"],
                    where=Where(row["place"]),
                    prompt_per_s=row["prompt_per_s"],
                    generated_per_s=row["generated_per_s"],
                    expected_prompt=row["expected_prompt"],
                    expected_generation=row["expected_generation"],
                )
                for row in rows
            )

        return await self._database.run(work)


def _trim(connection: Connection, table: str) -> None:
    connection.execute(
        f"DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM {table}) - ?",  # noqa: S608 (our own names)
        (KEPT_ROWS,),
    )


def _text(lines: Iterable[Line]) -> str:
    return json.dumps([asdict(line) for line in lines])


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(
        Line(
            device=item["device"],
            part=Part(item["part"]),
            size_bytes=item["size_bytes"],
            kind=Kind(item["kind"]),
        )
        for item in json.loads(text)
    )
