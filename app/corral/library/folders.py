"""Which files are meant by a path in a Modelfile: a file, or a folder with a model in it.

Source: Ollama ``parser/parser.go`` behaviour, checked against its cases.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gguf.reader import read_header
from corral.gguf.shards import ShardName, shard_name

_SNIFFED_BYTES = 512
_ZIP = b"PK\x03\x04"


class Format(StrEnum):
    """How weights are stored."""

    SAFETENSORS = "safetensors"
    PYTORCH = "PyTorch"
    GGUF = "GGUF"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One way in which folders hold weights.

    Attributes:
        format: How they are stored.
        patterns: Names of the files.
        content: What the files must look like inside, "" for anything.
    """

    format: Format
    patterns: tuple[str, ...]
    content: str = ""


# The first that a folder has files of is taken.
_KINDS = (
    _Kind(format=Format.SAFETENSORS, patterns=("model*.safetensors", "*/model*.safetensors")),
    _Kind(format=Format.SAFETENSORS, patterns=("consolidated*.safetensors",)),
    _Kind(format=Format.PYTORCH, patterns=("pytorch_model*.bin",), content="zip"),
    _Kind(format=Format.PYTORCH, patterns=("consolidated*.pth",), content="zip"),
    _Kind(format=Format.GGUF, patterns=("*.gguf",), content="binary"),
    _Kind(format=Format.GGUF, patterns=("*.bin",), content="binary"),
)
_COMPANIONS = ("*.json", "*/*.json", "chat_template.jinja", "tokenizer.model")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """The files of a model in a folder.

    Attributes:
        format: How the weights are stored.
        weights: The files that hold them, by name.
        companions: What else belongs to the model.
    """

    format: Format
    weights: tuple[Path, ...]
    companions: tuple[Path, ...]


def look_into(folder: Path) -> ModelFolder:
    """Find the model in a folder.

    Raises:
        UserError: If there is none, a file is not what its name says, or a link leads out of it.
    """
    for kind in _KINDS:
        weights = tuple(_matching(folder, kind.patterns))
        if weights and _has_first(kind, folder):
            for path in weights:
                _check_content(path, kind)
            companions = tuple(_matching(folder, _COMPANIONS))
            return ModelFolder(format=kind.format, weights=weights, companions=companions)
    raise UserError(
        "no Modelfile or safetensors files found",
        detail=f"In {safe_line(str(folder))} there is no file of weights.",
        hint="Name a GGUF file, or a folder with one model in GGUF files.",
    )


def expand_path(text: str, base_dir: Path) -> Path:
    """Return the path that a Modelfile means.

    Args:
        text: As it stands there; "~" and "~user" are home folders.
        base_dir: What a relative path starts from.

    Raises:
        UserError: If there is no such user.
    """
    expanded = os.path.expanduser(text)  # noqa: PTH111 (Path refuses unknown users unclearly)
    if expanded == text and text.startswith("~"):
        user = text.partition("/")[0]
        raise UserError(f"There is no user {safe_line(user[1:]) or 'with a home folder'}.")
    return Path(os.path.abspath(base_dir / expanded))  # noqa: PTH100 (links stay as they are)


def whole_models(files: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Put the files of split models together.

    Args:
        files: GGUF files, in any order; one of several stands for all of them.

    Returns:
        The files of each model in their order, one for most.

    Raises:
        UserError: If one of several is missing.
        GgufError: If a file that is named like one of several is no GGUF file.
    """
    found: dict[Path, tuple[Path, ...]] = {}
    for path in files:
        shards = siblings(path)
        found.setdefault(shards[0], shards)
    return list(found.values())


def siblings(path: Path) -> tuple[Path, ...]:
    """Return all files of the model that a file belongs to, in their order; itself for most.

    Symbolic links stay as they are where names tell the order, and are followed elsewhere.

    Raises:
        UserError: If one is missing.
        GgufError: If it is named like one of several and is no GGUF file.
    """
    name = shard_name(path.name)
    if name is None or read_header(path).split_count == 1:  # the name alone splits nothing
        return (path.resolve(),)
    shards = tuple(path.with_name(name.file_name(n)) for n in range(1, name.count + 1))
    missing = [shard for shard in shards if not shard.is_file()]
    if missing:
        raise _incomplete(name, missing)
    return shards


def _incomplete(name: ShardName, missing: Sequence[Path]) -> UserError:
    return UserError(
        f"The model {safe_line(name.prefix)} is incomplete: "
        f"{name.count - len(missing)} of its {name.count} files are there.",
        detail="\n".join(f"missing: {safe_line(path.name)}" for path in missing[:10]),
        hint="Put all of them into one folder.",
    )


def _has_first(kind: _Kind, folder: Path) -> bool:
    """Whether the folder itself, not only one in it, has weights of this kind."""
    return any(True for _ in folder.glob(kind.patterns[0]))


def _matching(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    root = folder.resolve()
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if not path.resolve().is_relative_to(root):
                raise UserError(
                    f"insecure path: {safe_line(str(path))}",
                    detail="It is a link that leads out of the folder.",
                    hint="Name the file itself.",
                )
            if path.is_file():
                yield path


def _check_content(path: Path, kind: _Kind) -> None:
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    is_right = {
        "": True,
        "zip": start.startswith(_ZIP),
        "binary": not start.startswith(_ZIP) and b"\0" in start,
    }[kind.content]
    if not is_right:
        raise UserError(
            f"{safe_line(path.name)} is not what its name says.",
            detail=f"It does not look like a file of {kind.format} weights.",
            hint="Download or copy it again.",
        )
