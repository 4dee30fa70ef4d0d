"""What one row of the library says, as plain data."""

from dataclasses import dataclass
from enum import StrEnum

from corral.gui.theme.palette import Role


class RowKind(StrEnum):
    """What a row stands for."""

    SECTION = "section"
    MODEL = "model"
    CHAT = "chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        kind: What it stands for.
        key: Name of the model or id of the chat; "" for a section.
        title: First line.
        detail: Second line.
        badge: Short word on the right of the second line.
        badge_role: Colour of the badge.
        is_loaded: Whether a dot stands before the title.
    """

    kind: RowKind
    key: str = ""
    title: str
    detail: str = ""
    badge: str = ""
    badge_role: Role = Role.QUIET
    is_loaded: bool = False
