"""The tables of `chats.db`, as numbered steps; a step that was released never changes."""

from corral.database import Connection, Migration


def _first(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE conversation (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL DEFAULT '',
            model TEXT NOT NULL,
            system TEXT,
            parameters TEXT NOT NULL,
            leaf_id TEXT,
            draft TEXT NOT NULL DEFAULT '',
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            deleted_at REAL
        ) STRICT
        """
    )
    connection.execute(
        """
        CREATE TABLE message (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
            parent_id TEXT REFERENCES message (id),
            role TEXT NOT NULL,
            parts TEXT NOT NULL,
            model TEXT NOT NULL,
            state TEXT NOT NULL,
            finish_reason TEXT,
            usage TEXT,
            ledger TEXT,
            error TEXT,
            dropped_messages INTEGER NOT NULL DEFAULT 0,
            writer_pid INTEGER NOT NULL,
            created_at REAL NOT NULL
        ) STRICT
        """
    )
    connection.execute("CREATE INDEX message_conversation ON message (conversation_id, number)")
    connection.execute("CREATE INDEX message_parent ON message (parent_id)")
    connection.execute("CREATE INDEX message_streaming ON message (id) WHERE state = 'streaming'")


def _template(connection: Connection) -> None:
    connection.execute("ALTER TABLE conversation ADD COLUMN template TEXT")


def _attachments(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE attachment (
            conversation_id TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
            digest TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (conversation_id, digest)
        ) STRICT, WITHOUT ROWID
        """
    )


def _answering(connection: Connection) -> None:
    connection.execute("ALTER TABLE conversation ADD COLUMN answering TEXT")


MIGRATIONS: tuple[Migration, ...] = (_first, _template, _attachments, _answering)
