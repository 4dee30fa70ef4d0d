"""`corral help`: the pages about Modelfiles and parameters, printed from the catalogue."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.modelfile.catalogue import (
    DEPRECATED,
    INSTRUCTIONS,
    MESSAGE_ROLES,
    PARAMETERS,
    InstructionSpec,
    ParameterSpec,
)
from corral.modelfile.values import closest_parameter, format_value

if TYPE_CHECKING:
    from corral.plan.option_specs import OptionSpec

TOPICS = ("modelfile", "parameters", "options")
_MODELFILE_START = """\
A Modelfile says how a model is made: what it is built on, and what is added to it.

  FROM smollm2:135m
  SYSTEM You answer in one sentence.
  PARAMETER temperature 0.3

Make a model of it with: corral create mymodel -f Modelfile

An instruction begins a line, its value follows after a blank. Capitals do not matter in its name.
A value of several lines stands in three quotes (\"\"\"), a value with blanks at its ends in quotes.
A line that begins with # is a comment; behind a value # is part of the value.
"""
_MARGIN = 2


def show_help(options: argparse.Namespace) -> int:
    """Print a page, or what is known of one instruction or parameter."""
    topic = options.topic
    if topic is None:
        from corral.cli.main import build_parser  # lazy: main imports this module's commands

        print(build_parser().format_help(), end="")
        print(f"\npages: {', '.join(f'corral help {topic}' for topic in TOPICS)}")
    else:
        print(page(topic))
    return 0


def page(topic: str) -> str:
    """Return a page of the manual.

    Args:
        topic: "modelfile", "parameters", "options", or the name of an instruction or a parameter.

    Raises:
        UserError: If there is no such page.
    """
    if topic == "modelfile":
        return modelfile_page()
    if topic == "parameters":
        return parameters_page()
    if topic == "options":
        return options_page()
    if spec := PARAMETERS.get(topic.lower()):
        return "\n".join(_parameter(spec))
    if instruction := INSTRUCTIONS.get(topic.upper()):
        return "\n".join(_instruction(instruction))
    closest = closest_parameter(topic)
    raise UserError(
        f"There is no page '{topic[:80]}'.",
        hint=f"Did you mean '{closest}'?" if closest else f"Pages: {', '.join(TOPICS)}.",
    )


def modelfile_page() -> str:
    """Return all instructions."""
    entries = ("\n".join(_instruction(spec)) for spec in INSTRUCTIONS.values())
    roles = ", ".join(MESSAGE_ROLES)
    end = f"Roles of MESSAGE: {roles}.\nParameters: corral help parameters"
    return "\n".join([_MODELFILE_START, *entries, "", end])


def parameters_page() -> str:
    """Return all parameters."""
    groups = (
        ("Set when the model is loaded; a change loads it again:", True),
        ("Set for each answer:", False),
    )
    parts = []
    for heading, is_load_time in groups:
        found = [spec for spec in PARAMETERS.values() if spec.is_load_time is is_load_time]
        parts.append("\n".join([heading, *(line for spec in found for line in _parameter(spec))]))
    dropped = f"No longer used, and left out: {', '.join(DEPRECATED)}."
    return "\n\n".join([*parts, "\n".join(textwrap.wrap(dropped, _width()))])


def options_page() -> str:
    """Return all load options."""
    from corral.plan.option_specs import LOAD_OPTIONS  # lazy: few ask for this page

    usage = "corral run|plan|bench MODEL --option NAME=VALUE, as often as there are options:"
    lines = [line for spec in LOAD_OPTIONS.values() for line in _option(spec)]
    return "\n".join([usage, "", *lines])


def _option(spec: OptionSpec) -> Iterator[str]:
    yield f"{spec.name} <{spec.allowed}>"
    yield from _indented(f"{spec.help[0].upper()}{spec.help[1:]}.")


def _instruction(spec: InstructionSpec) -> Iterator[str]:
    repeats = " Each further line adds one." if spec.can_repeat else ""
    yield f"{spec.name} <{spec.argument}>"
    yield from _indented(spec.help + repeats)


def _parameter(spec: ParameterSpec) -> Iterator[str]:
    yield f"{spec.name} <{spec.type.value}>"
    facts = [spec.help, _default(spec)]
    if spec.minimum is not None and spec.maximum is not None:
        facts.append(f"Useful from {spec.minimum:.12g} to {spec.maximum:.12g}.")
    yield from _indented(" ".join(facts))


def _default(spec: ParameterSpec) -> str:
    if spec.is_automatic(spec.default):
        return "Default: automatic."
    value = " ".join(format_value(spec.default)) if spec.default is not None else ""
    return f"Default: {value or 'none'}."


def _indented(text: str) -> list[str]:
    indent = " " * 2 * _MARGIN
    return textwrap.wrap(text, _width(), initial_indent=indent, subsequent_indent=indent)


def _width() -> int:
    return min(100, shutil.get_terminal_size().columns)
