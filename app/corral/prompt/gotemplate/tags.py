"""What a TEMPLATE says about the replies it expects: the tags of thinking and of tool calls.

Source: Ollama's behaviour by its recorded cases.
"""

from collections.abc import Iterator

from corral.prompt.gotemplate.nodes import (
    Action,
    If,
    Node,
    Nodes,
    Range,
    Text,
    Tree,
    With,
    pipeline_names,
)

BARE_TAG = "{"


def inferred_thinking_tags(tree: Tree) -> tuple[str, str] | None:
    """Return the texts around `.Thinking` where messages are written, None without any."""
    return _thinking_tags(tree.nodes, is_messages=False)


def inferred_tool_tag(tree: Tree) -> str:
    """Return the text before the first tool call, up to its brace; `{` if there is none."""
    body = next(_tool_bodies(tree.nodes), ())
    text = next(_text_before_action(body), "")
    return text.partition(BARE_TAG)[0].strip() or BARE_TAG


def _thinking_tags(nodes: Nodes, *, is_messages: bool) -> tuple[str, str] | None:
    for number, node in enumerate(nodes):
        match node:
            case Action() if is_messages and "Thinking" in pipeline_names(node.pipeline):
                before, after = _text_at(nodes, number - 1), _text_at(nodes, number + 1)
                if before and after:
                    return before, after
            case If() | With() | Range():
                inside = is_messages
                if isinstance(node, Range):
                    inside = "Messages" in pipeline_names(node.pipeline)
                for part in (node.body, node.otherwise):
                    if tags := _thinking_tags(part, is_messages=inside):
                        return tags
            case _:
                pass
    return None


def _text_at(nodes: Nodes, number: int) -> str:
    node: Node | None = nodes[number] if 0 <= number < len(nodes) else None
    return node.text.strip() if isinstance(node, Text) else ""


def _tool_bodies(nodes: Nodes) -> Iterator[Nodes]:
    for node in nodes:
        if isinstance(node, If | With | Range):
            if "ToolCalls" in pipeline_names(node.pipeline):
                yield node.body
            yield from _tool_bodies(node.body)
            yield from _tool_bodies(node.otherwise)


def _text_before_action(nodes: Nodes) -> Iterator[str]:
    """Yield texts with words in them, up to the first action; then nothing more."""
    for node in nodes:
        match node:
            case Text():
                if node.text.strip():
                    yield node.text
            case If() | With() | Range():
                yield from _text_before_action(node.body)
                return
            case _:
                return
