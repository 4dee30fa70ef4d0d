"""What is wrong with a Go template, and where."""

from corral.errors import Place, UserError
from corral.foreign import safe_line

SOURCE = "TEMPLATE"
MAX_REASON = 300


class TemplateFault(Exception):  # noqa: N818 (named for what it is)
    """Something that stops a template, while it is read or while it runs.

    Attributes:
        reason: What is wrong, without the place.
        offset: Where in the text, in characters from 0.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def fault_place(text: str, offset: int) -> Place:
    """Return line and column of a character of the template."""
    before = text[:offset]
    column = offset - (before.rfind("\n") + 1) + 1
    return Place(line=before.count("\n") + 1, column=column, source=SOURCE)


def fault_error(text: str, fault: TemplateFault) -> UserError:
    """Return the error that people see."""
    place = fault_place(text, fault.offset)
    reason = safe_line(fault.reason)[:MAX_REASON]
    return UserError(
        f"The TEMPLATE fails (line {place.line}, column {place.column}): {reason}",
        hint="Mend the TEMPLATE in the Modelfile, or choose the model file's own template.",
        place=place,
    )
