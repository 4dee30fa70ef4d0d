"""Tool calls in JSON, as models write them: mostly well, sometimes not."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from corral.events import ToolCalled
from corral.prompt.tool import Json

_NAMES = ("name", "tool_name", "function_name")
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_STEP = re.compile(r'[{}"]')
_STRING_STEP = re.compile(r'\\.|"', re.DOTALL)
UNREADABLE = "The model's tool call cannot be read."
UNFINISHED = "The model's tool call has no end."


class ObjectScanner:
    """Finds the end of the first JSON object in text that grows; each character is read once."""

    def __init__(self) -> None:
        self.start: int | None = None
        self._position = 0
        self._depth = 0
        self._in_string = False

    def end(self, text: str) -> int | None:
        """Return where the object ends in a text that is longer each time, None while it has none.

        Braces inside strings do not count.
        """
        while True:
            pattern = _STRING_STEP if self._in_string else _STEP
            found = pattern.search(text, self._position)
            if found is None:
                self._position = self._unread(text)
                return None
            self._position = found.end()
            match found.group():
                case '"':
                    self._in_string = not self._in_string and self._depth > 0
                case "{":
                    self._depth += 1
                    if self.start is None:
                        self.start = found.start()
                case "}" if self._depth:
                    self._depth -= 1
                    if self._depth == 0:
                        return found.end()
                case _:
                    pass

    def _unread(self, text: str) -> int:
        """Return where to go on; a backslash at the end waits for what it escapes."""
        if not self._in_string:
            return len(text)
        slashes = len(text) - len(text.rstrip("\\"))
        return max(self._position, len(text) - slashes % 2)


def objects(text: str) -> Iterator[str]:
    """Yield the complete JSON objects of a text, outermost only."""
    while True:
        scanner = ObjectScanner()
        end = scanner.end(text)
        if end is None:
            return
        yield text[scanner.start : end]
        text = text[end:]


def parsed_object(text: str) -> Mapping[str, Json] | None:
    """Return a JSON object, None if the text is none."""
    try:
        value: Json = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None


def find_arguments(text: str, tool: str = "") -> Mapping[str, Json] | None:
    """Return the arguments in a text: the first object that is or holds some.

    Args:
        text: The call.
        tool: Name of the tool, which may be the key of its arguments.
    """
    for candidate in objects(text):
        value = parsed_object(candidate)
        if value is not None:
            return _arguments(value, tool)
    return None


def named_call(value: Mapping[str, Json]) -> ToolCalled | None:
    """Return the call that an object describes, None if it names no tool."""
    function = value.get("function")
    if isinstance(function, Mapping):
        value = function
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if not isinstance(name, str) or not name:
        return None
    arguments = _arguments(value, name)
    if arguments is None:
        return ToolCalled(name=name, arguments=_dump(value), problem=UNREADABLE)
    is_whole = arguments is value  # it names its tool and has no arguments
    return ToolCalled(name=name, arguments="{}" if is_whole else _dump(arguments))


def calls_in(text: str) -> list[ToolCalled]:
    """Return the calls that the JSON objects of a text describe, malformed ones marked so."""
    found = []
    for candidate in objects(text):
        value = parsed_object(candidate)
        call = named_call(value) if value is not None else None
        found.append(call or unreadable(candidate))
    return found


def call(name: str, arguments: Mapping[str, Json]) -> ToolCalled:
    """Return a sound call."""
    return ToolCalled(name=name, arguments=_dump(arguments))


def unreadable(text: str, problem: str = UNREADABLE) -> ToolCalled:
    """Return what is told of a call that cannot be read: all of its text."""
    return ToolCalled(name="", arguments=text.strip(), problem=problem)


def _arguments(value: Mapping[str, Json], tool: str) -> Mapping[str, Json] | None:
    """Return the arguments in an object, the object itself if it has none in it."""
    inner = _nested(value, (*_ARGUMENTS[:2], *([tool] if tool else ())))
    if inner is None:
        return value
    found = value_of(inner)
    return found if isinstance(found, Mapping) else None


def _nested(value: Json, keys: Sequence[str]) -> Json:
    """Return what stands under one of the keys, however deep."""
    if not isinstance(value, Mapping):
        return None
    for key in keys:
        if key in value:
            return value[key]
    for item in value.values():
        if (found := _nested(item, keys)) is not None:
            return found
    return None


def value_of(value: Json) -> Json:
    """Return JSON that may be written as a string."""
    if not isinstance(value, str):
        return value
    parsed = parsed_object(value)
    return value if parsed is None else parsed


def _dump(value: Mapping[str, Json]) -> str:
    return json.dumps(value, ensure_ascii=False)
