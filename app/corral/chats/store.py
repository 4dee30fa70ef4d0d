"""The conversations of one user, in one SQLite file that only its owner can read.

A window and command lines may use the file at once. Nothing is lost by a kill: what was written is
there at the next opening, and an answer left half-written is marked as interrupted.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Unpack

from corral.chats.attachment import Attachment
from corral.chats.codec import (
    Column,
    read_conversation,
    read_message,
    storable,
    write_answering,
    write_changes,
    write_parameters,
    write_parts,
)
from corral.chats.conversation import (
    BranchMessage,
    Conversation,
    ConversationId,
    MessageChanges,
    MessageId,
    MessageState,
    Part,
    PicturePart,
    SoundPart,
    StoredMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from corral.chats.schema import MIGRATIONS
from corral.chats.title import automatic_title
from corral.chats.tree import newest_leaf, read_branch
from corral.chats.upkeep import mark_interrupted, purge_deleted
from corral.database import Connection, Database
from corral.errors import UserError
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import Answering
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Role

__all__ = [
    "BranchMessage",
    "ChatStore",
    "Conversation",
    "ConversationId",
    "MessageChanges",
    "MessageId",
    "MessageState",
    "Part",
    "PicturePart",
    "SoundPart",
    "StoredMessage",
    "TextPart",
    "ThinkingPart",
    "ToolCallPart",
]

_CONVERSATIONS = """
    SELECT *, (SELECT count(*) FROM message WHERE conversation_id = conversation.id) AS n_messages
    FROM conversation
    WHERE deleted_at IS NULL
"""
_MATCHING = """
    AND (instr(casefold(title), :wanted) OR EXISTS (
        SELECT 1 FROM message, json_each(message.parts) AS part
        WHERE conversation_id = conversation.id
        AND instr(casefold(json_extract(part.value, '$.text')), :wanted)
    ))
"""


class ChatStore:
    """Keeps conversations.

    Thread: the event loop's; the file has its own thread behind it.
    """

    def __init__(
        self, path: Path, on_delete: Callable[[ConversationId], None] | None = None
    ) -> None:
        """Open the file and set right what a crash left behind.

        Args:
            path: The file.
            on_delete: Called with each conversation that is put away.

        Raises:
            ExternalError: If the file cannot be opened.
        """
        self._on_delete = on_delete
        self._database = Database(path, MIGRATIONS)
        self._database.run_now(mark_interrupted)
        self._database.run_now(purge_deleted)

    def close(self) -> None:
        """Finish what was asked and close the file."""
        self._database.close()

    async def create_conversation(
        self,
        model: str,
        *,
        system: str | None = None,
        parameters: Mapping[str, ParameterValue] | None = None,
        template: TemplateSource | None = None,
        answering: Answering | None = None,
    ) -> Conversation:
        """Begin a conversation without messages."""
        conversation_id = ConversationId(os.urandom(16).hex())
        now = time.time()
        row: dict[str, Column] = {
            "id": conversation_id,
            "model": model,
            "system": None if system is None else storable(system),
            "parameters": write_parameters(parameters or {}),
            "template": template,
            "answering": write_answering(answering or Answering()),
            "created_at": now,
            "updated_at": now,
        }

        def work(connection: Connection) -> Conversation:
            _insert(connection, "conversation", row)
            return _get(connection, conversation_id)

        return await self._database.run(work)

    async def list_conversations(self, search: str = "") -> list[Conversation]:
        """Return the conversations, the last used first.

        Args:
            search: Words that must stand in the title or in a message, in any case; "" finds all.
        """
        wanted = storable(search.strip()).casefold()
        query = f"{_CONVERSATIONS} {_MATCHING if wanted else ''} ORDER BY updated_at DESC"

        def work(connection: Connection) -> list[Conversation]:
            connection.create_function("casefold", 1, str.casefold, deterministic=True)
            rows = connection.execute(query, {"wanted": wanted})
            return [read_conversation(row) for row in rows]

        return await self._database.run(work)

    async def get(self, conversation_id: ConversationId) -> Conversation:
        """Return a conversation.

        Raises:
            UserError: If it was deleted.
        """
        return await self._database.run(lambda connection: _get(connection, conversation_id))

    async def rename(self, conversation_id: ConversationId, title: str) -> None:
        """Give a conversation another title.

        Raises:
            UserError: If the title is empty.
        """
        line = " ".join(title.split())
        if not line:
            raise UserError("A conversation cannot have an empty title.")
        await self._change(conversation_id, "title", storable(line))

    async def set_model(self, conversation_id: ConversationId, model: str) -> None:
        """Let another model answer from now on."""
        await self._change(conversation_id, "model", model)

    async def set_system(self, conversation_id: ConversationId, system: str | None) -> None:
        """Set the system text; None is the model's own."""
        value = None if system is None else storable(system)
        await self._change(conversation_id, "system", value)

    async def set_parameters(
        self, conversation_id: ConversationId, parameters: Mapping[str, ParameterValue]
    ) -> None:
        """Set the parameters that win over the model's."""
        await self._change(conversation_id, "parameters", write_parameters(parameters))

    async def set_template(
        self, conversation_id: ConversationId, template: TemplateSource | None
    ) -> None:
        """Say where the template of the prompts comes from; None is the usual order."""
        await self._change(conversation_id, "template", template)

    async def set_answering(self, conversation_id: ConversationId, answering: Answering) -> None:
        """Say how answers are made from now on."""
        await self._change(conversation_id, "answering", write_answering(answering))

    async def set_draft(self, conversation_id: ConversationId, draft: str) -> None:
        """Keep the text that is typed and not sent."""
        await self._change(conversation_id, "draft", storable(draft))

    async def set_leaf(
        self, conversation_id: ConversationId, message_id: MessageId
    ) -> Conversation:
        """Show the branch that goes through a message, to its newest end."""

        def work(connection: Connection) -> Conversation:
            leaf_id = newest_leaf(connection, message_id)
            connection.execute(
                "UPDATE conversation SET leaf_id = ? WHERE id = ?", (leaf_id, conversation_id)
            )
            return _get(connection, conversation_id)

        return await self._database.run(work)

    async def delete(self, conversation_id: ConversationId) -> None:
        """Put a conversation away; `undelete` brings it back for seven days."""
        await self._change(conversation_id, "deleted_at", time.time())
        if self._on_delete:
            self._on_delete(conversation_id)

    async def undelete(self, conversation_id: ConversationId) -> Conversation:
        """Bring a deleted conversation back.

        Raises:
            UserError: If it was removed for good.
        """
        await self._change(conversation_id, "deleted_at", None)
        return await self.get(conversation_id)

    async def add_message(
        self,
        conversation_id: ConversationId,
        parent_id: MessageId | None,
        role: Role,
        parts: tuple[Part, ...] = (),
        *,
        model: str = "",
        state: MessageState = MessageState.DONE,
        attachments: Sequence[Attachment] = (),
    ) -> StoredMessage:
        """Add a message after another one and show its branch.

        Args:
            conversation_id: Where it belongs.
            parent_id: The message it follows; None makes it a first one.
            role: Who speaks.
            parts: What is said so far.
            model: Name of the model that writes it.
            state: `STREAMING` for an answer that is yet to come.
            attachments: The files of its pictures and sounds; they go with the conversation.
        """
        message_id = MessageId(os.urandom(16).hex())
        row: dict[str, Column] = {
            "id": message_id,
            "conversation_id": conversation_id,
            "parent_id": parent_id,
            "role": role,
            "parts": write_parts(parts),
            "model": model,
            "state": state,
            "writer_pid": os.getpid(),
            "created_at": time.time(),
        }

        def work(connection: Connection) -> StoredMessage:
            _insert(connection, "message", row)
            connection.executemany(
                "INSERT OR IGNORE INTO attachment VALUES (?, ?, ?)",
                [(conversation_id, each.digest, each.data) for each in attachments],
            )
            connection.execute(
                "UPDATE conversation SET leaf_id = :id, updated_at = :created_at"
                " WHERE id = :conversation_id",
                row,
            )
            added = "SELECT * FROM message WHERE id = ?"
            message = read_message(connection.execute(added, (message_id,)).fetchone())
            if role is Role.USER:
                _give_title(connection, message)
            return message

        return await self._database.run(work)

    async def update_message(
        self, message_id: MessageId, **changes: Unpack[MessageChanges]
    ) -> None:
        """Change what is said in a message, or what is known about it; the rest stays."""
        columns = write_changes(changes)
        names = ", ".join(f"{name} = :{name}" for name in columns)

        def work(connection: Connection) -> None:
            connection.execute(
                f"UPDATE message SET {names} WHERE id = :id",  # noqa: S608 (names of ours)
                {**columns, "id": message_id},
            )

        await self._database.run(work)

    async def attached(
        self, conversation_id: ConversationId, digests: Collection[str]
    ) -> Mapping[str, bytes]:
        """Return files of a conversation's pictures and sounds, by their digests."""

        def work(connection: Connection) -> Mapping[str, bytes]:
            query = "SELECT data FROM attachment WHERE conversation_id = ? AND digest = ?"
            rows = {
                digest: connection.execute(query, (conversation_id, digest)).fetchone()
                for digest in set(digests)
            }
            return {digest: row["data"] for digest, row in rows.items() if row}

        return await self._database.run(work)

    async def branch(self, leaf_id: MessageId | None) -> tuple[BranchMessage, ...]:
        """Return the messages from the beginning to a leaf; none without a leaf."""
        if leaf_id is None:
            return ()
        return await self._database.run(lambda connection: read_branch(connection, leaf_id))

    async def _change(self, conversation_id: ConversationId, column: str, value: Column) -> None:
        def work(connection: Connection) -> None:
            connection.execute(
                f"UPDATE conversation SET {column} = ? WHERE id = ?",  # noqa: S608 (names of ours)
                (value, conversation_id),
            )

        await self._database.run(work)


def _insert(connection: Connection, table: str, row: Mapping[str, Column]) -> None:
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", row)  # noqa: S608 (names of ours)


def _get(connection: Connection, conversation_id: ConversationId) -> Conversation:
    query = f"{_CONVERSATIONS} AND id = ?"
    row = connection.execute(query, (conversation_id,)).fetchone()
    if row is None:
        raise UserError("This conversation was deleted.")
    return read_conversation(row)


def _give_title(connection: Connection, message: StoredMessage) -> None:
    connection.execute(
        "UPDATE conversation SET title = ? WHERE id = ? AND title = ''",
        (automatic_title(message.text), message.conversation_id),
    )
