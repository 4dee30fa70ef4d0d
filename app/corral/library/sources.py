"""What FROM, ADAPTER and DRAFT of a Modelfile point at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gguf.header import Header
from corral.library.folders import Format, expand_path, look_into, whole_models
from corral.library.manifest import LayerType
from corral.library.model import StoredModel
from corral.library.moving import stored_name, wanted_name
from corral.library.names import Name
from corral.library.projectors import without_spare_projectors
from corral.library.store import Store
from corral.modelfile.document import Command, Document
from corral.modelfile.values import is_version

_LOOKS_LIKE_PATH = re.compile(r"^([/\\~.]|[A-Za-z]:[/\\])|\.(gguf|safetensors|bin)$", re.IGNORECASE)
# Returns the usable model of that name, or raises as `Library.get` does.
FindElsewhere: TypeAlias = Callable[[str], StoredModel]
_FILE_COMMANDS = {"adapter": LayerType.ADAPTER, "draft": LayerType.DRAFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model of the library that is built on."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A GGUF file that becomes a layer.

    Attributes:
        command: What names it.
        paths: The file, or all files of split weights.
    """

    command: Command
    paths: tuple[Path, ...]

    @property
    def path(self) -> Path:
        """The file, or the first of several."""
        return self.paths[0]

    @property
    def size_bytes(self) -> int:
        """Size of all files."""
        return sum(path.stat().st_size for path in self.paths)

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
class FoundModel:
    """A model of another program that is built on: its files are taken like any others."""

    model: StoredModel
    command: Command

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Its files, as if the Modelfile had named each."""
        model = self.model
        weights = model.shards or (model.weights.resolve(),)  # shards go by their names
        parts = [("model", weights)]
        parts += [("model", (path.resolve(),)) for path in model.projectors]
        parts += [("adapter", (path.resolve(),)) for path in model.adapters]
        parts += [("draft", (path.resolve(),)) for path in model.drafts]
        return tuple(
            SourceFile(command=replace(self.command, name=name), paths=paths)
            for name, paths in parts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that a model is made from.

    Attributes:
        base: The model of the library, None when the weights come from a file.
        files: The files.
        found: The model of another program that they belong to, None for none. Its texts and
            parameters are taken over too.
    """

    base: NamedModel | None
    files: tuple[SourceFile, ...]
    found: StoredModel | None = None


def find_sources(
    store: Store, document: Document, base_dir: Path | None, find_elsewhere: FindElsewhere
) -> Sources:
    """Find what a Modelfile is built on.

    Args:
        store: Where its models are.
        document: The Modelfile.
        base_dir: Folder that its paths start from; None when it may not name files at all.
        find_elsewhere: Finds the models of other programs.

    Raises:
        UserError: If something is not there, with its place in the Modelfile.
        ExternalError: If the model of another program cannot be used.
    """
    _check_once(document)
    sources = list(_find_all(store, document, base_dir, find_elsewhere))
    named = [each for each in sources if isinstance(each, NamedModel)]
    found = [each for each in sources if isinstance(each, FoundModel)]
    if len(named) + len(found) > 1:
        raise UserError("FROM names two models.", hint="Only one model can be built on.")
    files: dict[tuple[str, tuple[Path, ...]], SourceFile] = {}
    for each in sources:
        if isinstance(each, SourceFile):  # each shard may have its FROM, and stands for all
            files.setdefault((each.command.name, each.paths), each)
    return Sources(
        base=named[0] if named else None,
        files=(*(found[0].files if found else ()), *files.values()),
        found=found[0].model if found else None,
    )


def missing_base(store: Store, document: Document, base_dir: Path | None) -> str | None:
    """Return the model that FROM names and that is not there, None if none is missing."""
    for command in document.commands:
        text = command.args
        if command.name != "model" or not text or _LOOKS_LIKE_PATH.search(text):
            continue
        if not _is_stored(store, text) and not _files(command, base_dir):
            return text
    return None


def _find_all(
    store: Store, document: Document, base_dir: Path | None, find_elsewhere: FindElsewhere
) -> Iterator[NamedModel | FoundModel | SourceFile]:
    for command in document.commands:
        if command.name == "model":
            files = _files(command, base_dir, is_folder_optional=_is_stored(store, command.args))
            yield from files or (_named(store, command, base_dir, find_elsewhere),)
        elif command.name in _FILE_COMMANDS:
            files = _files(command, base_dir)
            if not files:
                raise _no_file(command, base_dir)
            yield from files


def _check_once(document: Document) -> None:
    adapters = [command for command in document.commands if command.name == "adapter"]
    if len(adapters) > 1:
        raise UserError("only one adapter is currently supported", place=adapters[1].place)
    for command in document.commands:
        if command.name == "requires" and not is_version(command.args):
            raise UserError("requires must be a valid semver (e.g. 0.14.0)", place=command.place)


def _files(
    command: Command, base_dir: Path | None, *, is_folder_optional: bool = False
) -> list[SourceFile]:
    """Return the files that a command names, none if what it names is no file."""
    if base_dir is None or not command.args:
        return []
    try:
        path = expand_path(command.args, base_dir)
        if path.is_dir():
            paths = _in_folder(path, is_folder_optional=is_folder_optional)
        else:
            paths = [path] if path.is_file() else []
        models = whole_models(paths)
    except (OSError, ValueError):  # too long, or with a zero byte: not a path
        return []
    except UserError as error:
        raise UserError(
            error.summary, detail=error.detail, hint=error.hint, place=command.place
        ) from None
    return [SourceFile(command=command, paths=files) for files in models]


def _in_folder(folder: Path, *, is_folder_optional: bool) -> list[Path]:
    try:
        found = look_into(folder)
    except UserError:
        if is_folder_optional:  # a folder that happens to be called like the model
            return []
        raise
    if found.format is not Format.GGUF:
        raise UserError(
            f"{safe_line(folder.name)} holds {found.format} weights, which cannot be used yet.",
            hint="Convert them to a GGUF file first.",
        )
    return without_spare_projectors(found.weights)


def _is_stored(store: Store, text: str) -> bool:
    try:
        return store.find(wanted_name(text)) is not None
    except UserError:
        return False


def _named(
    store: Store, command: Command, base_dir: Path | None, find_elsewhere: FindElsewhere
) -> NamedModel | FoundModel:
    if not command.args:
        raise UserError("FROM needs the name of a model or a file.", place=command.place)
    try:
        if _is_stored(store, command.args):
            return NamedModel(name=stored_name(store, command.args))
        return FoundModel(model=find_elsewhere(command.args), command=command)
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
