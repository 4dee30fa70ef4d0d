"""Runs the tree of a Go template, within bounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from corral.prompt.gotemplate.fault import TemplateFault
from corral.prompt.gotemplate.functions import FUNCTIONS, LAZY_FUNCTIONS, CallFault
from corral.prompt.gotemplate.go_text import printed
from corral.prompt.gotemplate.nodes import (
    Action,
    Chain,
    Command,
    Dot,
    Field,
    Function,
    If,
    Include,
    Leave,
    Literal,
    Node,
    Nodes,
    Operand,
    Pipeline,
    Range,
    Text,
    Tree,
    Variable,
    With,
)
from corral.prompt.gotemplate.values import Record, Value, is_true, kind_name, text_bytes
from corral.prompt.origin import restored

MAX_STEPS = 2_000_000
MAX_DEPTH = 50
MAX_OUTPUT_CHARACTERS = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one rendering may take.

    Attributes:
        steps: Nodes, loops and operands that are looked at.
        depth: Templates that call each other.
        output_characters: What is written, and the length of any text on the way.
    """

    steps: int = MAX_STEPS
    depth: int = MAX_DEPTH
    output_characters: int = MAX_OUTPUT_CHARACTERS


class _Break(Exception):  # noqa: N818 (a jump, not an error)
    pass


class _Continue(Exception):  # noqa: N818 (a jump, not an error)
    pass


def execute(tree: Tree, data: Value, bounds: Bounds | None = None) -> str:
    """Return what a template writes.

    Raises:
        TemplateFault: If it fails, or takes more than it may.
    """
    run = _Run(tree, data, bounds or Bounds())
    run.walk(tree.nodes, data)
    return "".join(run.pieces)


class _Run:
    def __init__(self, tree: Tree, root: Value, bounds: Bounds) -> None:
        self.pieces: list[str] = []
        self._tree = tree
        self._bounds = bounds
        self._steps = 0
        self._written = 0
        self._depth = 0
        self._scopes: list[dict[str, Value]] = [{"$": root}]

    def walk(self, nodes: Nodes, dot: Value) -> None:
        for node in nodes:
            self._step(node.offset)
            self._do(node, dot)

    def _do(self, node: Node, dot: Value) -> None:
        match node:
            case Text():
                self._write(node.text, node.offset)
            case Action():
                value = self._pipeline(node.pipeline, dot)
                if not node.pipeline.variables:
                    self._write(printed(value), node.offset)
            case If() | With():
                self._branch(node, dot)
            case Range():
                self._range(node, dot)
            case Include():
                self._include(node, dot)
            case Leave():
                raise _Break if node.is_break else _Continue

    # -- blocks ---------------------------------------------------------------

    def _branch(self, node: If | With, dot: Value) -> None:
        self._scopes.append({})
        value = self._pipeline(node.pipeline, dot)
        if is_true(value):
            self._block(node.body, value if isinstance(node, With) else dot)
        else:
            self._block(node.otherwise, dot)
        self._scopes.pop()

    def _block(self, nodes: Nodes, dot: Value) -> None:
        """Walk nodes in a scope of their own."""
        depth = len(self._scopes)
        self._scopes.append({})
        try:
            self.walk(nodes, dot)
        finally:
            del self._scopes[depth:]

    def _range(self, node: Range, dot: Value) -> None:
        depth = len(self._scopes)
        self._scopes.append({})
        value = self._pipeline(node.pipeline, dot, is_range=True)
        is_empty = True
        try:
            for key, item in _items(value, node.pipeline.offset):
                is_empty = False
                self._step(node.offset)
                self._set_loop_variables(node.pipeline, key, item)
                try:
                    self._block(node.body, item)
                except _Continue:
                    continue
            if is_empty:
                self._block(node.otherwise, dot)
        except _Break:
            pass
        finally:
            del self._scopes[depth:]

    def _set_loop_variables(self, pipeline: Pipeline, key: Value, item: Value) -> None:
        match pipeline.variables:
            case (one,):
                self._assign(one, item, declares=pipeline.declares)
            case (first, second):
                self._assign(first, key, declares=pipeline.declares)
                self._assign(second, item, declares=pipeline.declares)
            case _:
                pass

    def _include(self, node: Include, dot: Value) -> None:
        nodes = self._tree.defined.get(node.name)
        if nodes is None:
            raise TemplateFault(f'template "{node.name}" not defined', node.offset)
        if self._depth >= self._bounds.depth:
            raise TemplateFault(f"templates call each other {self._depth} deep", node.offset)
        value = self._pipeline(node.pipeline, dot) if node.pipeline else None
        outer, self._scopes = self._scopes, [{"$": value}]
        self._depth += 1
        self.walk(nodes, value)
        self._depth -= 1
        self._scopes = outer

    # -- values ---------------------------------------------------------------

    def _pipeline(self, pipeline: Pipeline, dot: Value, *, is_range: bool = False) -> Value:
        value: Value = None
        for number, command in enumerate(pipeline.commands):
            value = self._command(command, dot, (value,) if number else ())
        if not is_range:
            for name in pipeline.variables:
                self._assign(name, value, declares=pipeline.declares)
        return value

    def _assign(self, name: str, value: Value, *, declares: bool) -> None:
        if not declares:
            for scope in reversed(self._scopes):
                if name in scope:
                    scope[name] = value
                    return
        self._scopes[-1][name] = value

    def _command(self, command: Command, dot: Value, piped: tuple[Value, ...]) -> Value:
        first, *rest = command.operands
        if isinstance(first, Function):
            return self._call(first, rest, dot, piped)
        if rest or piped:
            raise TemplateFault("can't give argument to non-function", command.offset)
        if isinstance(first, Literal) and first.value is None:
            raise TemplateFault("nil is not a command", first.offset)
        return self._value(first, dot)

    def _call(
        self, function: Function, operands: Sequence[Operand], dot: Value, piped: tuple[Value, ...]
    ) -> Value:
        if function.name in LAZY_FUNCTIONS:
            return self._lazy(function, operands, dot, piped)
        values = [self._value(item, dot) for item in operands]
        values += piped
        try:
            value = FUNCTIONS[function.name](values)
        except CallFault as fault:
            raise TemplateFault(
                f"error calling {function.name}: {fault}", function.offset
            ) from fault
        self._step(function.offset)
        if isinstance(value, str):
            self._check_length(len(value), function.offset)
        return value

    def _lazy(
        self, function: Function, operands: Sequence[Operand], dot: Value, piped: tuple[Value, ...]
    ) -> Value:
        """`and` and `or`: the first value that decides, or the last."""
        value: Value = None
        if not operands and not piped:
            raise TemplateFault(f"{function.name} needs a value", function.offset)
        decisive = function.name == "or"
        for operand in operands:
            value = self._value(operand, dot)
            if is_true(value) is decisive:
                return value
        return piped[0] if piped else value

    def _value(self, operand: Operand, dot: Value) -> Value:  # noqa: PLR0911 (one for each kind)
        self._step(operand.offset)
        match operand:
            case Literal():
                return operand.value
            case Dot():
                return dot
            case Field():
                return _fields(dot, operand.names, operand.offset)
            case Variable():
                return _fields(self._variable(operand), operand.names, operand.offset)
            case Function():
                return self._call(operand, (), dot, ())
            case Chain():
                return _fields(self._pipeline(operand.pipeline, dot), operand.names, operand.offset)
            case Pipeline():
                return self._pipeline(operand, dot)

    def _variable(self, variable: Variable) -> Value:
        for scope in reversed(self._scopes):
            if variable.name in scope:
                return scope[variable.name]
        raise TemplateFault(f"undefined variable {variable.name!r}", variable.offset)

    # -- bounds ---------------------------------------------------------------

    def _write(self, text: str, offset: int) -> None:
        self._written += len(text)
        self._check_length(self._written, offset)
        self.pieces.append(text)

    def _step(self, offset: int) -> None:
        self._steps += 1
        if self._steps > self._bounds.steps:
            raise TemplateFault(f"more than {self._bounds.steps:,} steps", offset)

    def _check_length(self, length: int, offset: int) -> None:
        largest = self._bounds.output_characters
        if length > largest:
            raise TemplateFault(f"it writes more than {largest:,} characters", offset)


def _items(value: Value, offset: int) -> Iterator[tuple[Value, Value]]:
    """Yield keys and values in the order in which Go goes through them."""
    pairs: Iterable[tuple[Value, Value]]
    match value:
        case None:
            pairs = ()
        case bool():
            raise TemplateFault("range can't iterate over bool", offset)
        case int():
            pairs = ((number, number) for number in range(value))
        case str():
            pairs = _letters(restored(value))
        case Mapping():
            pairs = ((key, value[key]) for key in sorted(value, key=restored))
        case Sequence():
            pairs = enumerate(value)
        case _:
            raise TemplateFault(f"range can't iterate over {kind_name(value)}", offset)
    yield from pairs


def _letters(text: str) -> Iterator[tuple[Value, Value]]:
    position = 0
    for letter in text:
        yield position, ord(letter)
        position += len(text_bytes(letter))


def _fields(value: Value, names: tuple[str, ...], offset: int) -> Value:
    for number, name in enumerate(names):
        if isinstance(value, Record):
            value = _record_field(value, name, offset)
        elif isinstance(value, Mapping):
            value = value.get(name)
        elif value is None:
            before = ".".join(names[:number])
            raise TemplateFault(f"nil pointer: .{before} has nothing in it, not {name}", offset)
        else:
            kind = kind_name(value)
            raise TemplateFault(f"can't evaluate field {name} in type {kind}", offset)
    return value


def _record_field(record: Record, name: str, offset: int) -> Value:
    if name in record.fields:
        return record.fields[name]
    if name in record.methods:
        return record.methods[name]()
    raise TemplateFault(f"can't evaluate field {name} in type {record.name}", offset)
