"""The message tree of a conversation, read from its table rows.

A conversation is a tree: a second answer to the same question, and a question that was edited, are
siblings of the first one. What is shown is the path from a root to one leaf.
"""

from collections import defaultdict

from corral.chats.codec import read_message
from corral.chats.conversation import BranchMessage, MessageId
from corral.database import Connection

_PATH = """
    WITH RECURSIVE path (id, parent_id, depth) AS (
        SELECT id, parent_id, 0 FROM message WHERE id = ?
        UNION ALL
        SELECT above.id, above.parent_id, depth + 1
        FROM message AS above JOIN path ON above.id = path.parent_id
    )
    SELECT message.* FROM path JOIN message USING (id) ORDER BY depth DESC
"""
_SIBLINGS = """
    SELECT id, parent_id FROM message
    WHERE conversation_id = (SELECT conversation_id FROM message WHERE id = ?)
    ORDER BY number
"""
_NEWEST_CHILD = "SELECT id FROM message WHERE parent_id = ? ORDER BY number DESC LIMIT 1"


def read_branch(connection: Connection, leaf_id: MessageId) -> tuple[BranchMessage, ...]:
    """Return the messages from the root to the leaf, each with its siblings."""
    children: dict[MessageId | None, list[MessageId]] = defaultdict(list)
    for row in connection.execute(_SIBLINGS, (leaf_id,)):
        children[row["parent_id"]].append(row["id"])
    messages = [read_message(row) for row in connection.execute(_PATH, (leaf_id,))]
    return tuple(
        BranchMessage(message=message, sibling_ids=tuple(children[message.parent_id]))
        for message in messages
    )


def newest_leaf(connection: Connection, message_id: MessageId) -> MessageId:
    """Return the end of the branch that goes through the message and then always the newest way."""
    while row := connection.execute(_NEWEST_CHILD, (message_id,)).fetchone():
        message_id = row["id"]
    return message_id
