"""How much room models take on the drive, alone and together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from corral.errors import ExternalError
from corral.library.linking import Links
from corral.library.manifest import Manifest, parse_manifest
from corral.library.store import Store
from corral.library.trash import Trash


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What one model takes.

    Attributes:
        own_bytes: Blobs that no other model names: what removing it frees, in the end.
        shared_bytes: Blobs that other models name too.
    """

    own_bytes: int
    shared_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """What a store takes.

    Attributes:
        models: What each model takes, by short name.
        models_bytes: All blobs of models, each counted once.
        trash_bytes: Blobs that only models in the trash name.
        unneeded_bytes: Blobs that nothing names, and what is half downloaded or half written.
        linked_bytes: Of all these, hard links to the user's own files: removing them frees nothing
            as long as the files are there.
    """

    models: Mapping[str, ModelUse] = field(default_factory=dict)
    models_bytes: int = 0
    trash_bytes: int = 0
    unneeded_bytes: int = 0
    linked_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """All that lies among the blobs."""
        return self.models_bytes + self.trash_bytes + self.unneeded_bytes


def measure(store: Store, links: Links, trash: Trash) -> DiskUse:
    """Measure a store; manifests that cannot be read count as naming nothing."""
    sizes = dict(_file_sizes(store))
    named = {
        name.short: {store.blob_path(digest).name for digest in manifest.digests} & sizes.keys()
        for name in store.list_names()
        if (manifest := _manifest(store.manifest_path(name)))
    }
    times_named = Counter(blob for blobs in named.values() for blob in blobs)
    in_trash = {
        store.blob_path(digest).name
        for entry in trash.entries()
        if (manifest := _manifest(entry.path))
        for digest in manifest.digests
    } & sizes.keys()

    def total(blobs: Iterable[str]) -> int:
        return sum(sizes[blob] for blob in blobs)

    return DiskUse(
        models={
            name: ModelUse(
                own_bytes=total(blob for blob in blobs if times_named[blob] == 1),
                shared_bytes=total(blob for blob in blobs if times_named[blob] > 1),
            )
            for name, blobs in named.items()
        },
        models_bytes=total(times_named),
        trash_bytes=total(in_trash - times_named.keys()),
        unneeded_bytes=total(sizes.keys() - times_named.keys() - in_trash),
        linked_bytes=total(
            {store.blob_path(digest).name for digest in links.read()} & sizes.keys()
        ),
    )


def _file_sizes(store: Store) -> Iterator[tuple[str, int]]:
    if store.blobs.is_dir():
        for path in store.blobs.iterdir():
            with suppress(FileNotFoundError):
                yield path.name, path.stat().st_size


def _manifest(path: Path) -> Manifest | None:
    try:
        return parse_manifest(path.read_bytes())
    except (OSError, ExternalError):
        return None
