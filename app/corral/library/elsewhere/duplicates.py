"""The same content in several places, and what keeping one of them would free."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corral.jobs import Ticket
from corral.library.elsewhere.digests import Digests
from corral.library.elsewhere.walking import FoundFile, look_at
from corral.library.model import Home, StoredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One place of some content.

    Attributes:
        path: The file.
        home: Whose it is.
        models: Names of the models that use it.
        is_linked: Whether it is one with another of the places: a hard link, which takes no room.
    """

    path: Path
    home: Home
    models: tuple[str, ...]
    is_linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Content that lies in several places.

    Attributes:
        digest: "sha256:" and 64 hex digits.
        size_bytes: Size of one.
        copies: The places, Corral's own first.
        freed_bytes: What keeping one of them would free; less where the drive shares the blocks of
            clones, which it does not tell.
    """

    digest: str
    size_bytes: int
    copies: tuple[Copy, ...]
    freed_bytes: int


@dataclass(slots=True)
class _Place:
    file: FoundFile
    home: Home
    models: list[str]


def find_duplicates(models: Iterable[StoredModel], digests: Digests) -> tuple[Duplicate, ...]:
    """Return what lies in several places, what would free most first.

    Files of an unknown digest are left out; `hash_suspects` takes those that may matter.
    """
    by_digest: dict[str, list[_Place]] = defaultdict(list)
    for place in _places(models):
        digest = digests.known(place.file)
        if digest:
            by_digest[digest].append(place)
    found = [_duplicate(digest, places) for digest, places in by_digest.items() if places[1:]]
    return tuple(sorted(found, key=lambda each: (-each.freed_bytes, each.digest)))


def hash_suspects(models: Iterable[StoredModel], digests: Digests, ticket: Ticket) -> int:
    """Take the unknown digests of files that have the size of another.

    Returns:
        How many files were read.

    Raises:
        Cancelled: If the ticket was cancelled; what was read until then is remembered.
    """
    by_size: dict[int, dict[tuple[int, int, int, int], FoundFile]] = defaultdict(dict)
    for place in _places(models):
        by_size[place.file.size_bytes].setdefault(place.file.identity, place.file)
    alike = (file for files in by_size.values() if len(files) > 1 for file in files.values())
    suspects = [file for file in alike if digests.known(file) is None]
    return sum(digests.take(file, ticket) is not None for file in suspects)


def _places(models: Iterable[StoredModel]) -> Iterator[_Place]:
    """Yield each file of the models once, with all who use it."""
    places: dict[Path, _Place] = {}
    for model in sorted(models, key=lambda each: not each.home.is_own):
        if model.problem:
            continue
        weights = model.shards or (model.weights,)
        for path in (*weights, *model.projectors, *model.adapters, *model.drafts):
            if path in places:
                places[path].models.append(model.name)
            elif file := look_at(path):
                places[path] = _Place(file=file, home=model.home, models=[model.name])
    yield from places.values()


def _duplicate(digest: str, places: list[_Place]) -> Duplicate:
    seen: set[tuple[int, int]] = set()
    copies = []
    for place in places:
        inode = place.file.device, place.file.inode
        copies.append(
            Copy(
                path=place.file.path,
                home=place.home,
                models=tuple(place.models),
                is_linked=inode in seen,
            )
        )
        seen.add(inode)
    size_bytes = places[0].file.size_bytes
    return Duplicate(
        digest=f"sha256:{digest}",
        size_bytes=size_bytes,
        copies=tuple(copies),
        freed_bytes=size_bytes * (len(seen) - 1),
    )
