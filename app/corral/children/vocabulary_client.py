"""Asks for the tokens of a model that is not loaded, through the *inspect* child."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corral.children.inspect_client import Inspector
from corral.children.protocol import Json
from corral.errors import ExternalError
from corral.prompt.guard import GuardedText


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTexts:
    """The texts of a model that steer it.

    Attributes:
        control: Of its control tokens.
        words: Of other tokens that its makers added.
        bos_token: Of the token that begins a text, "" for none.
        eos_token: Of the token that ends a text, "" for none.
    """

    control: tuple[str, ...]
    words: tuple[str, ...]
    bos_token: str
    eos_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptToken:
    """One token of a prompt.

    Attributes:
        id: The token.
        text: What it stands for; bytes that are no characters are shown as U+FFFD.
        part: What it adds to the text; those of all tokens are the whole text.
        is_special: Whether it is a special token.
    """

    id: int
    text: str
    part: str
    is_special: bool


async def control_texts(inspector: Inspector, path: Path) -> ControlTexts:
    """Return what a model file says of its control tokens.

    Raises:
        ExternalError: If llama.cpp refuses the file.
    """
    found = await inspector.ask("control_texts", path=str(path))
    if not isinstance(found, Mapping):
        raise _nonsense()
    return ControlTexts(
        control=tuple(map(str, _items(found.get("control")))),
        words=tuple(map(str, _items(found.get("words")))),
        bos_token=str(found.get("bos_token", "")),
        eos_token=str(found.get("eos_token", "")),
    )


async def prompt_tokens(
    inspector: Inspector,
    path: Path,
    prompt: GuardedText,
    *,
    words: Sequence[str],
    adds_special: bool,
) -> tuple[PromptToken, ...]:
    """Return the tokens of a prompt, cut up as for generating.

    Args:
        inspector: Asks llama.cpp.
        path: The model file.
        prompt: The prompt.
        words: Texts of tokens that are no control tokens, and none in people's words either.
        adds_special: Whether to begin as the model wants it.

    Raises:
        ExternalError: If llama.cpp refuses the file.
    """
    found = await inspector.ask(
        "prompt_tokens",
        path=str(path),
        text=prompt.text,
        guarded=[[span.start, span.end] for span in prompt.guarded],
        words=list(words),
        adds_special=adds_special,
    )
    return tuple(_token(item) for item in _items(found))


def _token(item: Json) -> PromptToken:
    match _items(item):
        case [int(token), str(text), str(part), int(is_special)]:
            return PromptToken(id=token, text=text, part=part, is_special=bool(is_special))
        case _:
            raise _nonsense()


def _items(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _nonsense()
    return value


def _nonsense() -> ExternalError:
    return ExternalError("The inspection of the model answered nonsense.")
