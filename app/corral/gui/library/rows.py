"""What one row of the library says, as plain data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from corral.gui.theme.palette import Role


class RowKind(StrEnum):
    """What a row stands for."""

    SECTION = "section"
    MODEL = "model"
    CHAT = "chat"


RowKey: TypeAlias = tuple[RowKind, str]
"""Kind of a row, and the model's name, the chat's id or the section's title."""


class Order(StrEnum):
    """How the models of a store are put in order."""

    NEWEST = "newest"
    NAME = "name"
    SIZE = "size"
    LAST_USED = "last_used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        kind: What it stands for.
        key: Name of the model or id of the chat; the title of a section.
        title: First line.
        detail: Second line.
        badge: Short word on the right of the second line.
        badge_role: Colour of the badge.
        tip: More about it, for the tool tip.
        is_loaded: Whether a dot stands before the title.
    """

    kind: RowKind
    key: str = ""
    title: str
    detail: str = ""
    badge: str = ""
    badge_role: Role = Role.QUIET
    tip: str = ""
    is_loaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is chosen in a list, in the order of the list.

    Attributes:
        models: Names of models.
        chats: Ids of chats.
    """

    models: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.models or self.chats)

    @property
    def only_model(self) -> str:
        """The model, when one model and nothing else is chosen; "" otherwise."""
        return self.models[0] if len(self.models) == 1 and not self.chats else ""

    @property
    def only_chat(self) -> str:
        """The chat, when one chat and nothing else is chosen; "" otherwise."""
        return self.chats[0] if len(self.chats) == 1 and not self.models else ""
