"""How the commands of a conversation on the terminal are found and completed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corral.cli.line_editor import LineEditor
from corral.cli.loop_thread import LoopThread
from corral.cli.talk import Talk
from corral.errors import UserError
from corral.foreign import safe_line
from corral.modelfile.catalogue import PARAMETERS


@dataclass(slots=True, kw_only=True)
class Seat:
    """Where a command is given.

    Attributes:
        talk: The conversation.
        services: Where it lives.
        editor: Reads the lines.
        is_left: Whether the person has left.
    """

    talk: Talk
    services: LoopThread
    editor: LineEditor
    is_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """One command.

    Attributes:
        names: Its names; the first is shown.
        argument: What follows it, "" for nothing.
        help: What it does.
        run: Does it.
    """

    names: tuple[str, ...]
    argument: str = ""
    help: str
    run: Callable[[Seat, str], None]

    @property
    def usage(self) -> str:
        """The command as it is written."""
        return f"{self.names[0]} {self.argument}".rstrip()


def find_command(commands: Sequence[SlashCommand], text: str) -> tuple[SlashCommand, str]:
    """Return the command that a line means, and what follows it.

    A command may be shortened as long as only one can be meant.

    Raises:
        UserError: If there is none, or more than one.
    """
    first, _, rest = text.strip().partition(" ")
    second, _, after = rest.strip().partition(" ")
    known = {name: command for command in commands for name in command.names}
    name = _whole(first, {_first(name) for name in known})
    within = {each.partition(" ")[2] for each in known if _first(each) == name} - {""}
    if not within:
        return known[name], rest.strip()
    if not second:
        return known["/help"], name.removeprefix("/")
    return known[f"{name} {_whole(second, within, start=name + ' ')}"], after.strip()


def suggested(commands: Sequence[SlashCommand], line: str, seat: Seat) -> list[str]:
    """Return what a line can go on to, whole lines."""
    if not line.startswith("/"):
        return []
    if line.startswith("/set parameter "):
        return _begun(line, [f"/set parameter {name} " for name in PARAMETERS])
    if line.startswith(("/load ", "/save ")):
        models = seat.services.do(seat.talk.workbench.modelling.list())
        return _begun(line, [f"{line[:5]} {model.name}" for model in models])
    names = [name + (" " if c.argument else "") for c in commands for name in c.names]
    return _begun(line, names)


def _whole(word: str, names: set[str], start: str = "") -> str:
    low = word.lower()
    found = sorted(name for name in names if name.startswith(low))
    if low in found:
        return low
    shown = safe_line(start + word, limit=60)
    if not found:
        raise UserError(f"Unknown command '{shown}'. Type /? for help.")
    if len(found) > 1:
        choice = ", ".join(f"{start}{name}" for name in found)
        raise UserError(f"'{shown}' can be {choice}.")
    return found[0]


def _first(name: str) -> str:
    return name.partition(" ")[0]


def _begun(line: str, candidates: list[str]) -> list[str]:
    return sorted(each for each in candidates if each.startswith(line))
