"""What FROM, ADAPTER and DRAFT of a Modelfile point at."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gguf.header import Header
from corral.library.manifest import LayerType
from corral.library.moving import stored_name
from corral.library.names import Name
from corral.library.store import Store
from corral.modelfile.document import Command, Document

_LOOKS_LIKE_PATH = re.compile(r"^([/\\~.]|[A-Za-z]:[/\\])|\.(gguf|safetensors|bin)$", re.IGNORECASE)
_SEMVER = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?", re.ASCII)
_FILE_COMMANDS = {"adapter": LayerType.ADAPTER, "draft": LayerType.DRAFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model of the library that is built on."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that becomes a layer.

    Attributes:
        command: What names it.
        path: The file, without symbolic links.
    """

    command: Command
    path: Path

    def kind(self, header: Header) -> LayerType:
        """Return the type of layer that the file becomes.

        Raises:
            UserError: If the file is not what its instruction wants.
        """
        shown = safe_line(self.path.name)
        if self.command.name == "adapter" and not header.is_adapter:
            raise UserError(f"{shown} is not a LoRA adapter.", place=self.command.place)
        if self.command.name == "model" and header.is_adapter:
            raise UserError(
                f"{shown} is a LoRA adapter.",
                hint="Name the model with FROM and this file with ADAPTER.",
                place=self.command.place,
            )
        if self.command.name == "model" and header.is_projector:
            return LayerType.PROJECTOR
        return _FILE_COMMANDS.get(self.command.name, LayerType.MODEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that a model is made from.

    Attributes:
        base: The model of the library, None when the weights come from a file.
        files: The files.
    """

    base: NamedModel | None
    files: tuple[SourceFile, ...]


def find_sources(store: Store, document: Document, base_dir: Path | None) -> Sources:
    """Find what a Modelfile is built on.

    Args:
        store: Where its models are.
        document: The Modelfile.
        base_dir: Folder that its paths start from; None when it may not name files at all.

    Raises:
        UserError: If something is not there, with its place in the Modelfile.
    """
    _check_once(document)
    found = list(_find_all(store, document, base_dir))
    named = [each for each in found if isinstance(each, NamedModel)]
    if len(named) > 1:
        raise UserError("FROM names two models.", hint="Only one model can be built on.")
    files = tuple(each for each in found if isinstance(each, SourceFile))
    return Sources(base=named[0] if named else None, files=files)


def _find_all(
    store: Store, document: Document, base_dir: Path | None
) -> Iterator[NamedModel | SourceFile]:
    for command in document.commands:
        if command.name == "model":
            file = _file(command, base_dir)
            yield file or _named(store, command, base_dir)
        elif command.name in _FILE_COMMANDS:
            file = _file(command, base_dir)
            if file is None:
                raise _no_file(command, base_dir)
            yield file


def _check_once(document: Document) -> None:
    adapters = [command for command in document.commands if command.name == "adapter"]
    if len(adapters) > 1:
        raise UserError("only one adapter is currently supported", place=adapters[1].place)
    for command in document.commands:
        if command.name == "requires" and not _SEMVER.fullmatch(command.args):
            raise UserError("requires must be a valid semver (e.g. 0.14.0)", place=command.place)


def _file(command: Command, base_dir: Path | None) -> SourceFile | None:
    if base_dir is None or not command.args:
        return None
    path = base_dir / os.path.expanduser(command.args)  # noqa: PTH111 (Path refuses unknown users)
    try:
        return SourceFile(command=command, path=path.resolve()) if path.is_file() else None
    except (OSError, ValueError):  # too long, or with a zero byte: not a path
        return None


def _named(store: Store, command: Command, base_dir: Path | None) -> NamedModel:
    if not command.args:
        raise UserError("FROM needs the name of a model or a file.", place=command.place)
    try:
        return NamedModel(name=stored_name(store, command.args))
    except UserError as error:
        if _LOOKS_LIKE_PATH.search(command.args):
            raise _no_file(command, base_dir) from None
        raise UserError(error.summary, hint=error.hint, place=command.place) from None


def _no_file(command: Command, base_dir: Path | None) -> UserError:
    shown = safe_line(command.args)
    if base_dir is None:
        return UserError(
            f"{shown}: this Modelfile may not name files of this computer.",
            hint="Import the file first, then name the model.",
            place=command.place,
        )
    return UserError(
        f"There is no file {shown}.",
        hint=f"Paths start from {safe_line(str(base_dir))}.",
        place=command.place,
    )
