"""The conversation on a terminal: questions, and commands that begin with "/"."""

import sys
from pathlib import Path

from corral.cli.line_editor import LineEditor
from corral.cli.loop_thread import LoopThread
from corral.cli.media_paths import take_media
from corral.cli.output import print_error
from corral.cli.slash import Seat, find_command, suggested
from corral.cli.slash_commands import COMMANDS
from corral.cli.talk import Talk
from corral.errors import CorralError
from corral.foreign import safe_text
from corral.prompt.message import Role

PROMPT, CONTINUATION = ">>> ", "... "
GREETING = "Send a message (/? for help)"
STOP_HINT = "Ctrl+C stops an answer, /bye or Ctrl+D ends."
QUOTES = '"""'
_TEXT_COMMANDS = ("/set system",)


class Repl:
    """Reads and answers until the person leaves.

    Args:
        talk: The conversation.
        services: Where it lives.
        history_file: What was typed before.

    Thread: the main one.
    """

    def __init__(self, talk: Talk, services: LoopThread, history_file: Path) -> None:
        self._talk = talk
        self._services = services
        self._editor = LineEditor(history_file, self._suggested)
        self._seat = Seat(talk=talk, services=services, editor=self._editor)

    def run(self) -> int:
        """Converse; the answer is the exit code."""
        print(GREETING, file=sys.stderr)
        self._show_stored_messages()
        while not self._seat.is_left:
            try:
                text = self._read()
            except KeyboardInterrupt:
                print(f"\n{STOP_HINT}")
                continue
            except EOFError:
                print()
                break
            self._answer(text)
        return 0

    def _answer(self, text: str) -> None:
        try:
            said, attachments = take_media(self._talk.model, _unquoted(text))
            if text.startswith("/") and not attachments:
                self._obey(text)
            elif said or attachments:
                self._services.do(self._talk.ask(said, attachments), self._talk.stop)
        except CorralError as error:
            print_error(error)
        except KeyboardInterrupt:
            print()

    def _obey(self, text: str) -> None:
        model = self._talk.model
        command, argument = find_command(COMMANDS, text)
        command.run(self._seat, argument)
        if self._talk.model is not model:
            self._services.do(self._talk.load(), self._talk.stop)
            self._show_stored_messages()

    def _read(self) -> str:
        """Read a line, or all lines up to the closing quotes."""
        text = self._editor.read(PROMPT).strip()
        while _is_open(text):
            text += "\n" + self._editor.read(CONTINUATION).rstrip()
        return text

    def _show_stored_messages(self) -> None:
        for message in self._talk.model.messages:
            start = PROMPT if message.role is Role.USER else ""
            print(f"{start}{safe_text(message.content)}\n")

    def _suggested(self, line: str) -> list[str]:
        return suggested(COMMANDS, line, self._seat)


def _is_open(text: str) -> bool:
    """Whether three quotes were opened and not closed at the end of a line."""
    if text.startswith("/"):
        text = next((text[len(c) :].lstrip() for c in _TEXT_COMMANDS if text.startswith(c)), "")
    is_closed = len(text) >= 2 * len(QUOTES) and text.endswith(QUOTES)
    return text.startswith(QUOTES) and not is_closed


def _unquoted(text: str) -> str:
    return text.removeprefix(QUOTES).removesuffix(QUOTES) if text.startswith(QUOTES) else text
