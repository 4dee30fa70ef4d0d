"""The tree of a Go template. Every node knows where it stands in the text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A string, number, truth value or nil."""

    value: str | int | float | bool | None
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """`.`, the value at hand."""

    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`.a.b`, reached from the value at hand."""

    names: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """`$x` or `$x.a.b`."""

    name: str
    names: tuple[str, ...] = ()
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The name of a function."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """`(pipeline).a.b`."""

    pipeline: "Pipeline"
    names: tuple[str, ...]
    offset: int


Operand: TypeAlias = "Literal | Dot | Field | Variable | Function | Chain | Pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A value, or a function and its arguments."""

    operands: tuple[Operand, ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Commands joined by `|`; the result may go to variables.

    Attributes:
        commands: At least one.
        variables: Names that take the result.
        declares: Whether these are new variables (`:=`).
        offset: Where it begins.
    """

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    declares: bool = False
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text between actions."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`{{ pipeline }}`."""

    pipeline: Pipeline
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """`{{ if }}`."""

    pipeline: Pipeline
    body: "Nodes"
    otherwise: "Nodes" = ()
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class With:
    """`{{ with }}`."""

    pipeline: Pipeline
    body: "Nodes"
    otherwise: "Nodes" = ()
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """`{{ range }}`."""

    pipeline: Pipeline
    body: "Nodes"
    otherwise: "Nodes" = ()
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """`{{ template "name" pipeline }}`."""

    name: str
    pipeline: Pipeline | None
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """`{{ break }}` or `{{ continue }}`."""

    is_break: bool
    offset: int


Block: TypeAlias = "If | With | Range"
Node: TypeAlias = "Text | Action | If | With | Range | Include | Leave"
Nodes: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A whole template.

    Attributes:
        nodes: What it writes.
        defined: The templates that it defines, by name.
    """

    nodes: Nodes
    defined: dict[str, Nodes] = field(default_factory=dict)


def pipeline_names(pipeline: Pipeline) -> Iterator[str]:
    """Yield the names of fields and variables in the order in which they stand."""
    for command in pipeline.commands:
        for operand in command.operands:
            match operand:
                case Field():
                    yield from operand.names
                case Variable():
                    yield from (operand.name, *operand.names)
                case Chain():
                    yield from pipeline_names(operand.pipeline)
                    yield from operand.names
                case Pipeline():
                    yield from pipeline_names(operand)
                case _:
                    pass


def node_names(nodes: Nodes) -> Iterator[str]:
    """Yield the names of fields and variables of nodes and all that is in them."""
    for node in nodes:
        match node:
            case Action() | Include():
                if node.pipeline:
                    yield from pipeline_names(node.pipeline)
            case If() | With() | Range():
                yield from pipeline_names(node.pipeline)
                yield from node_names(node.body)
                yield from node_names(node.otherwise)
            case _:
                pass
