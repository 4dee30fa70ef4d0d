"""Commands about the models on disk; none of them loads llama.cpp."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from corral.cli.output import ProgressLine, print_table
from corral.errors import UserError
from corral.foreign import safe_line
from corral.jobs import Ticket
from corral.library.disk_use import DiskUse
from corral.library.library import Library
from corral.library.model import StoredModel
from corral.library.names import Name, parse_name
from corral.library.taking import ImportHow
from corral.modelfile.document import Command, Document
from corral.modelfile.parser import decode, parse
from corral.places import find_places
from corral.units import ago, file_size
from corral.workbench.modelling import open_library_with_starter


def list_models(options: argparse.Namespace) -> int:
    """Print the models, newest first; a terminal is also told what they take together."""
    library = _library()
    prefix = options.prefix.lower()
    models = [model for model in library.list() if model.name.lower().startswith(prefix)]
    use = library.upkeep.disk_use()
    if options.json:
        print(json.dumps(_list_json(models, use), indent=1))
        return 0
    print_table(
        ("NAME", "ID", "SIZE", "MODIFIED", "OWN", "LIVES IN", ""),
        [_row(model, use) for model in models],
    )
    if sys.stdout.isatty() and not prefix:
        print(f"\n{_total(use)}")
    return 0


def tags(options: argparse.Namespace) -> int:
    """Print the tags under which a model is there."""
    library = _library()
    wanted = parse_name(options.model)
    rows = [
        (parse_name(model.name).tag, *_row(model, use)[1:5])
        for use in [library.upkeep.disk_use()]
        for model in library.list()
        if _is_same_model(parse_name(model.name), wanted)
    ]
    if not rows:
        library.get(wanted.short)  # says what was probably meant
    print_table(("TAG", "ID", "SIZE", "MODIFIED", "OWN"), rows)
    return 0


def import_file(options: argparse.Namespace) -> int:
    """Bring a GGUF file, or a model of another program, into the library."""
    how = ImportHow.LINK if options.link else ImportHow.COPY if options.copy else ImportHow.AUTO
    line = ProgressLine()
    try:
        library, ticket = _library(), Ticket(line.show)
        if _is_model(library, options.file):
            model = library.take_in(options.file, options.name, how, ticket, _ask_link)
        else:
            file = Path(options.file)
            model = library.import_file(file, options.name, how, ticket, _ask_link)
    finally:
        line.clear()
    print(f"imported {model.name}, {file_size(model.size_bytes)}")
    return 0


def create(options: argparse.Namespace) -> int:
    """Make a model from a Modelfile."""
    document, folder = _document(options.file, options.source)
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


def _document(file: Path | None, source: str | None) -> tuple[Document, Path]:
    """Return the Modelfile that is meant, and the folder that its paths start from."""
    if source is not None:
        return Document(commands=(Command(name="model", args=source),)), Path.cwd()
    if file is None:
        file = Path("Modelfile")
        if not file.exists():
            raise UserError(
                "There is no Modelfile in this folder.",
                hint="Name one with -f, or a model, a GGUF file or a folder with --from.",
            )
    is_stdin = str(file) == "-"
    try:
        data = sys.stdin.buffer.read() if is_stdin else file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    folder = Path.cwd() if is_stdin else file.resolve().parent
    from corral.cli.modelfile_hints import tell_hints  # lazy: nothing else here reads Modelfiles

    text, name = decode(data), "stdin" if is_stdin else str(file)
    document = parse(text, name)
    tell_hints(text, name)
    return document, folder


def copy(options: argparse.Namespace) -> int:
    """Give a model a second name."""
    _library().copy(options.source, options.target)
    print(f"copied '{options.source}' to '{options.target}'")
    return 0


def rename(options: argparse.Namespace) -> int:
    """Give a model another name."""
    _library().rename(options.source, options.target)
    print(f"renamed '{options.source}' to '{options.target}'")
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


def trash(options: argparse.Namespace) -> int:
    """Print the removed models, the latest first, or delete them for good."""
    library = _library()
    if options.empty:
        freed = library.empty_trash(before=time.time() + 1)
        print(f"{file_size(freed)} freed")
        return 0
    rows = [
        (
            entry.name,
            entry.digest[:12],
            file_size(entry.size_bytes),
            ago(time.time() - entry.removed_at),
            safe_line(entry.reason),
        )
        for entry in library.trash()
    ]
    print_table(("NAME", "ID", "SIZE", "REMOVED", ""), rows)
    return 0


def _library() -> Library:
    return open_library_with_starter(find_places())


def _is_model(library: Library, text: str) -> bool:
    """Whether `text` is no file but the name of a model."""
    if Path(text).exists():
        return False
    try:
        library.get(text)
    except UserError:
        return False
    return True


def _ask_link() -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(
        "The file can be hard-linked instead of copied; it must not be changed afterwards. "
        "Link it? [Y/n] "
    )
    return input().strip().lower() in {"", "y", "yes"}


def _row(model: StoredModel, use: DiskUse) -> tuple[str, ...]:
    own = use.models.get(model.name) if model.home.is_own else None
    return (
        model.name,
        model.digest[:12],
        file_size(model.size_bytes),
        ago(time.time() - model.modified_at) if model.modified_at else "-",
        file_size(own.own_bytes) if own else "-",
        "" if model.home.is_own else safe_line(model.home.label),
        safe_line(model.problem),
    )


def _total(use: DiskUse) -> str:
    parts = [f"{file_size(use.total_bytes)} on disk: {file_size(use.models_bytes)} models"]
    if use.trash_bytes:
        parts.append(f"{file_size(use.trash_bytes)} in the trash")
    if use.unneeded_bytes:
        parts.append(f"{file_size(use.unneeded_bytes)} unfinished or unneeded")
    if use.linked_bytes:
        parts.append(f"of this {file_size(use.linked_bytes)} are links to your own files")
    return ", ".join(parts)


def _list_json(models: Sequence[StoredModel], use: DiskUse) -> dict[str, object]:
    return {
        "models": [
            {
                "name": model.name,
                "digest": model.digest,
                "size_bytes": model.size_bytes,
                "own_bytes": own.own_bytes if own else 0,
                "shared_bytes": own.shared_bytes if own else 0,
                "modified_at": model.modified_at,
                "last_used_at": model.last_used_at,
                "family": model.config.family,
                "quantization": model.config.quantization,
                "parameter_count": model.parameter_count,
                "active_parameter_count": model.active_parameter_count,
                "capabilities": [capability.value for capability in model.capabilities],
                "home": model.home.kind.value,
                "problem": model.problem,
            }
            for model in models
            for own in [use.models.get(model.name) if model.home.is_own else None]
        ],
        "total_bytes": use.total_bytes,
        "models_bytes": use.models_bytes,
        "trash_bytes": use.trash_bytes,
        "unneeded_bytes": use.unneeded_bytes,
        "linked_bytes": use.linked_bytes,
    }


def _is_same_model(name: Name, wanted: Name) -> bool:
    return (name.host.lower(), name.namespace.lower(), name.model.lower()) == (
        wanted.host.lower(),
        wanted.namespace.lower(),
        wanted.model.lower(),
    )
