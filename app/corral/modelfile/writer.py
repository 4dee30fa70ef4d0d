"""A document as Modelfile text that reads back to the same.

Where Ollama's own output reads back, this is the same text. Where it does not (a value that begins
with a quote or a tab, a path with a newline), the value is put in quotes that hold. Only a text
with three quotes at the end of a line needs Corral's own mark, see `scanner`.
"""

from collections.abc import Iterable, Iterator

from corral.errors import UserError
from corral.modelfile.document import TEXT_COMMANDS, Command, Document
from corral.modelfile.parser import command_of
from corral.modelfile.scanner import hold_open, scan


def write(document: Document | Iterable[Command]) -> str:
    """Return Modelfile text, one instruction after the other.

    Raises:
        UserError: If a parameter or role has a name that no Modelfile can have.
    """
    commands = document.commands if isinstance(document, Document) else document
    return "".join(write_command(command) + "\n" for command in commands)


def write_command(command: Command) -> str:
    """Return one instruction without the newline behind it.

    Raises:
        UserError: If a parameter or role has a name that no Modelfile can have.
    """
    head, value = _split(command)
    for quoted in _ways_of_quoting(value):
        line = f"{head} {quoted}"
        if _reads_back(line, command):
            return line
    raise UserError(f"{head[:100]} cannot be written in a Modelfile.", detail=value[:200])


def _split(command: Command) -> tuple[str, str]:
    role, colon, content = command.args.partition(": ")
    if command.name == "message" and colon:
        return f"MESSAGE {role}", content
    if command.name == "model":
        return "FROM", command.args
    if command.name in TEXT_COMMANDS:
        return command.name.upper(), command.args
    return f"PARAMETER {command.name}", command.args


def _ways_of_quoting(value: str) -> Iterator[str]:
    yield value
    order = ('"""', '"') if '"' in value else ('"', '"""')
    yield from (f"{quote}{value}{quote}" for quote in order)
    held = hold_open(value, '"""')
    yield f'"""{held}"""'


def _reads_back(line: str, command: Command) -> bool:
    match scan(line):
        case [statement] if statement.fault is None:
            return command_of(statement) == command
        case _:
            return False
