"""Folders of plain GGUF files: LM Studio's, the Hugging Face cache, llama.cpp's, the user's."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from corral.foreign import safe_line
from corral.library.elsewhere.facts import FactsMemory, NotReadYet
from corral.library.elsewhere.names import REPOSITORY, wished_name
from corral.library.elsewhere.pairing import Candidate, candidates, paired
from corral.library.elsewhere.walking import FileSort, FoundFile, walk
from corral.library.model import Home, HomeKind, ModelConfig, StoredModel
from corral.library.names import Name
from corral.units import parameter_count

_MANIFEST = re.compile(r"manifest=(?P<user>[^=]+)=(?P<repository>[^=]+)=.*\.json", re.DOTALL)
_MOST_REF_BYTES = 256


def models_in(
    home: Home, memory: FactsMemory, own_root: Path | None = None
) -> Iterator[tuple[Name, StoredModel, tuple[FoundFile, ...]] | None]:
    """Yield the models in a folder: the name that it would have, it, and its files.

    None stands for files that there was no time to read.

    Raises:
        OSError: If the folder cannot be read.
    """
    repositories = _repositories(home)
    groups: dict[Path, list[FoundFile]] = defaultdict(list)
    for file in _files(home, own_root):
        groups[_scope(file.path, home)].append(file)
    for files in groups.values():
        try:
            grouped = sorted(_grouped(files, memory, repositories), key=lambda each: each.stem)
        except NotReadYet:
            yield None
            continue
        for found in grouped:
            name = wished_name(home, found, repositories)
            yield name, _model(home, found), found.files


def _grouped(
    files: list[FoundFile], memory: FactsMemory, repositories: dict[str, str]
) -> Iterator[Candidate]:
    """Yield the candidates of one folder; llama.cpp keeps all repositories in one."""
    sets: dict[str, list[Candidate]] = defaultdict(list)
    for found in candidates(files, memory):
        prefix = next((each for each in repositories if found.stem.startswith(each)), "")
        sets[prefix].append(found)
    for each in sets.values():
        yield from paired(each)


def _files(home: Home, own_root: Path | None) -> Iterator[FoundFile]:
    if home.kind is not HomeKind.HUGGING_FACE:
        yield from walk(home.folder, hidden=home.kind is not HomeKind.FOLDER, skipped=own_root)
        return
    for repository in sorted(home.folder.iterdir()):
        if REPOSITORY.fullmatch(repository.name):
            yield from _of_repository(repository)


def _of_repository(repository: Path) -> Iterator[FoundFile]:
    """Yield the files of one repository of the Hugging Face cache, each once.

    The snapshot that the branch "main" stands at comes first.
    """
    seen: set[tuple[int, int, int, int]] = set()
    try:
        snapshots = sorted((repository / "snapshots").iterdir())
    except OSError:
        snapshots = []
    main = _reference(repository / "refs" / "main")
    for snapshot in sorted(snapshots, key=lambda path: path.name != main):
        for file in walk(snapshot):
            if file.sort is FileSort.LOST_LINK or file.identity not in seen:
                seen.add(file.identity)
                yield file
    yield from _unfinished_blobs(repository)


def _unfinished_blobs(repository: Path) -> Iterator[FoundFile]:
    try:
        blobs = sorted((repository / "blobs").glob("*.incomplete"))
        for blob in blobs:
            status = blob.stat()
            # Half of what is cached are small files of other kinds; weights are never that small.
            if blob.is_file() and status.st_size >= 1 << 20:
                yield FoundFile(
                    path=blob,
                    sort=FileSort.UNFINISHED,
                    size_bytes=status.st_size,
                    mtime_ns=status.st_mtime_ns,
                )
    except OSError:
        return


def _reference(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size <= _MOST_REF_BYTES:
            return path.read_text("utf-8", "replace").strip()
    except OSError:
        pass
    return ""


def _repositories(home: Home) -> dict[str, str]:
    """Return the repositories that llama.cpp downloaded from, by the beginning of file names."""
    if home.kind is not HomeKind.LLAMA_CPP:
        return {}
    found = {}
    for path in sorted(home.folder.iterdir()):
        if manifest := _MANIFEST.fullmatch(path.name):
            user, repository = manifest["user"], manifest["repository"]
            found[f"{user}_{repository}_"] = f"{user}/{repository}"
    return found


def _scope(path: Path, home: Home) -> Path:
    """Return the folder within which models and projectors belong together."""
    if home.kind is not HomeKind.HUGGING_FACE and "models--" not in path.as_posix():
        return path.parent
    for folder in path.parents:
        if REPOSITORY.fullmatch(folder.name):
            return folder
        if folder == home.folder:
            break
    return path.parent


def _model(home: Home, found: Candidate) -> StoredModel:
    facts, first = found.facts, found.files[0]
    identity = "\n".join(f"{file.path} {file.identity}" for file in found.files)
    return StoredModel(
        name="",
        digest=hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest(),
        size_bytes=sum(file.size_bytes for file in (*found.files, *found.projectors)),
        modified_at=max(file.mtime_ns for file in found.files) / 1e9,
        weights=first.path,
        shards=tuple(file.path for file in found.files) if found.files[1:] else (),
        projectors=tuple(file.path for file in found.projectors),
        config=ModelConfig(
            model_format="safetensors" if first.sort is FileSort.SAFETENSORS else "gguf",
            family=facts.architecture,
            parameter_size=parameter_count(facts.parameter_count) if facts.parameter_count else "",
            quantization=facts.quantization,
            context_length=facts.context_length,
            embedding_length=facts.embedding_length,
        ),
        parameter_count=facts.parameter_count,
        active_parameter_count=facts.active_parameter_count,
        capabilities=facts.capabilities,
        home=home,
        problem=safe_line(facts.problem, 1000),
    )
