"""Special tokens in what people say: they stay text, whatever the template does with them.

A template is run twice: with the messages as they are, and with letters moved away (`origin`), so
that each letter of the prompt is known to be the template's or somebody's in the conversation.
Both must write the same. Where a template looks at the text of messages they may not; then fewer
letters are moved, down to the texts of special tokens alone.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from corral.prompt.origin import Span, moved, moved_spans, restored, without_empty_planes
from corral.prompt.tool import Json, ToolCall

# The longest of a real model has 48; a made-up one shall not fill the memory with its pattern.
LONGEST_SPECIAL = 100
# Names, types and ids: templates look at them.
_IDENTIFIER = re.compile(r"[\w.\-/$]*", re.ASCII)

_Branch: TypeAlias = "dict[str, _Branch]"
_Change: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedText:
    """A prompt, and the places in it that are never special tokens.

    Attributes:
        text: The prompt.
        guarded: Where people's words are, in order.
        is_kept: Whether the template works on the text of special tokens in messages and was not
            let: they stand in the prompt as they were said.
    """

    text: str
    guarded: tuple[Span, ...] = ()
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialTexts:
    """The texts of a model that are more than words.

    Attributes:
        control: Of its control tokens.
        words: Of tokens that are ordinary for the model, but mark parts for its template.
    """

    control: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Guards:
    """Finds the texts of special tokens.

    Attributes:
        control: Finds those of control tokens, None if there are none.
        everything: Finds those too that only mark parts.
        words: The texts of those.
    """

    def __init__(self, texts: SpecialTexts) -> None:
        self.words = texts.words
        self.control = special_pattern(texts.control)
        is_same = not texts.words
        self.everything = (
            self.control if is_same else special_pattern((*texts.control, *texts.words))
        )


def special_pattern(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the texts of special tokens, the longest first; None without any.

    Common beginnings are written once: Gemma has thousands of tokens that begin with `<unused`,
    and a plain list of them would be tried one by one at every `<` of a page of HTML.
    """
    known = [text for text in texts if 0 < len(text) <= LONGEST_SPECIAL]
    return re.compile(_branch_pattern(_tree(known))) if known else None


def marking_words(words: Iterable[str], template: str, marks: Iterable[str]) -> tuple[str, ...]:
    """Return which ordinary tokens mark parts of a prompt or reply.

    Others, such as Gemma's for runs of blanks or for `<table>`, are words like all words.

    Args:
        words: Texts of the vocabulary's tokens that its makers added.
        template: The template.
        marks: Texts that mark parts of replies.
    """
    known = frozenset(marks)
    return tuple(word for word in words if word.strip() and (word in known or word in template))


def clean(conversation: Conversation) -> Conversation:
    """Return a conversation without letters in the planes that letters are moved to."""
    return _changed(conversation, lambda _: without_empty_planes, without_empty_planes)


def all_moved(conversation: Conversation) -> Conversation:
    """Return a conversation with the letters of all that is said moved."""
    return _changed(conversation, lambda _: moved, _moved_unless_name)


def said_moved(conversation: Conversation, guards: Guards) -> Conversation:
    """Return a conversation with the letters of people and tools moved.

    In answers, calls and descriptions of tools, which templates look at, only the texts of special
    tokens are moved.
    """
    answer, other = _at(guards.control), _at(guards.everything)
    by_role = {Role.ASSISTANT: answer}
    return _changed(conversation, lambda role: by_role.get(role, moved), other)


def special_moved(conversation: Conversation, guards: Guards) -> Conversation:
    """Return a conversation with only the texts of special tokens moved.

    Marks of parts in answers stay: thinking models' templates cut old thinking out by them.
    """
    answer, other = _at(guards.control), _at(guards.everything)
    by_role = {Role.ASSISTANT: answer}
    return _changed(conversation, lambda role: by_role.get(role, other), other)


def agreed(plain: str, with_moved: str) -> GuardedText | None:
    """Return a prompt with its guarded places, if both renderings say the same.

    They may differ in the moved letters themselves, as capitals do.
    """
    text, spans = restored(with_moved), moved_spans(with_moved)
    is_same = len(text) == len(plain) and _outside(text, spans) == _outside(plain, spans)
    return GuardedText(text=plain, guarded=spans) if is_same else None


def kept(with_moved: str) -> GuardedText:
    """Return the prompt of the rendering that saw moved letters."""
    return GuardedText(text=restored(with_moved), guarded=moved_spans(with_moved), is_kept=True)


def written_specials(
    pattern: re.Pattern[str], text: str, guarded: Iterable[Span]
) -> list[Span] | None:
    """Return where the template wrote special tokens; None if nobody else's text is like one."""
    places = tuple(guarded)
    if not any(_crosses(span, places) for span in _overlapping(pattern, text)):
        return None
    written = []
    position = 0
    for place in (*places, Span(start=len(text), end=len(text))):
        hits = pattern.finditer(text, position, place.start)
        written += [Span(start=hit.start(), end=hit.end()) for hit in hits]
        position = place.end
    return written


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    position = 0
    while hit := pattern.search(text, position):
        yield Span(start=hit.start(), end=hit.end())
        position = hit.start() + 1


def _crosses(span: Span, places: tuple[Span, ...]) -> bool:
    index = bisect_right(places, span.start, key=lambda place: place.end)
    return index < len(places) and places[index].start < span.end


def _outside(text: str, spans: Iterable[Span]) -> str:
    pieces = []
    position = 0
    for span in spans:
        pieces.append(text[position : span.start])
        position = span.end
    return "\0".join((*pieces, text[position:]))


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


def _at(pattern: re.Pattern[str] | None) -> _Change:
    """Return what moves the letters that a pattern finds."""
    if pattern is None:
        return str
    return lambda text: pattern.sub(lambda found: moved(found.group()), text)


def _moved_unless_name(text: str) -> str:
    return text if _IDENTIFIER.fullmatch(text) else moved(text)


def _changed(
    conversation: Conversation, of_role: Callable[[Role], _Change], other: _Change
) -> Conversation:
    """Return a conversation with all texts changed: said ones by role, the others otherwise."""
    return replace(
        conversation,
        messages=tuple(
            _message(message, of_role(message.role), other) for message in conversation.messages
        ),
        tools=tuple(_object(tool, other) for tool in conversation.tools),
        suffix=of_role(Role.USER)(conversation.suffix),
    )


def _message(message: Message, said: _Change, other: _Change) -> Message:
    return replace(
        message,
        content=said(message.content),
        thinking=said(message.thinking),
        tool_name=other(message.tool_name),
        tool_call_id=other(message.tool_call_id),
        tool_calls=tuple(
            ToolCall(
                name=other(call.name), arguments=_object(call.arguments, other), id=other(call.id)
            )
            for call in message.tool_calls
        ),
    )


def _object(value: Mapping[str, Json], change: _Change) -> dict[str, Json]:
    return {change(key): _json(item, change) for key, item in value.items()}


def _json(value: Json, change: _Change) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return _object(value, change)
    if isinstance(value, list | tuple):
        return [_json(item, change) for item in value]
    return value
