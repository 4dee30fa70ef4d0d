"""`corral show --prompt`: what a model reads, token for token."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from corral.cli.template_words import SOURCES, set_aside_words, template_words
from corral.errors import ExternalError, UserError
from corral.foreign import safe_line, safe_text
from corral.places import find_places
from corral.prompt.choice import TemplateSource
from corral.prompt.conversation import Conversation
from corral.workbench.prompt_showing import SAMPLE, ShownPrompt, conversation_of_json
from corral.workbench.workbench import open_workbench

SPECIAL_MARK = "*"


def show_prompt(options: argparse.Namespace) -> int:
    """Print the prompt of a conversation, its tokens, and where the templates differ."""
    conversation = _read(options.file) if options.file else SAMPLE
    wanted = TemplateSource(options.by) if options.by else None
    shown = asyncio.run(_show(options.model, conversation, wanted))
    print("\n".join(prompt_lines(shown)))
    return 0


async def _show(
    name: str, conversation: Conversation, wanted: TemplateSource | None
) -> ShownPrompt:
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        model = await workbench.modelling.get(name)
        return await workbench.prompts().show(model, conversation, wanted)


def prompt_lines(shown: ShownPrompt) -> list[str]:
    """Return what is printed of a prompt."""
    lines = [f"Template: {safe_line(template_words(shown.template))}"]
    if aside := set_aside_words(shown.template):
        lines.append(f"({aside.replace('--template', '--by')})")
    lines += ["", safe_text(shown.text), ""]
    if shown.is_kept:
        lines += ["The template works on special tokens in messages; they stand as they were.", ""]
    lines.append(f"{len(shown.tokens)} tokens; {SPECIAL_MARK} marks special ones:")
    for token in shown.tokens:
        mark = SPECIAL_MARK if token.is_special else " "
        lines.append(f"{token.id:>8} {mark} {json.dumps(token.text, ensure_ascii=False)}")
    return [*lines, *_difference(shown)]


def _difference(shown: ShownPrompt) -> list[str]:
    if shown.other is None:
        return []
    name = SOURCES[shown.other.source]
    if shown.problem:
        return ["", f"{name} fails: {shown.problem}"]
    if not shown.difference:
        return ["", f"{name} writes the same prompt."]
    return ["", f"{name} writes (+) where this one writes (-):", *map(safe_text, shown.difference)]


def _read(file: Path) -> Conversation:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except FileNotFoundError:
        raise UserError(f"There is no file '{file}'.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ExternalError(f"'{file}' cannot be read: {error}.") from error
    try:
        return conversation_of_json(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"'{file}' is no JSON: {error}.") from error
