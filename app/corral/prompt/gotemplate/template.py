"""Ollama's TEMPLATE as a whole: which of its ways to render applies, and what it says of itself.

Source: the behaviour of Ollama's `template` package, by its recorded cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from corral.errors import UserError
from corral.prompt.conversation import Conversation
from corral.prompt.gotemplate.evaluator import Bounds, execute
from corral.prompt.gotemplate.fault import TemplateFault, fault_error
from corral.prompt.gotemplate.functions import FUNCTION_NAMES
from corral.prompt.gotemplate.nodes import (
    Action,
    Command,
    Field,
    If,
    Include,
    Nodes,
    Pipeline,
    Range,
    Tree,
    With,
    node_names,
    pipeline_names,
)
from corral.prompt.gotemplate.parser import parse
from corral.prompt.gotemplate.tool_values import message_value, tools_value
from corral.prompt.gotemplate.values import Value, clean_text, finished_text
from corral.prompt.message import Message, Role

MAX_TEMPLATE_CHARACTERS = 512 * 1024
MERGED_GAP = "\n\n"
TOO_DEEP = "it is nested too deeply"


class GoTemplate:
    """A parsed TEMPLATE.

    Attributes:
        text: As it was written.
        tree: Its tree; without `.Messages` and `.Response`, `{{ .Response }}` is at its end.
    """

    def __init__(self, text: str) -> None:
        """Read a template.

        Raises:
            UserError: If it is none; with line and column.
        """
        self.text = text
        if len(text) > MAX_TEMPLATE_CHARACTERS:
            raise UserError(
                f"The TEMPLATE has {len(text):,} characters; "
                f"at most {MAX_TEMPLATE_CHARACTERS:,} are rendered."
            )
        try:
            self.tree = _with_response(parse(text, FUNCTION_NAMES))
            _check_includes(self.tree.nodes)
            for nodes in self.tree.defined.values():
                _check_includes(nodes)
        except TemplateFault as fault:
            raise fault_error(text, fault) from fault
        except RecursionError as error:
            raise fault_error(text, TemplateFault(TOO_DEEP, 0)) from error

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of fields and variables that occur in it, in small letters."""
        bodies = (self.tree.nodes, *self.tree.defined.values())
        return frozenset(name.lower() for nodes in bodies for name in node_names(nodes))

    def render(self, conversation: Conversation, bounds: Bounds | None = None) -> str:
        """Return the prompt.

        Raises:
            UserError: If the template fails or takes more than it may; with line and column.
        """
        try:
            return finished_text("".join(self._rounds(conversation, bounds or Bounds())))
        except TemplateFault as fault:
            raise fault_error(self.text, fault) from fault
        except RecursionError as error:
            raise fault_error(self.text, TemplateFault(TOO_DEEP, 0)) from error

    def _rounds(self, conversation: Conversation, bounds: Bounds) -> Iterator[str]:
        thinking = _thinking_values(conversation)
        last = conversation.messages[-1].content if conversation.messages else ""
        if conversation.suffix and last:
            yield execute(
                self.tree,
                {
                    "Prompt": clean_text(last),
                    "Suffix": clean_text(conversation.suffix),
                    "Response": "",
                    **thinking,
                },
                bounds,
            )
            return
        system, messages = collate(conversation.messages)
        if "messages" in self.names:
            values: dict[str, Value] = {
                "System": clean_text(system),
                "Messages": [message_value(message) for message in messages],
                "Tools": tools_value(conversation.tools),
                "Response": "",
                **thinking,
            }
            yield execute(self.tree, values, bounds)
            return
        yield from self._slots(messages, thinking, bounds)

    def _slots(
        self, messages: Sequence[Message], thinking: Mapping[str, Value], bounds: Bounds
    ) -> Iterator[str]:
        """Render round by round; the last one ends where the answer begins."""
        empty = {"System": "", "Prompt": "", "Response": ""}
        slots = dict(empty)
        names = {Role.SYSTEM: "System", Role.USER: "Prompt", Role.ASSISTANT: "Response"}
        for message in messages:
            is_system = message.role is Role.SYSTEM
            if (is_system and (slots["Prompt"] or slots["Response"])) or (
                message.role is Role.USER and slots["Response"]
            ):
                yield execute(self.tree, {**slots, **thinking}, bounds)
                slots = dict(empty)
            if name := names.get(message.role):
                slots[name] = clean_text(message.content)
        nodes, _ = _up_to_response(self.tree.nodes)
        yield execute(replace(self.tree, nodes=nodes), {**slots, **thinking}, bounds)


def collate(messages: Sequence[Message]) -> tuple[str, tuple[Message, ...]]:
    """Return all system text, and the messages with neighbours of one role made one.

    Results of tools stay apart.
    """
    merged: list[Message] = []
    for message in messages:
        before = merged[-1] if merged else None
        if before is None or before.role is not message.role or message.role is Role.TOOL:
            merged.append(message)
            continue
        merged[-1] = replace(
            before,
            content=f"{before.content}{MERGED_GAP}{message.content}",
            thinking=MERGED_GAP.join(filter(None, (before.thinking, message.thinking))),
            tool_calls=before.tool_calls + message.tool_calls,
            images=before.images + message.images,
        )
    systems = [message.content for message in merged if message.role is Role.SYSTEM]
    return MERGED_GAP.join(systems), tuple(merged)


def _thinking_values(conversation: Conversation) -> dict[str, Value]:
    return {
        "Think": bool(conversation.thinks),
        "ThinkLevel": clean_text(conversation.think_level),
        "IsThinkSet": conversation.thinks is not None,
    }


def _with_response(tree: Tree) -> Tree:
    """Add `{{ .Response }}` to a template that says nowhere where messages or answer go."""
    mentioned = {
        name for nodes in (tree.nodes, *tree.defined.values()) for name in node_names(nodes)
    }
    if mentioned & {"Messages", "Response"}:
        return tree
    field = Field(names=("Response",), offset=0)
    pipeline = Pipeline(commands=(Command(operands=(field,), offset=0),), offset=0)
    return replace(tree, nodes=(*tree.nodes, Action(pipeline=pipeline, offset=0)))


def _check_includes(nodes: Nodes) -> None:
    for node in nodes:
        match node:
            case Include(pipeline=None):
                raise TemplateFault(
                    f'undefined template specified: {{{{template "{node.name}"}}}} '
                    "needs the value that it is for",
                    node.offset,
                )
            case If() | With() | Range():
                _check_includes(node.body)
                _check_includes(node.otherwise)
            case _:
                pass


def _up_to_response(nodes: Nodes) -> tuple[Nodes, bool]:
    """Return nodes up to the first that mentions `.Response`, and whether there is one."""
    kept = []
    for node in nodes:
        kept.append(node)
        match node:
            case Action() if "Response" in pipeline_names(node.pipeline):
                return tuple(kept), True
            case If() | With() | Range() if "Response" in pipeline_names(node.pipeline):
                return tuple(kept), True
            case If() | With() | Range():
                body, is_in_body = _up_to_response(node.body)
                otherwise, is_in_otherwise = _up_to_response(node.otherwise)
                if is_in_body or is_in_otherwise:
                    kept[-1] = replace(node, body=body, otherwise=otherwise)
                    return tuple(kept), True
            case _:
                pass
    return tuple(kept), False
