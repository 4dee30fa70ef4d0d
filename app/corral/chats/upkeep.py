"""What is set right when the file is opened: answers whose writer died, conversations long deleted.

A window and a `corral run --save` beside it share the file, so a message that is being written now
must be told from one that was left behind.
"""

import time

from corral.chats.conversation import MessageState
from corral.database import Connection

KEPT_AFTER_DELETION_S = 7 * 24 * 3600

# psutil reckons the start of a process from a boot time in whole seconds.
_START_TIME_ERROR_S = 2


def mark_interrupted(connection: Connection) -> None:
    """Mark the messages that were being written by processes that are no more."""
    rows = connection.execute(
        "SELECT id, writer_pid, created_at FROM message WHERE state = ?", (MessageState.STREAMING,)
    ).fetchall()
    connection.executemany(
        "UPDATE message SET state = ? WHERE id = ?",
        [
            (MessageState.INTERRUPTED, row["id"])
            for row in rows
            if not _is_running(row["writer_pid"], row["created_at"])
        ],
    )


def purge_deleted(connection: Connection) -> None:
    """Remove for good what was deleted long ago."""
    before = time.time() - KEPT_AFTER_DELETION_S
    connection.execute("DELETE FROM conversation WHERE deleted_at < ?", (before,))


def _is_running(pid: int, since: float) -> bool:
    """Whether the process that had this pid then is the one that has it now, and lives."""
    import psutil  # lazy: not needed before the first window

    try:
        process = psutil.Process(pid)
        began_before = process.create_time() <= since + _START_TIME_ERROR_S
        return began_before and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
