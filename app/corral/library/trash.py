"""Removed models: their manifests wait here for seven days, and their blobs with them."""

import hashlib
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.library.disk import move_durably
from corral.library.manifest import parse_manifest
from corral.library.names import Name, name_from_path, parse_name
from corral.library.store import Store

logger = logging.getLogger(__name__)

KEPT_DAYS = 7
KEPT_S = KEPT_DAYS * 86400.0
_REASON = "reason.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashEntry:
    """One removed model.

    Attributes:
        name: Short name that it had.
        removed_at: Seconds since the epoch.
        digest: Its digest, as in `StoredModel`.
        size_bytes: Sum of its blobs, other models' included; 0 if the manifest is damaged.
        path: Its manifest.
        reason: Why a check of the store put it here, "" when a person did.
    """

    name: str
    removed_at: float
    digest: str
    size_bytes: int
    path: Path
    reason: str = ""


class Trash:
    """The trash of one store.

    Below its folder every removal has a folder named by its time in milliseconds, in which the
    manifest lies as it lay in the store: removing and restoring are one rename each.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.own / "trash"

    def entries(self) -> list[TrashEntry]:
        """Return what is in the trash, the latest first."""
        paths = self._folder.glob("*/*/*/*/*")
        entries = [entry for path in paths if (entry := self._entry(path))]
        return sorted(entries, key=lambda entry: entry.removed_at, reverse=True)

    def put(self, name: Name, reason: str = "") -> TrashEntry:
        """Move a model's manifest here; the caller holds the store's lock."""
        folder = self._new_folder()
        target = folder / name.path
        target.parent.mkdir(parents=True)
        if reason:
            self._store.write_file(folder / _REASON, reason.encode())
        source = self._store.manifest_path(name)
        move_durably(source, target)
        remove_empty_folders(source.parent, self._store.manifests)
        entry = self._entry(target)
        assert entry is not None
        return entry

    def keep_copy(self, name: Name) -> None:
        """Keep a manifest that is about to be replaced; the caller holds the store's lock."""
        data = self._store.manifest_path(name).read_bytes()
        self._store.write_file(self._new_folder() / name.path, data)

    def explain(self, entry: TrashEntry, reason: str) -> None:
        """Note why an entry cannot be used; the caller holds the store's lock."""
        self._store.write_file(self._removal(entry.path) / _REASON, reason.encode())

    def find(self, name: str) -> TrashEntry:
        """Return the model of this name that was removed last.

        Raises:
            UserError: If there is none.
        """
        key = parse_name(name).key
        for entry in self.entries():
            if parse_name(entry.name).key == key:
                return entry
        raise UserError(
            f"model '{parse_name(name).short}' is not in the trash",
            hint=f"Removed models are kept for {KEPT_DAYS} days.",
        )

    def take_back(self, entry: TrashEntry) -> Name:
        """Move a manifest back to its place; the caller holds the store's lock.

        Raises:
            UserError: If its name was given to another model, or the entry is gone.
        """
        name = parse_name(entry.name)
        if self._store.find(name):
            raise UserError(
                f"There is another model '{name.short}' now.",
                hint="Rename or remove that one, then restore again.",
            )
        if not entry.path.is_file():
            raise UserError(f"model '{name.short}' is no longer in the trash")
        target = self._store.manifest_path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        move_durably(entry.path, target)
        self._clear(entry)
        return name

    def purge(self, before: float) -> frozenset[str]:
        """Drop what was removed before a moment; the caller holds the store's lock.

        Returns:
            The digests that the dropped manifests named.
        """
        digests: frozenset[str] = frozenset()
        for entry in self.entries():
            if entry.removed_at >= before:
                continue
            with suppress(ExternalError):  # what a damaged manifest named is left to the sweep
                digests |= parse_manifest(entry.path.read_bytes()).digests
            entry.path.unlink()
            self._clear(entry)
        return digests

    def _clear(self, entry: TrashEntry) -> None:
        """Remove what is left of a removal whose manifest is gone."""
        (self._removal(entry.path) / _REASON).unlink(missing_ok=True)
        remove_empty_folders(entry.path.parent, self._folder)

    def _removal(self, path: Path) -> Path:
        return self._folder / path.relative_to(self._folder).parts[0]

    def _new_folder(self) -> Path:
        moment = int(time.time() * 1000)
        while (self._folder / str(moment)).exists():
            moment += 1
        return self._folder / str(moment)

    def _entry(self, path: Path) -> TrashEntry | None:
        moment, *parts = path.relative_to(self._folder).parts
        name = name_from_path(Path(*parts))
        if name is None or not moment.isdecimal():
            return None
        try:
            data = path.read_bytes()
            size_bytes = parse_manifest(data).size_bytes
        except OSError:
            return None
        except ExternalError:
            size_bytes = 0
        return TrashEntry(
            name=name.short,
            removed_at=int(moment) / 1000,
            digest=hashlib.sha256(data).hexdigest(),
            size_bytes=size_bytes,
            path=path,
            reason=_text(self._removal(path) / _REASON),
        )


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace")
    return ""


def remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove `folder` and those above it, below `root`, as far as they are empty."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
