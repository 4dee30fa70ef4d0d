"""What was learned on this machine: verdicts of the pre-flight, and the ledger's tables."""

import logging
import time
from pathlib import Path

from corral.children.verdict import Verdict
from corral.database import Connection, DamagedDatabaseError, Database, Migration

logger = logging.getLogger(__name__)


def _first(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE verdict (
            key TEXT PRIMARY KEY,
            summary TEXT NOT NULL,
            detail TEXT NOT NULL,
            reached_at REAL NOT NULL
        ) STRICT
        """
    )


def _ledger(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE load (
            at REAL NOT NULL,
            model TEXT NOT NULL,
            kind TEXT NOT NULL,
            planned TEXT NOT NULL,
            measured TEXT NOT NULL,
            process_bytes INTEGER NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE run (
            at REAL NOT NULL,
            model TEXT NOT NULL,
            place TEXT NOT NULL,
            prompt_per_s REAL NOT NULL,
            generated_per_s REAL NOT NULL,
            expected_prompt REAL NOT NULL,
            expected_generation REAL NOT NULL
        ) STRICT
        """
    )


def _held(connection: Connection) -> None:
    connection.execute("ALTER TABLE load ADD COLUMN on_cards TEXT NOT NULL DEFAULT '[]'")
    connection.execute("ALTER TABLE load ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def _calibration(connection: Connection) -> None:
    connection.execute(
        "CREATE TABLE calibration "
        "(at REAL NOT NULL, build TEXT NOT NULL, samples TEXT NOT NULL) STRICT"
    )


MIGRATIONS: tuple[Migration, ...] = (_first, _ledger, _held, _calibration)


class MachineStore:
    """The database of one machine.

    Thread: the event loop's.
    """

    def __init__(self, path: Path) -> None:
        """Open it; a damaged file makes room for a new one, as all in it can be learned again.

        Raises:
            ExternalError: If it is newer than this program or cannot be opened.
        """
        try:
            self._database = Database(path, MIGRATIONS)
        except DamagedDatabaseError as error:
            logger.warning("begun anew: %s", error.summary)
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            self._database = Database(path, MIGRATIONS)

    @property
    def database(self) -> Database:
        """The file itself, for the ledger."""
        return self._database

    async def find(self, key: str) -> Verdict | None:
        """Return the verdict on a file, None if there is none yet."""

        def work(connection: Connection) -> Verdict | None:
            row = connection.execute(
                "SELECT summary, detail FROM verdict WHERE key = ?", (key,)
            ).fetchone()
            return Verdict(summary=row["summary"], detail=row["detail"]) if row else None

        return await self._database.run(work)

    async def keep(self, key: str, verdict: Verdict) -> None:
        """Remember a verdict on a file."""

        def work(connection: Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?)",
                (key, verdict.summary, verdict.detail, time.time()),
            )

        await self._database.run(work)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
