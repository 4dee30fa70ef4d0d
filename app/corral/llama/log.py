"""llama.cpp's own log, kept so that an error can say what llama.cpp said."""

import ctypes
import itertools
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from types import ModuleType

# One small load writes about 1,300 fragments.
KEPT_FRAGMENTS = 16_384
_KEPT_IN = "corral_log"  # of the bindings' module, which stands for what the process has once


class Level(IntEnum):
    """llama.cpp's real level numbers; `llama_cpp` itself maps them wrongly."""

    NONE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4
    CONTINUE = 5  # the fragment goes on with the line before it


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One whole line.

    Attributes:
        level: How serious; never `CONTINUE`.
        text: The line without its line feed.
    """

    level: Level
    text: str


class LogCapture:
    """The last fragments of llama.cpp's log, from whatever thread they came.

    Attributes:
        callback: What llama.cpp calls; other libraries of it can be given the same.

    Thread: any.
    """

    def __init__(self, api: ModuleType) -> None:
        self._numbers = itertools.count(1)
        self._last = 0
        self._fragments: deque[tuple[int, int, bytes]] = deque(maxlen=KEPT_FRAGMENTS)
        # Kept here: llama.cpp holds only the bare pointer.
        self.callback = api.llama_log_callback(self._append)
        api.llama_log_set(self.callback, ctypes.c_void_p(0))

    def mark(self) -> int:
        """Return a place in the log; give it to `since` later."""
        return self._last

    def since(self, mark: int = 0) -> list[LogLine]:
        """Return the whole lines that came after `mark`."""
        lines: list[LogLine] = []
        level, text = Level.NONE, ""
        for number, fragment_level, fragment in self._fragments.copy():
            if number <= mark:
                continue
            if fragment_level != Level.CONTINUE:
                if text:
                    lines.append(LogLine(level=level, text=text))
                level, text = _level(fragment_level), ""
            text += fragment.decode("utf-8", "replace")
            while "\n" in text:
                line, _, text = text.partition("\n")
                if line:
                    lines.append(LogLine(level=level, text=line))
        if text:
            lines.append(LogLine(level=level, text=text))
        return lines

    def complaints(self, mark: int = 0, limit: int = 6) -> str:
        """Return the last warnings and errors after `mark`, one a line; empty when none came."""
        said = [line.text.strip() for line in self.since(mark) if line.level >= Level.WARN]
        return "\n".join(said[-limit:])

    def _append(self, level: int, text: bytes, _user_data: int | None) -> None:
        # Called from llama.cpp's threads in the middle of their work: append and nothing else.
        self._last = number = next(self._numbers)
        self._fragments.append((number, level, text))


def captured_log(api: ModuleType) -> LogCapture:
    """Return the capture of this process, beginning it the first time.

    llama.cpp has one log for the whole process and calls a bare pointer until its end: another
    capture would silence the first, and one that ended would be called all the same.
    """
    if _KEPT_IN not in vars(api):
        setattr(api, _KEPT_IN, LogCapture(api))
    log: LogCapture = getattr(api, _KEPT_IN)
    return log


def _level(number: int) -> Level:
    return Level(number) if Level.NONE <= number <= Level.CONTINUE else Level.INFO
