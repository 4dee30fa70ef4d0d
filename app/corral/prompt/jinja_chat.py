"""Chat templates in Jinja, as they come inside GGUF files.

They see what transformers offers them: `messages`, `add_generation_prompt`, the special tokens,
`raise_exception`, `strftime_now`, a plain `tojson`, loop controls and the generation tag. The
sandbox keeps them from Python's insides; nothing in one process keeps them from using up time and
memory, so this runs in the *render* child only.

Source: `transformers.utils.chat_template_utils`.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NoReturn

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from corral.errors import Place, UserError
from corral.foreign import safe_line
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from corral.prompt.origin import escape_moved, restored, through

MAX_TEMPLATE_CHARACTERS = 512 * 1024
MAX_PROMPT_BYTES = 4 * 1024 * 1024
KEPT_TEMPLATES = 8
SOURCE = "chat template"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
PROBE = "typed text"

# What foreign code can fail with; SyntaxError comes from the Python that Jinja makes of it.
TEMPLATE_FAILURES = (
    TemplateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, except that reaching for Python's insides ends the rendering at once."""

    def unsafe_undefined(self, obj: object, attribute: str) -> NoReturn:
        """Refuse; Jinja itself would put up with it as long as the value is not used."""
        raise SecurityError(f"'{attribute}' of a '{type(obj).__name__}' is out of reach")


class GenerationTag(Extension):
    """`{% generation %}`: marks words for training; here only its content counts."""

    tags = {"generation"}  # noqa: RUF012 (Jinja's own way)

    def parse(self, parser: Parser) -> nodes.Node:
        """Return the content as a scope of its own."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body, lineno=line)


class ChatTemplates:
    """Renders templates and keeps the last few compiled."""

    def __init__(self) -> None:
        self._environment = Sandbox(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[GenerationTag, "jinja2.ext.loopcontrols"],
        )
        self._environment.filters["tojson"] = _to_json
        self._environment.globals["raise_exception"] = _raise_exception
        self._environment.globals["strftime_now"] = time.strftime
        self._compiled = lru_cache(KEPT_TEMPLATES)(self._environment.from_string)
        self._wants_parts = lru_cache(KEPT_TEMPLATES)(self._find_wants_parts)

    def render(
        self,
        template: str,
        conversation: Conversation,
        *,
        bos_token: str,
        eos_token: str,
        add_generation_prompt: bool = True,
    ) -> str:
        """Return the prompt that `template` makes of a conversation.

        If its last message is an answer that was begun, the prompt ends with that.

        Raises:
            UserError: If the template is wrong, fails, refuses the messages or writes too much.
            MemoryError: If it takes more memory than this process has.
        """
        _check_length(template)
        begun = _begun_answer(conversation.messages) if add_generation_prompt else ""
        values: dict[str, object] = {
            "messages": _messages(
                conversation.messages, in_parts=self._wants_parts(template, bos_token, eos_token)
            ),
            "tools": list(conversation.tools) or None,
            "documents": None,
            "bos_token": bos_token,
            "eos_token": eos_token,
            "add_generation_prompt": add_generation_prompt and not begun,
            **_thinking_values(conversation),
        }
        try:
            text = _generate(self._compiled(template), values)
        except TEMPLATE_FAILURES as error:
            raise _failure(error) from error
        end = text.rfind(begun) + len(begun) if begun and begun in text else len(text)
        return text[:end]

    def _find_wants_parts(self, template: str, bos_token: str, eos_token: str) -> bool:
        """Whether a template passes over plain text: some of models that see read parts alone."""
        probe = (Message(role=Role.USER, content=PROBE),)
        return not self._says_probe(
            template, _messages(probe, in_parts=False), bos_token, eos_token
        ) and self._says_probe(template, _messages(probe, in_parts=True), bos_token, eos_token)

    def _says_probe(self, template: str, messages: object, bos_token: str, eos_token: str) -> bool:
        values: dict[str, object] = {
            "messages": messages,
            "tools": None,
            "documents": None,
            "bos_token": bos_token,
            "eos_token": eos_token,
            "add_generation_prompt": False,
        }
        try:
            return PROBE in _generate(self._compiled(template), values)
        except TEMPLATE_FAILURES:
            return False


def _messages(messages: Sequence[Message], *, in_parts: bool) -> list[Mapping[str, object]]:
    found = [dict(_message_values(message)) for message in messages]
    if in_parts:
        for values in found:
            values["content"] = [{"type": "text", "text": values["content"]}]
    return list(found)


def _begun_answer(messages: Sequence[Message]) -> str:
    """Return the answer that the model is to go on with, "" for none."""
    last = messages[-1] if messages else None
    is_begun = last and last.role is Role.ASSISTANT and not last.tool_calls
    return last.content.strip() if last and is_begun else ""


def _message_values(message: Message) -> Mapping[str, object]:
    """Return a message as transformers hands it to templates."""
    values: dict[str, object] = {"role": str(message.role), "content": message.content}
    if message.thinking:
        values["reasoning_content"] = values["thinking"] = message.thinking
    if message.tool_calls:
        values["tool_calls"] = [
            {
                "type": "function",
                "id": call.id,
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_name:
        values["name"] = message.tool_name
    if message.tool_call_id:
        values["tool_call_id"] = message.tool_call_id
    return values


def _thinking_values(conversation: Conversation) -> Mapping[str, object]:
    """Return the switches by which models turn thinking on and off; unset ones stay unset."""
    values: dict[str, object] = {}
    if conversation.thinks is not None:
        values["enable_thinking"] = values["thinking"] = conversation.thinks
    if conversation.think_level:
        values["reasoning_effort"] = conversation.think_level
    return values


def _generate(template: Template, values: dict[str, object]) -> str:
    """Render piece by piece, so that endless text ends early."""
    pieces: list[bytes] = []
    written_bytes = 0
    for piece in template.generate(values):
        pieces.append(piece.encode("utf-8", "replace"))
        written_bytes += len(restored(piece).encode("utf-8", "replace"))
        if written_bytes > MAX_PROMPT_BYTES:
            raise ValueError(f"it writes more than {MAX_PROMPT_BYTES:,} bytes")
    return b"".join(pieces).decode("utf-8")


def _check_length(template: str) -> None:
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise UserError(
            f"The chat template has {len(template):,} characters; "
            f"at most {MAX_TEMPLATE_CHARACTERS:,} are rendered."
        )


def _failure(error: Exception) -> UserError:
    line = _line(error)
    where = f" (line {line})" if line else ""
    reason = safe_line(str(error)) or type(error).__name__
    return UserError(
        f"The chat template fails{where}: {reason}",
        place=Place(line=line, source=SOURCE) if line else None,
    )


def _line(error: Exception) -> int | None:
    """Return the template's line; Jinja writes it into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    line = None
    step = error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: object,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 (templates call it so)
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002
) -> str:
    text = json.dumps(
        value, ensure_ascii=False, indent=indent, separators=separators, sort_keys=sort_keys
    )
    if not text.isascii():
        text = escape_moved(_json_letters, text)
    return through(_ascii_letters, text) if ensure_ascii else text


def _json_letters(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _ascii_letters(text: str) -> str:
    return _NOT_ASCII.sub(lambda found: json.dumps(found.group())[1:-1], text)
