"""A Modelfile that was read: its commands in order, and what they come to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from corral.errors import Place, UserError
from corral.modelfile.catalogue import DEPRECATED, MESSAGE_ROLES, PARAMETERS, ParameterValue
from corral.modelfile.values import format_value, parse_value
from corral.prompt.message import Message, Role

# Command names that are instructions; every other name is a parameter's.
TEXT_COMMANDS = (
    "adapter", "draft", "license", "parser", "renderer", "requires", "system", "template",
)  # fmt: skip
_NOT_PARAMETERS = frozenset((*TEXT_COMMANDS, "model", "message"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One instruction, named as Ollama names it.

    Attributes:
        name: "model" for FROM, the parameter's own name for PARAMETER, else the instruction in
            lower case.
        args: The value; for MESSAGE "role: content".
        span: First character and the one behind the last, in the text it was read from.
        place: The same for people.
    """

    name: str
    args: str
    span: tuple[int, int] = field(default=(0, 0), compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def is_parameter(self) -> bool:
        """Whether it sets a parameter."""
        return self.name not in _NOT_PARAMETERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The commands of a Modelfile.

    Attributes:
        commands: In the order of the text.
    """

    commands: tuple[Command, ...]

    def all_of(self, name: str) -> tuple[str, ...]:
        """Return the values of every command of this name, in order."""
        return tuple(command.args for command in self.commands if command.name == name)

    def last_of(self, name: str) -> str | None:
        """Return the value that counts when an instruction may be given once, None if it is not."""
        return next(iter(self.all_of(name)[::-1]), None)

    @property
    def from_(self) -> str:
        """The model or file of the first FROM; empty when it has no value."""
        return next(iter(self.all_of("model")), "")

    @property
    def sources(self) -> tuple[str, ...]:
        """The values of every FROM; those behind the first are files such as a projector."""
        return self.all_of("model")

    @property
    def adapters(self) -> tuple[str, ...]:
        """The values of ADAPTER."""
        return self.all_of("adapter")

    @property
    def licenses(self) -> tuple[str, ...]:
        """The values of LICENSE."""
        return self.all_of("license")

    @property
    def template(self) -> str | None:
        """The value of TEMPLATE."""
        return self.last_of("template")

    @property
    def system(self) -> str | None:
        """The value of SYSTEM; an empty one means that the model is to have none."""
        return self.last_of("system")

    @property
    def draft(self) -> str | None:
        """The value of DRAFT."""
        return self.last_of("draft")

    @property
    def renderer(self) -> str | None:
        """The value of RENDERER."""
        return self.last_of("renderer")

    @property
    def parser(self) -> str | None:
        """The value of PARSER."""
        return self.last_of("parser")

    @property
    def requires(self) -> str | None:
        """The value of REQUIRES."""
        return self.last_of("requires")

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that conversations begin with.

        Raises:
            UserError: For a PARAMETER of the name "message".
        """
        return tuple(_message(command) for command in self.commands if command.name == "message")

    @property
    def parameters(self) -> dict[str, ParameterValue]:
        """The parameters: deprecated ones left out, `stop` collected, the last of others.

        Raises:
            UserError: If a parameter does not exist or has a wrong value; it tells the place.
        """
        found: dict[str, ParameterValue] = {}
        for command in self.commands:
            if command.is_parameter and command.name not in DEPRECATED:
                value = _parameter(command)
                earlier = found.get(command.name, ())
                is_list = isinstance(value, tuple) and isinstance(earlier, tuple)
                found[command.name] = (*earlier, *value) if is_list else value  # type: ignore[misc]
        return found


def parameter_commands(parameters: Mapping[str, ParameterValue]) -> list[Command]:
    """Return parameters as commands in the catalogue's order, unknown ones last."""
    order = {name: position for position, name in enumerate(PARAMETERS)}
    names = sorted(parameters, key=lambda name: (order.get(name, len(order)), name))
    return [
        Command(name=name, args=text) for name in names for text in format_value(parameters[name])
    ]


def message_commands(messages: Iterable[Message]) -> list[Command]:
    """Return messages as commands."""
    return [Command(name="message", args=f"{each.role}: {each.content}") for each in messages]


def _message(command: Command) -> Message:
    role, _, content = command.args.partition(": ")
    if role not in MESSAGE_ROLES:
        raise UserError("unknown parameter 'message'", place=command.place)
    return Message(role=Role(role), content=content)


def _parameter(command: Command) -> ParameterValue:
    try:
        return parse_value(command.name, [command.args])
    except UserError as error:
        raise UserError(error.summary, hint=error.hint, place=command.place) from None
