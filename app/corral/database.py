"""One SQLite file behind one single-thread executor, with numbered migrations.

All work on a file goes through its one thread, so no two writers of this process ever meet and no
statement blocks the event loop. Other processes are met by WAL mode and a busy timeout.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TypeVar

from corral.errors import ExternalError

T = TypeVar("T")
Connection = sqlite3.Connection
Row = sqlite3.Row
Migration = Callable[[sqlite3.Connection], None]

BUSY_TIMEOUT_S = 10

# Locked, full, read-only; and a damaged file. The other classes are faults of the program.
_OUTSIDE = (sqlite3.OperationalError, sqlite3.DatabaseError)


class DamagedDatabaseError(ExternalError):
    """A file is no database any more, or never was one.

    Attributes:
        path: The file.
    """

    def __init__(self, summary: str, *, path: Path, hint: str) -> None:
        super().__init__(summary, hint=hint)
        self.path = path


def aside_path(path: Path) -> Path:
    """Return the name under which a damaged file can be kept: with the date, and free."""
    stem = f"{path.stem}-damaged-{time.strftime('%Y-%m-%d')}"
    names = (f"{stem}{f'-{number}' if number > 1 else ''}{path.suffix}" for number in count(1))
    return next(aside for name in names if not (aside := path.with_name(name)).exists())


def set_aside(path: Path) -> Path:
    """Rename a damaged file with all that belongs to it, so that an empty one can begin.

    Returns:
        Where it is now.

    Raises:
        ExternalError: If it cannot be renamed.
    """
    aside = aside_path(path)
    try:
        for suffix in ("-wal", "-shm"):  # first: a new file must not take them for its own
            if (part := path.with_name(path.name + suffix)).exists():
                part.rename(aside.with_name(aside.name + suffix))
        path.rename(aside)
    except OSError as error:
        raise ExternalError(
            f"{path} cannot be renamed: {error.strerror}.",
            hint="Make its folder writable, or move the file away yourself.",
        ) from error
    return aside


class Database:
    """A SQLite file with its own thread.

    Thread: `run` from the event loop, `run_now` from any thread without a loop.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration]) -> None:
        """Open the file, make it private to its owner and bring its tables up to date.

        Args:
            path: The file; its folder is created.
            migrations: Steps in order; `PRAGMA user_version` counts those that were applied.

        Raises:
            DamagedDatabaseError: If the file is damaged.
            ExternalError: If it is newer than this program, or cannot be opened.
        """
        self.path = path
        self._migrations = migrations
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=path.stem)
        try:
            self._connection = self._executor.submit(self._open).result()
        except BaseException:
            self._executor.shutdown()
            raise

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction on the file's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._transact, work)

    def run_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction and wait for it."""
        return self._executor.submit(self._transact, work).result()

    def close(self) -> None:
        """Finish what was asked and close the file."""
        self._executor.submit(self._connection.close).result()
        self._executor.shutdown()

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._connection:
                # At once: with a lock taken later, a read followed by a write fails without waiting
                # when another process wrote in between.
                self._connection.execute("BEGIN IMMEDIATE")
                return work(self._connection)
        except sqlite3.DatabaseError as error:
            if type(error) not in _OUTSIDE:
                raise
            raise ExternalError(
                f"The database {self.path.name} could not be used: {error}.",
                hint="Check that the disk is not full and the file is writable.",
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except (sqlite3.DatabaseError, OSError) as error:
            summary = f"The database {self.path} cannot be opened: {error}."
            hint = "Move the file away to start with an empty one."
            if type(error) is sqlite3.DatabaseError:
                raise DamagedDatabaseError(summary, path=self.path, hint=hint) from error
            raise ExternalError(summary, hint=hint) from error

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")  # two processes may start at once
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > len(self._migrations):
                raise ExternalError(
                    f"{self.path.name} was written by a newer Corral: its version is {version}, "
                    f"this program knows {len(self._migrations)}.",
                    hint="Update Corral.",
                )
            for migration in self._migrations[version:]:
                migration(connection)
            connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
