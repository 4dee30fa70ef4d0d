"""How answers are to be made, from the words of a command line."""

import argparse
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.library.model import StoredModel
from corral.prompt.answering import ANY_JSON, Answering
from corral.settings import Overflow
from corral.workbench.workbench import Workbench

_FORBIDDEN = ("false", "never")


async def answering_of(
    workbench: Workbench, model: StoredModel, options: argparse.Namespace
) -> Answering:
    """Return what `corral run` was asked.

    Raises:
        UserError: If a file cannot be read, or a value cannot be.
    """
    if options.format and options.grammar:
        raise UserError("An answer has a form or a grammar, not both.")
    adapters = [(str(path), 1.0) for path in model.adapters]
    for text in options.adapter:
        adapters += await adapters_named(workbench, text)
    answering = Answering(
        form=form_of(options.format) if options.format else "",
        grammar=grammar_text(options.grammar) if options.grammar else "",
        adapters=tuple(adapters) if options.adapter else None,
        logit_bias=tuple(bias_of(text) for text in options.logit_bias),
        n_choices=options.logprobs if options.logprobs is not None else -1,
        overflow=Overflow(options.overflow) if options.overflow else None,
    )
    return checked(answering)


def checked(answering: Answering) -> Answering:
    """Return `answering` if it can be.

    Raises:
        UserError: If not: a scale, a bias, a form or a grammar that makes no sense.
    """
    from corral.workbench.answering import grammar_of  # lazy: comes with the first answer

    answering.check()
    grammar_of(answering)
    return answering


def form_of(wanted: str) -> str:
    """Return the form of answers: "json", or the text of the file with a JSON schema.

    Raises:
        UserError: If the file cannot be read.
    """
    return wanted if wanted == ANY_JSON else _read(wanted, "format")


def grammar_text(name: str) -> str:
    """Return the GBNF of a file.

    Raises:
        UserError: If it cannot be read.
    """
    return _read(name, "grammar")


async def adapters_named(workbench: Workbench, text: str) -> list[tuple[str, float]]:
    """Return the adapters that a text means: a file or a model with some, and ":SCALE".

    Raises:
        UserError: If there is no such file or model, or the model has no adapter.
    """
    name, scale = _with_scale(text)
    if file := _file(name):
        return [(str(file), scale)]
    if name.endswith(".gguf"):
        raise UserError(f"There is no file '{safe_line(name)}'.")
    model = await workbench.modelling.get(name)
    if not model.adapters:
        raise UserError(
            f"The model {model.name} has no adapter.",
            hint="Name a GGUF file with a LoRA adapter, or a model made with ADAPTER.",
        )
    return [(str(adapter), scale) for adapter in model.adapters]


def bias_of(text: str) -> tuple[str, float]:
    """Return a token and its bias from TOKEN=VALUE; quotes keep the blanks of a token.

    Raises:
        UserError: If the text is no such pair.
    """
    token, mark, value = text.rpartition("=")
    try:
        bias = float("-inf") if value.lower() in _FORBIDDEN else float(value)
    except ValueError:
        bias, mark = 0.0, ""
    if not mark or not token:
        raise UserError(
            f"'{safe_line(text, 60)}' is no bias of a token.",
            hint="Write TOKEN=VALUE, such as ' the'=-2, 1234=5, or hello=never.",
        )
    is_quoted = len(token) > 2 and token.startswith('"') and token.endswith('"')
    return token[1:-1] if is_quoted else token, bias


def _file(name: str) -> Path | None:
    path = Path(name).expanduser()
    return path.resolve() if path.is_file() else None


def _with_scale(text: str) -> tuple[str, float]:
    name, mark, scale = text.rpartition(":")
    if mark and not _file(text):
        try:
            return name, float(scale)
        except ValueError:
            pass
    return text, 1.0


def _read(name: str, what: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except OSError as error:
        hint = 'It can be "json" or a file with a JSON schema.' if what == "format" else ""
        raise UserError(
            f"The {what} '{safe_line(name)}' cannot be read: {error.strerror}.", hint=hint
        ) from error
    except ValueError as error:
        raise UserError(f"The {what} '{safe_line(name)}' is no UTF-8 text.") from error
