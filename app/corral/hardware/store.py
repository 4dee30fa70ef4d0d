"""What was learned on this machine: verdicts of the pre-flight."""

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


MIGRATIONS: tuple[Migration, ...] = (_first,)


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
