"""Ollama's rules for Modelfiles as they are written down, one character after the other.

Slow and plain; the property tests hold the real scanner against it. Only for text of printable
characters, tabs and newlines.
"""

COMMANDS = (
    "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", "parameter",
    "message", "requires",
)  # fmt: skip
ROLES = ("system", "user", "assistant")


class RefusedError(Exception):
    """The text is not a Modelfile."""


class SlowReader:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> list[tuple[str, str]]:
        """Return names and values of the commands."""
        commands = []
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in " \t\r\n":
                self.at += 1
            elif character == "#":
                self._skip_comment()
            else:
                commands.append(self._command())
        if "model" not in [name for name, _ in commands]:
            raise RefusedError("missing_from")
        return commands

    def _skip_comment(self) -> None:
        while self.at < len(self.text) and self.text[self.at] not in "\r\n":
            self.at += 1

    def _command(self) -> tuple[str, str]:
        self.at += 1
        name = (self.text[self.at - 1] + self._word()).lower()
        if not self._take_blank() or name not in COMMANDS:
            raise RefusedError("invalid_command")
        if name == "parameter":
            return self._argument("0123456789_"), self._value()
        if name == "message":
            role = self._argument("")
            if role not in ROLES:
                raise RefusedError("invalid_message_role")
            return name, f"{role}: {self._value()}"
        return "model" if name == "from" else name, self._value()

    def _word(self, extra: str = "") -> str:
        start = self.at
        while self.at < len(self.text) and self._is_letter(extra):
            self.at += 1
        if self.at == len(self.text):
            raise RefusedError("unexpected_eof")
        return self.text[start : self.at]

    def _is_letter(self, extra: str) -> bool:
        character = self.text[self.at]
        return (character.isascii() and character.isalpha()) or character in extra

    def _take_blank(self) -> bool:
        self.at += 1
        return self.text[self.at - 1] in " \t"

    def _argument(self, extra: str) -> str:
        word = self._word(extra)
        if not self._take_blank():
            raise RefusedError("unexpected_eof")
        return word

    def _value(self) -> str:
        start = self.at
        while True:
            if self.at == len(self.text) or self.text[self.at] in "\r\n":
                value = self._unquoted(self.text[start : self.at].strip(" \t\r\n"))
                if value is not None:
                    return value
                if self.at == len(self.text):
                    raise RefusedError("unexpected_eof")
            self.at += 1

    @staticmethod
    def _unquoted(read: str) -> str | None:
        quote = next((quote for quote in ('"""', '"') if read.startswith(quote)), None)
        if quote is None:
            return read
        is_closed = len(read) >= 2 * len(quote) and read.endswith(quote)
        return read[len(quote) : -len(quote)] if is_closed else None
