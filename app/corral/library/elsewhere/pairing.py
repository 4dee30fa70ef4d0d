"""From files to models: shards together, projectors beside the models that they fit."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corral.gguf.shards import ShardName, shard_name
from corral.library.elsewhere.facts import Facts, FactsMemory, Role
from corral.library.elsewhere.walking import FileSort, FoundFile, finished_name
from corral.library.model import Capability
from corral.library.naming import split_quantization
from corral.units import file_size

# Which projector is taken of several: 16 bits cost little and lose nothing.
_PREFERRED = ("F16", "BF16", "Q8_0", "F32")
_PROJECTOR_WORDS = re.compile(r"mmproj|projector|clip|vision|model", re.IGNORECASE)
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is one line of the list.

    Attributes:
        files: Its file, or the files that its weights are split over in their order.
        facts: What they say.
        stem: Name of the file without ending, number and marks of a download.
        projectors: The projector that goes with it, if any.
    """

    files: tuple[FoundFile, ...]
    facts: Facts
    stem: str
    projectors: tuple[FoundFile, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that its files lie in."""
        return self.files[0].path.parent


def candidates(files: Iterable[FoundFile], memory: FactsMemory) -> list[Candidate]:
    """Return what a folder's files are, the broken and half ones too."""
    whole: list[FoundFile] = []
    split: dict[tuple[Path, str, int], dict[int, FoundFile]] = defaultdict(dict)
    safetensors: dict[Path, list[FoundFile]] = defaultdict(list)
    found: list[Candidate] = []
    for file in files:
        name = shard_name(file.path.name)
        if file.sort is FileSort.SAFETENSORS:
            safetensors[file.path.parent].append(file)
        elif file.sort is not FileSort.GGUF:
            found.append(_unusable(file))
        elif name:
            split[file.path.parent, name.prefix, name.count][name.number] = file
        else:
            whole.append(file)
    for (_folder, prefix, count), shards in split.items():
        found.extend(_of_shards(ShardName(prefix=prefix, number=1, count=count), shards, memory))
    found.extend(_of_file(file, memory) for file in whole)
    found.extend(_of_safetensors(folder, group) for folder, group in safetensors.items())
    return found


def paired(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates of one folder, projectors put to the models that they fit.

    A projector that fits none stays in the list.
    """
    projectors = [each for each in found if each.facts.role is Role.PROJECTOR]
    models = [each for each in found if each.facts.role is Role.MODEL]
    if not projectors:
        return list(found)
    families = {_letters(split_quantization(model.stem)[0]) for model in models}
    taken: set[Path] = set()
    result = []
    for each in found:
        fitting = (
            [p for p in projectors if _fits(p, each, has_one_family=len(families) == 1)]
            if each.facts.role is Role.MODEL
            else []
        )
        if fitting:
            taken.update(projector.files[0].path for projector in fitting)
            result.append(_with_projector(each, min(fitting, key=_preference)))
        else:
            result.append(each)
    return [each for each in result if each.files[0].path not in taken]


def _with_projector(model: Candidate, projector: Candidate) -> Candidate:
    able = {*model.facts.capabilities, *projector.facts.capabilities}
    facts = replace(model.facts, capabilities=tuple(each for each in Capability if each in able))
    return replace(model, facts=facts, projectors=projector.files)


def _of_shards(
    name: ShardName, shards: dict[int, FoundFile], memory: FactsMemory
) -> Iterator[Candidate]:
    files = tuple(shards[number] for number in sorted(shards))
    facts = memory.facts(files[:1])
    if 1 in shards and facts.role is Role.MODEL and facts.split_count == 1:
        yield from (_of_file(file, memory) for file in files)  # only their names look so
        return
    missing = [n for n in range(1, name.count + 1) if n not in shards]
    if missing:
        lost = f"{len(missing)} of {name.count} files are missing: {name.file_name(missing[0])}"
        facts = replace(facts, role=Role.OTHER, problem=f"{lost}{' …' if missing[1:] else ''}")
    else:
        facts = memory.facts(files)
    yield Candidate(files=files, facts=facts, stem=name.prefix)


def _of_file(file: FoundFile, memory: FactsMemory) -> Candidate:
    facts = memory.facts([file])
    if facts.role is Role.MODEL and facts.split_count > 1:
        problem = f"It is one of {facts.split_count} files of a model, but its name does not say so"
        facts = replace(facts, role=Role.OTHER, problem=f"{problem}.")
    return Candidate(files=(file,), facts=facts, stem=_stem(file.path.name))


def _unusable(file: FoundFile) -> Candidate:
    if file.sort is FileSort.LOST_LINK:
        problem = "It is a link to a file that is not there."
    else:
        problem = f"Its download is not complete: {file_size(file.size_bytes)} are there."
    stem = _stem(finished_name(file.path.name))
    name = shard_name(finished_name(file.path.name))
    return Candidate(
        files=(file,),
        facts=Facts(role=Role.OTHER, problem=problem),
        stem=name.prefix if name else stem,
    )


def _of_safetensors(folder: Path, files: list[FoundFile]) -> Candidate:
    problem = "Its weights are in safetensors files; Corral runs GGUF files."
    facts = Facts(role=Role.OTHER, problem=problem)
    return Candidate(files=tuple(files), facts=facts, stem=folder.name)


def _fits(projector: Candidate, model: Candidate, *, has_one_family: bool) -> bool:
    """Whether a projector goes with a model: by name where there are several models beside it."""
    if has_one_family:
        return True
    core = _letters(_PROJECTOR_WORDS.sub("", split_quantization(projector.stem)[0]))
    if core:
        return core in _letters(model.stem)
    length = projector.facts.projection_length
    return length > 0 and length == model.facts.embedding_length


def _preference(projector: Candidate) -> tuple[int, str]:
    quantization = projector.facts.quantization
    order = _PREFERRED.index(quantization) if quantization in _PREFERRED else len(_PREFERRED)
    return order, projector.stem


def _stem(name: str) -> str:
    return name[: -len(".gguf")] if name.lower().endswith(".gguf") else name


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.lower())
