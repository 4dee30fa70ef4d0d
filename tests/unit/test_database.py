"""One SQLite file, one thread, numbered migrations."""

import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest

from corral.database import Connection, DamagedDatabaseError, Database, set_aside
from corral.errors import ExternalError


def make_table(connection: Connection) -> None:
    connection.execute("CREATE TABLE counter (value INTEGER)")
    connection.execute("INSERT INTO counter VALUES (0)")


def value_of(connection: Connection) -> int:
    return int(connection.execute("SELECT value FROM counter").fetchone()[0])


def test_a_read_followed_by_a_write_waits_for_another_writer(tmp_path: Path) -> None:
    first, second = (Database(tmp_path / "a.db", (make_table,)) for _ in range(2))

    def add_one(connection: Connection) -> None:
        value = value_of(connection)
        time.sleep(0.1)
        connection.execute("UPDATE counter SET value = ?", (value + 1,))

    threads = [threading.Thread(target=d.run_now, args=(add_one,)) for d in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.run_now(value_of) == 2
    first.close()
    second.close()


def test_work_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db", (make_table,))

    def fail(connection: Connection) -> None:
        connection.execute("UPDATE counter SET value = 5")
        raise KeyError

    with pytest.raises(KeyError):
        database.run_now(fail)
    assert database.run_now(value_of) == 0
    database.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    Database(tmp_path / "a.db", (make_table, lambda _: None)).close()
    with pytest.raises(ExternalError, match="its version is 2, this program knows 1"):
        Database(tmp_path / "a.db", (make_table,))


async def test_work_runs_off_the_event_loop_on_the_files_own_thread(tmp_path: Path) -> None:
    database = Database(tmp_path / "chats.db", (make_table,))
    names = {await database.run(lambda _: threading.current_thread().name) for _ in range(3)}
    assert len(names) == 1
    assert names.pop().startswith("chats")
    assert await database.run(value_of) == 0
    database.close()


def test_what_was_written_is_there_again_and_migrations_run_once(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.db"
    database = Database(path, (make_table,))
    database.run_now(lambda connection: connection.execute("UPDATE counter SET value = 7"))
    database.close()

    def double(connection: Connection) -> None:
        connection.execute("UPDATE counter SET value = value * 2")

    for _ in range(2):
        database = Database(path, (make_table, double))
        assert database.run_now(value_of) == 14
        database.close()


def test_a_migration_that_fails_leaves_the_old_tables(tmp_path: Path) -> None:
    Database(tmp_path / "a.db", (make_table,)).close()

    def fail(connection: Connection) -> None:
        connection.execute("DROP TABLE counter")
        raise KeyError

    with pytest.raises(KeyError):
        Database(tmp_path / "a.db", (make_table, fail))
    database = Database(tmp_path / "a.db", (make_table,))
    assert database.run_now(value_of) == 0
    database.close()


def test_the_file_and_what_sqlite_puts_beside_it_are_private(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db", (make_table,))
    database.run_now(lambda connection: connection.execute("UPDATE counter SET value = 1"))
    files = list(tmp_path.iterdir())
    assert tmp_path / "a.db-wal" in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files if file.is_file()} == {0o600}
    database.close()


def test_a_file_that_is_no_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database " * 100)
    with pytest.raises(ExternalError, match=r"cannot be opened.*Move the file away"):
        Database(tmp_path / "a.db", (make_table,))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")
    with pytest.raises(ExternalError, match="cannot be opened"):
        Database(tmp_path / "folder" / "a.db", (make_table,))


def test_a_file_damaged_while_it_is_open_is_told_and_a_wrong_statement_is_a_bug(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path / "a.db", (make_table,))

    def damage(_: Connection) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    def wrong(connection: Connection) -> None:
        connection.execute("CREATE UNIQUE INDEX one ON counter (value)")
        connection.execute("INSERT INTO counter VALUES (0)")

    with pytest.raises(ExternalError, match="malformed"):
        database.run_now(damage)
    with pytest.raises(sqlite3.IntegrityError):
        database.run_now(wrong)
    database.close()


def test_a_damaged_file_is_kept_aside_under_a_free_name_and_an_empty_one_begins(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.db"
    day = time.strftime("%Y-%m-%d")
    for name in (f"a-damaged-{day}.db", f"a-damaged-{day}-2.db"):
        file.write_bytes(b"no database at all " * 100)
        (tmp_path / "a.db-wal").write_bytes(b"old")
        with pytest.raises(DamagedDatabaseError) as caught:
            Database(file, (make_table,))
        assert caught.value.path == file
        assert set_aside(file) == tmp_path / name
        assert (tmp_path / name).read_bytes().startswith(b"no database")
        assert not (tmp_path / "a.db-wal").exists()
        Database(file, (make_table,)).close()


def test_a_file_that_cannot_be_renamed_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExternalError, match="cannot be renamed"):
        set_aside(tmp_path / "gone.db")
