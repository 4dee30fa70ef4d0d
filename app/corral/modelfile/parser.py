"""Modelfile text to a document, with Ollama's errors."""

import codecs

from corral.errors import Place, UserError
from corral.modelfile.catalogue import INSTRUCTIONS, MESSAGE_ROLES
from corral.modelfile.document import Command, Document
from corral.modelfile.positions import Lines
from corral.modelfile.scanner import Fault, FaultKind, Statement, scan

NO_FROM = "no FROM line"


class ModelfileError(UserError):
    """A text that is not a Modelfile.

    Attributes:
        kind: In which way.
        ollama_text: The message that Ollama has for it, with the line as Ollama counts it.
    """

    def __init__(
        self, summary: str, *, kind: FaultKind, ollama_text: str, hint: str, place: Place
    ) -> None:
        super().__init__(summary, hint=hint, place=place)
        self.kind = kind
        self.ollama_text = ollama_text


def decode(data: bytes) -> str:
    """Return the text of a Modelfile: UTF-8, or what its byte order mark says.

    Bytes that are not text become U+FFFD, as in Ollama.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def parse(text: str, source: str = "") -> Document:
    """Read a Modelfile.

    Args:
        text: Its text.
        source: Name of the text, for errors.

    Raises:
        ModelfileError: If it cannot be read; Ollama refuses the same texts.
    """
    lines = Lines(text)
    commands = []
    for statement in scan(text):
        if statement.fault:
            raise _error(text, statement.fault, lines.place(statement.fault.start, source))
        commands.append(command_of(statement, lines.place(statement.start, source)))
    document = Document(commands=tuple(commands))
    if not document.sources:
        raise ModelfileError(
            NO_FROM,
            kind=FaultKind.MISSING_FROM,
            ollama_text=NO_FROM,
            hint="Name the model to build on, for example: FROM smollm2:135m",
            place=Place(line=1, source=source),
        )
    return document


def command_of(statement: Statement, place: Place | None = None) -> Command:
    """Return what a statement without fault says."""
    value = statement.value.text if statement.value else ""
    name = statement.keyword
    match name:
        case "from":
            name = "model"
        case "parameter":
            name = statement.name
        case "message":
            value = f"{statement.name}: {value}"
    return Command(name=name, args=value, span=(statement.start, statement.end), place=place)


def fault_text(fault: Fault) -> str:
    """Return Ollama's words for a fault, without the line."""
    match fault.kind:
        case FaultKind.INVALID_COMMAND:
            return f"command must be one of {_one_of([name.lower() for name in INSTRUCTIONS])}"
        case FaultKind.INVALID_MESSAGE_ROLE:
            return f"message role must be one of {_one_of(MESSAGE_ROLES)}"
        case _:
            return "unexpected EOF" + (f": {fault.rest}" if fault.rest is not None else "")


def _error(text: str, fault: Fault, place: Place) -> ModelfileError:
    summary = ollama_text = fault_text(fault)
    if fault.kind is not FaultKind.UNEXPECTED_EOF:
        read = text[: fault.noticed_at + 1]
        line = 1 + read.count("\r") + read.count("\n")  # Ollama counts CRLF twice
        ollama_text = f"(line {line}): {summary}"
    return ModelfileError(
        summary, kind=fault.kind, ollama_text=ollama_text, hint=_hint(text, fault), place=place
    )


def _hint(text: str, fault: Fault) -> str:
    if fault.kind is FaultKind.UNEXPECTED_EOF:
        if text.startswith('"', fault.start):
            return "The quote that is opened here is never closed at the end of a line."
        return "The line ends before its value."
    return ""


def _one_of(names: list[str] | tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted[:-1]) + f", or {quoted[-1]}"
