import threading
import time
from pathlib import Path

import pytest

from corral.database import Connection, Database
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
