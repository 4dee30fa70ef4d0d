"""From the hub's answers to records; what does not hold up is left out or named as a problem."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.hub.huggingface.naming import (
    is_model,
    is_projector,
    is_repo_id,
    quantization_of,
    safe_path,
    shard_of,
    tags_of,
)
from corral.hub.huggingface.records import QuantFile, RepoFile, Repository, RepoSummary

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{6,64}")
_MOST_TAGS = 100
_MOST_FILES = 20_000
_MOST_MODELS = 500
_LONGEST_WORD = 100
_LARGEST_FILE_BYTES = 1 << 50
_TEXTS = ("license", "license.md", "license.txt", "licence", "readme.md")


def summary_of(info: "ModelInfo") -> RepoSummary | None:
    """Return a found repository, None if its id is none."""
    if not isinstance(info.id, str) or not is_repo_id(info.id):
        return None
    tags = tuple(safe_line(tag, _LONGEST_WORD) for tag in _texts(info.tags)[:_MOST_TAGS])
    gguf = info.gguf if isinstance(info.gguf, dict) else {}
    architecture = gguf.get("architecture")
    return RepoSummary(
        repo_id=info.id,
        downloads=_count(info.downloads),
        likes=_count(info.likes),
        updated_at=info.last_modified.timestamp() if info.last_modified else 0.0,
        is_gated=info.gated in ("auto", "manual", True),
        licence=next((t.removeprefix("license:") for t in tags if t.startswith("license:")), ""),
        tags=tags,
        parameter_count=_count(gguf.get("total")),
        architecture=safe_line(architecture, _LONGEST_WORD)
        if isinstance(architecture, str)
        else "",
    )


def repository_of(info: "ModelInfo") -> Repository:
    """Return a repository with its files.

    Raises:
        ExternalError: If the answer makes no sense.
    """
    summary = summary_of(info)
    commit = info.sha
    if summary is None or not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise ExternalError("The hub's description of the repository makes no sense.")
    files = [_file(sibling) for sibling in (info.siblings or [])[:_MOST_FILES]]
    known = [file for file in files if file]
    quants, problems = _quants(known)
    if len(known) < len(files):
        problems.append(f"{len(files) - len(known)} files have names or sizes that make no sense.")
    return Repository(
        summary=summary,
        commit=commit,
        quants=tuple(quants),
        texts=tuple(file for file in known if file.path.lower() in _TEXTS),
        problems=tuple(problems),
    )


def _file(sibling: "RepoSibling") -> RepoFile | None:
    path = safe_path(sibling.rfilename)
    size = sibling.lfs.size if sibling.lfs else sibling.size
    if path is None or not 0 <= _count(size, -1) <= _LARGEST_FILE_BYTES:
        return None
    sha256 = sibling.lfs.sha256 if sibling.lfs else ""
    is_digest = isinstance(sha256, str) and _SHA256.fullmatch(sha256)
    return RepoFile(
        path=path, size_bytes=_count(size), digest=f"sha256:{sha256}" if is_digest else ""
    )


def _quants(files: Sequence[RepoFile]) -> tuple[list[QuantFile], list[str]]:
    """Group the files of models; return the models and what is wrong with the others."""
    projectors = [file for file in files if is_projector(file.path) and file.size_bytes]
    groups: dict[tuple[str, int], list[RepoFile]] = defaultdict(list)
    for file in files:
        if is_model(file.path):
            stem, _, count = shard_of(file.path) or (file.path[: -len(".gguf")], 1, 1)
            groups[stem, count].append(file)
    problems = [
        f"{stem}: {len(group)} of {count} shards are there."
        for (stem, count), group in groups.items()
        if len(group) != count
    ]
    whole = {stem: group for (stem, count), group in groups.items() if len(group) == count}
    if len(whole) > _MOST_MODELS:
        problems.append(f"{len(whole):,} models are there; the first {_MOST_MODELS} are listed.")
        whole = dict(islice(whole.items(), _MOST_MODELS))
    quants = [
        QuantFile(
            tag=tag,
            quantization=quantization_of(stem),
            files=tuple(sorted(group, key=lambda file: file.path)),
            projector=_projector_for(group[0], projectors),
        )
        for tag, (stem, group) in zip(tags_of(list(whole)), whole.items(), strict=True)
    ]
    return sorted(quants, key=lambda quant: (quant.size_bytes, quant.tag)), problems


def _projector_for(file: RepoFile, projectors: Iterable[RepoFile]) -> RepoFile | None:
    """Return the projector of a model: one beside it rather than elsewhere, F16 before others."""
    folder = file.path.rpartition("/")[0]

    def rank(projector: RepoFile) -> tuple[bool, int, str]:
        order = {"F16": 0, "BF16": 1}.get(quantization_of(projector.path), 2)
        return (projector.path.rpartition("/")[0] != folder, order, projector.path)

    return min(projectors, key=rank, default=None)


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _count(value: object, default: int = 0) -> int:
    return value if isinstance(value, int) and type(value) is int and value >= 0 else default
