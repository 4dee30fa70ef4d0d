"""Special tokens in what people say: they are found, marked, and never read as tokens.

Where a message holds the text of a control token, such as `<|im_end|>`, invisible marks are put
around it before the template runs. They come out on the other side, and the places between them
are cut up as plain text. A template that changes marked text (escapes it, counts it) is noticed by
a second rendering without marks; then such texts are broken with an invisible character instead.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from corral.prompt.conversation import Conversation
from corral.prompt.message import Message
from corral.prompt.tool import Json, ToolCall

# Characters that Unicode keeps for a program's own use; no text may hold them.
FIRST_MARK, LAST_MARK = "\ufdd0", "\ufdd1"
# The longest of a real model has 48; a made-up one shall not fill the memory with its pattern.
LONGEST_SPECIAL = 100
BREAK = "\u200b"  # zero width space

_Branch: TypeAlias = "dict[str, _Branch]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Part of a text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedText:
    """A prompt, and the places in it that are never special tokens.

    Attributes:
        text: The prompt.
        guarded: The places, in order.
        broken: Whether special tokens in messages were broken instead, because the template
            works on the text of messages.
    """

    text: str
    guarded: tuple[Span, ...] = ()
    broken: bool = False


def special_pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the texts of special tokens, the longest first; None without any.

    Common beginnings are written once: Gemma has thousands of tokens that begin with `<unused`,
    and a plain list of them would be tried one by one at every `<` of a page of HTML.
    """
    known = [text for text in texts if 0 < len(text) <= LONGEST_SPECIAL]
    return re.compile(_branch_pattern(_tree(known))) if known else None


def _tree(texts: Iterable[str]) -> _Branch:
    """Return texts letter by letter; an empty key says that one ends there."""
    tree: _Branch = {}
    for text in texts:
        branch = tree
        for letter in text:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return tree


def _branch_pattern(branch: _Branch) -> str:
    ways = [
        re.escape(letter) + (_branch_pattern(rest) if rest != {"": {}} else "")
        for letter, rest in branch.items()
        if letter
    ]
    group = ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
    return f"(?:{group})?" if "" in branch else group


def marked(conversation: Conversation, pattern: re.Pattern[str]) -> Conversation | None:
    """Return a conversation with marks around special tokens; None if there are none in it."""
    return _changed(conversation, pattern, lambda text: f"{FIRST_MARK}{text}{LAST_MARK}")


def broken(conversation: Conversation, pattern: re.Pattern[str]) -> Conversation:
    """Return a conversation in which special tokens are spelt with a break in them."""
    changed = _changed(conversation, pattern, lambda text: f"{text[:1]}{BREAK}{text[1:]}")
    return conversation if changed is None else changed


def without_marks(text: str) -> GuardedText | None:
    """Return a prompt without its marks, and the places between them; None if they are torn."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for number, part in enumerate(text.split(FIRST_MARK)):
        inside, mark, outside = part.partition(LAST_MARK)
        if bool(mark) != bool(number) or LAST_MARK in outside:
            return None
        if number:
            spans.append(Span(start=length, end=length + len(inside)))
        pieces += (inside, outside)
        length += len(inside) + len(outside)
    return GuardedText(text="".join(pieces), guarded=tuple(spans))


def clean(conversation: Conversation) -> Conversation:
    """Return a conversation whose texts hold none of the characters used as marks."""
    pattern = re.compile(f"[{FIRST_MARK}{LAST_MARK}]")
    changed = _changed(conversation, pattern, lambda _text: "\ufffd")
    return conversation if changed is None else changed


def _changed(
    conversation: Conversation, pattern: re.Pattern[str], change: Callable[[str], str]
) -> Conversation | None:
    """Return a conversation with all that matches changed, None if nothing does."""
    hits = 0

    def on_text(text: str) -> str:
        nonlocal hits
        made, count = pattern.subn(lambda found: change(found.group()), text)
        hits += count
        return made

    made = replace(
        conversation,
        messages=tuple(_message(message, on_text) for message in conversation.messages),
        tools=tuple(_object(tool, on_text) for tool in conversation.tools),
        suffix=on_text(conversation.suffix),
    )
    return made if hits else None


def _message(message: Message, on_text: Callable[[str], str]) -> Message:
    return replace(
        message,
        content=on_text(message.content),
        thinking=on_text(message.thinking),
        tool_name=on_text(message.tool_name),
        tool_call_id=on_text(message.tool_call_id),
        tool_calls=tuple(
            ToolCall(
                name=on_text(call.name),
                arguments=_object(call.arguments, on_text),
                id=on_text(call.id),
            )
            for call in message.tool_calls
        ),
    )


def _object(value: Mapping[str, Json], on_text: Callable[[str], str]) -> dict[str, Json]:
    return {on_text(key): _json(item, on_text) for key, item in value.items()}


def _json(value: Json, on_text: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return on_text(value)
    if isinstance(value, Mapping):
        return _object(value, on_text)
    if isinstance(value, list | tuple):
        return [_json(item, on_text) for item in value]
    return value
