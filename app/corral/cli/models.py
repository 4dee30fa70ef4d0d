"""Commands about the models on disk; none of them loads llama.cpp."""

import argparse
import sys
import time
from pathlib import Path

from corral.cli.output import ProgressLine, print_table
from corral.errors import UserError
from corral.foreign import safe_line, safe_text
from corral.jobs import Ticket
from corral.library.library import Library
from corral.library.model import StoredModel
from corral.library.taking import ImportHow
from corral.modelfile.parser import decode, parse
from corral.places import find_places
from corral.units import ago, context_size, file_size
from corral.workbench.modelling import open_library_with_starter


def list_models(options: argparse.Namespace) -> int:
    """Print the models, newest first."""
    rows = [
        (
            model.name,
            model.digest[:12],
            file_size(model.size_bytes),
            ago(time.time() - model.modified_at),
            safe_line(model.problem),
        )
        for model in _library().list()
        if model.name.lower().startswith(options.prefix.lower())
    ]
    print_table(("NAME", "ID", "SIZE", "MODIFIED", ""), rows)
    return 0


def show(options: argparse.Namespace) -> int:
    """Print a model's figures, or its Modelfile."""
    library = _library()
    if options.modelfile:
        modelfile = library.modelfile(options.model)
        # A file gets every character, a terminal none that it would obey.
        print(safe_text(modelfile) if sys.stdout.isatty() else modelfile)
        return 0
    model = library.get(options.model)
    print_table(("Model", ""), [(f"  {name}", value) for name, value in _facts(model)])
    if model.parameters:
        rows = [(f"  {name}", _value(value)) for name, value in model.parameters.items()]
        print()
        print_table(("Parameters", ""), rows)
    for title, text in (("System", model.system), ("License", "\n".join(model.licenses))):
        if text:
            print(f"\n{title}")
            lines = safe_text(text).strip().splitlines()
            print("\n".join(f"  {line}" for line in [*lines[:2], *(["..."] if lines[2:] else [])]))
    return 0


def import_file(options: argparse.Namespace) -> int:
    """Bring a GGUF file into the library."""
    how = ImportHow.LINK if options.link else ImportHow.COPY if options.copy else ImportHow.AUTO
    line = ProgressLine()
    try:
        model = _library().import_file(
            options.file, options.name, how, Ticket(line.show), _ask_link
        )
    finally:
        line.clear()
    print(f"imported {model.name}, {file_size(model.size_bytes)}")
    return 0


def create(options: argparse.Namespace) -> int:
    """Make a model from a Modelfile."""
    is_stdin = str(options.file) == "-"
    try:
        data = sys.stdin.buffer.read() if is_stdin else options.file.read_bytes()
    except OSError as error:
        raise UserError(f"{options.file} cannot be read: {error.strerror}.") from error
    folder = Path.cwd() if is_stdin else options.file.resolve().parent
    document = parse(decode(data), "stdin" if is_stdin else str(options.file))
    library = _library()
    if options.pull and (base := library.exchange().missing_base(document, folder)):
        from corral.cli.transfers import pull_model  # lazy: nothing else here reaches out

        pull_model(library, base, options)
    line = ProgressLine()
    try:
        model = library.create(options.model, document, folder, Ticket(line.show))
    finally:
        line.clear()
    print(f"created {model.name}")
    return 0


def copy(options: argparse.Namespace) -> int:
    """Give a model a second name."""
    _library().copy(options.source, options.target)
    print(f"copied '{options.source}' to '{options.target}'")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Move models to the trash."""
    library = _library()
    for name in options.model:
        library.remove(name)
        print(f"removed '{name}'; `corral restore {name}` brings it back within 7 days")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Bring a removed model back."""
    model = _library().restore(options.model)
    print(f"restored {model.name}")
    return 0


def _library() -> Library:
    return open_library_with_starter(find_places())


def _ask_link() -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(
        "The file can be hard-linked instead of copied; it must not be changed afterwards. "
        "Link it? [Y/n] "
    )
    return input().strip().lower() in {"", "y", "yes"}


def _facts(model: StoredModel) -> list[tuple[str, str]]:
    config = model.config
    facts = [
        ("architecture", config.family),
        ("parameters", config.parameter_size),
        ("context length", context_size(config.context_length) if config.context_length else ""),
        ("quantization", config.quantization),
        ("size", file_size(model.size_bytes)),
        ("problem", model.problem),
    ]
    return [(name, value) for name, value in facts if value]


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "  ".join(f'"{item}"' for item in value)
    return str(value)
