"""Names for models that have none but their files' and folders'."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from corral.library.elsewhere.pairing import Candidate
from corral.library.elsewhere.walking import FileSort
from corral.library.model import Home, HomeKind
from corral.library.names import DEFAULT_NAMESPACE, DEFAULT_TAG, LONGEST_PART, Name
from corral.library.naming import default_name, numbered, split_quantization

HUGGING_FACE = "hf.co"
UNFINISHED_TAG = "unfinished"
REPOSITORY = re.compile(r"models--(?P<user>.+?)(?:--(?P<repository>.+))?", re.DOTALL)
# File names that say nothing; then the folder's says more.
_EMPTY_STEMS = frozenset({"model", "ggml-model", "weights", "unsloth"})
_GGUF_ENDING = re.compile(r"[-_.]gguf$", re.IGNORECASE)
_NOT_IN_NAMESPACE = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_PART = re.compile(r"[^A-Za-z0-9_.-]+")


def wished_name(home: Home, found: Candidate, repositories: Mapping[str, str]) -> Name:
    """Return what a found model is called as long as no other has the name.

    Args:
        home: Where it lies.
        found: It.
        repositories: Of llama.cpp's cache: "user/repository" by what the names of its files begin
            with.
    """
    parts = _parts_below(found.files[0].path, home.folder)
    for part in parts[:-1]:
        if repository := REPOSITORY.fullmatch(part):
            return _hub_name(repository["user"], repository["repository"], found)
    for prefix, repository_name in repositories.items():
        if found.stem.startswith(prefix):
            user, _, name = repository_name.partition("/")
            return _hub_name(user, name, found)
    if home.kind is HomeKind.LM_STUDIO and len(parts) > 2:
        model = _GGUF_ENDING.sub("", parts[1])
        return Name(namespace=_namespace(parts[0]), model=_part(model), tag=_tag(found))
    return _file_name(found)


def free_name(wish: Name, taken: Iterable[str]) -> Name:
    """Return a name, numbered if another model has it.

    Args:
        wish: The name.
        taken: Keys of the names that are taken.
    """
    name, number = wish, 1
    while name.key in taken:
        number += 1
        name = numbered(wish, number)
    return name


def _parts_below(path: Path, folder: Path) -> tuple[str, ...]:
    try:
        return path.relative_to(folder).parts
    except ValueError:
        return path.parts[-1:]


def _hub_name(user: str, repository: str | None, found: Candidate) -> Name:
    namespace, model = (user, repository) if repository else (DEFAULT_NAMESPACE, user)
    return Name(
        host=HUGGING_FACE, namespace=_namespace(namespace), model=_part(model), tag=_tag(found)
    )


def _file_name(found: Candidate) -> Name:
    model, _tag_of_stem = split_quantization(found.stem)
    stem = found.stem
    if model.lower() in _EMPTY_STEMS:
        stem = f"{found.folder.name}{found.stem[len(model) :]}"
    return default_name(Path(f"{stem}.gguf"), _tag(found))


def _tag(found: Candidate) -> str:
    is_half = found.files[0].sort is FileSort.UNFINISHED
    tag = split_quantization(found.stem)[1] or found.facts.quantization
    return _part(tag, UNFINISHED_TAG if is_half else DEFAULT_TAG)


def _namespace(text: str) -> str:
    return _clean(_NOT_IN_NAMESPACE, text) or DEFAULT_NAMESPACE


def _part(text: str, otherwise: str = "model") -> str:
    return _clean(_NOT_IN_PART, text) or otherwise


def _clean(not_allowed: re.Pattern[str], text: str) -> str:
    return not_allowed.sub("-", text).strip("-.")[:LONGEST_PART]
