"""Checking a whole store: what is wrong with it is told, and what can be mended is mended.

Nothing of the user's is ever deleted here: a damaged blob is set aside, a model that lost one goes
to the trash with the reason. Only what a crash left, and blobs that nobody names, are removed.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.jobs import Progress, Ticket
from corral.library.content import hash_file
from corral.library.disk import disk_errors, move_durably, stale_parts, sweep_parts
from corral.library.faults import CheckReport, Fault, FaultKind
from corral.library.linking import FileIdentity, Links, identify
from corral.library.manifest import LayerType, Manifest, canonical_digest, parse_manifest
from corral.library.names import Name, name_from_path
from corral.library.store import Store
from corral.library.sweeping import YOUNG_S, needed_digests, prune
from corral.library.trash import Trash, TrashEntry

# A blob that a download is still filling, and the journals beside it.
_DOWNLOAD = re.compile(r"sha256-[0-9a-f]{64}-partial.*", re.DOTALL)


class Checking:
    """One check of one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
        mend: Whether to mend what can be mended.
    """

    def __init__(self, store: Store, links: Links, trash: Trash, *, mend: bool) -> None:
        self._store = store
        self._links = links
        self._trash = trash
        self._mend = mend
        self._faults: list[Fault] = []

    def run(self, ticket: Ticket, *, fast: bool = False) -> CheckReport:
        """Check everything.

        The long reading is done without the store's lock; what looks wrong is looked at again
        under it, so that work in other processes is never taken for damage.

        Args:
            ticket: For progress and cancel.
            fast: Compare sizes only, not digests.

        Raises:
            ExternalError: If the disk fails.
            Cancelled: If the ticket was cancelled; what was mended stays so.
        """
        if not self._store.root.is_dir():
            return CheckReport(faults=(), models=0, blobs=0, read_bytes=0)
        with disk_errors(f"check the model store {self._store.root}"):
            blobs = sorted(_blob_paths(self._store))
            suspects, read_bytes = ([], 0) if fast else self._read_all(blobs, ticket)
            ticket.report(Progress(phase="Checking the references", unit="steps"))
            with self._store.exclusive():
                for path, identity in suspects:
                    self._check_again(path, identity)
                models = self._check_manifests()
                self._check_trash()
                self._check_rest()
        return CheckReport(
            faults=tuple(self._faults), models=models, blobs=len(blobs), read_bytes=read_bytes
        )

    # Blobs

    def _read_all(
        self, blobs: list[Path], ticket: Ticket
    ) -> tuple[list[tuple[Path, FileIdentity]], int]:
        """Compare every digest; return those that differ, as they were while they were read."""
        sizes = {path: size for path in blobs if (size := _size(path)) is not None}
        total, done = sum(sizes.values()), 0
        suspects = []
        for path, size_bytes in sizes.items():
            step = Ticket(partial(_report, ticket, done, total))
            with suppress(FileNotFoundError), path.open("rb", buffering=0) as file:
                identity = identify(os.fstat(file.fileno()))
                if hash_file(file, size_bytes, step) != canonical_digest(path.name):
                    suspects.append((path, identity))
            done += size_bytes
        return suspects, done

    def _check_again(self, path: Path, identity: FileIdentity) -> None:
        try:
            if identify(path.stat()) != identity:
                return  # replaced by another process meanwhile
        except FileNotFoundError:
            return
        digest = canonical_digest(path.name)
        if link := self._links.read().get(digest):
            self._found(
                FaultKind.CHANGED_LINK,
                f"{safe_line(Path(link.source).name)} is linked as {digest[:19]} and is no longer "
                "the file that was imported",
                path,
                partial(self._unlink, path, digest),
            )
            return
        self._found(
            FaultKind.DAMAGED_BLOB,
            f"{digest[:19]} ({identity.size_bytes:,} bytes) does not have the content that its "
            "name tells",
            path,
            partial(self._set_aside, path),
        )

    def _unlink(self, path: Path, digest: str) -> str:
        if path.stat().st_nlink < 2:
            self._links.forget({digest})
            return self._set_aside(path)
        path.unlink()
        self._links.forget({digest})
        return "link removed; the file itself stays where it is"

    def _set_aside(self, path: Path) -> str:
        target = self._store.own / "aside" / path.name
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{path.name}.{number}")
        target.parent.mkdir(parents=True, exist_ok=True)
        move_durably(path, target)
        return f"set aside as {target}"

    def _forget(self, digest: str) -> str:
        self._links.forget({digest})
        return "forgotten"

    def _prune(self, digest: str) -> str:
        return f"{prune(self._store, self._links, [digest]):,} bytes freed"

    def _to_trash(self, name: Name, reason: str) -> str:
        self._trash.put(name, reason)
        return "moved to the trash with the reason"

    def _explain(self, entry: TrashEntry, reason: str) -> str:
        self._trash.explain(entry, reason)
        return "the reason is kept beside it"

    # Manifests

    def _check_manifests(self) -> int:
        """Check what is in the manifests folder; return how many models there are."""
        models = 0
        for path in sorted(self._store.manifests.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                continue
            name = name_from_path(path.relative_to(self._store.manifests))
            if name is None:
                self._found(
                    FaultKind.STRAY_FILE,
                    f"{safe_line(path.name)} among the manifests is none",
                    path,
                    partial(self._set_aside, path),
                )
                continue
            models += 1
            kind, reason = self._wrong_with(path)
            if reason:
                self._found(
                    kind,
                    f"model '{name.short}': {reason}",
                    path,
                    partial(self._to_trash, name, reason),
                )
        return models

    def _wrong_with(self, path: Path) -> tuple[FaultKind, str]:
        try:
            manifest = parse_manifest(path.read_bytes())
        except (ExternalError, OSError) as error:
            return FaultKind.UNREADABLE_MANIFEST, safe_line(str(error))
        for digest, size_bytes in _needed_sizes(manifest).items():
            there = self._store.blob_size(digest)
            if there is None:
                return FaultKind.MISSING_BLOB, f"the blob {digest[:19]} is missing"
            if there != size_bytes:
                reason = f"the blob {digest[:19]} has {there:,} bytes instead of {size_bytes:,}"
                return FaultKind.DAMAGED_BLOB, reason
        return FaultKind.MISSING_BLOB, ""

    def _check_trash(self) -> None:
        for entry in self._trash.entries():
            _, reason = self._wrong_with(entry.path)
            if reason and not entry.reason:
                self._found(
                    FaultKind.LOST_TRASH,
                    f"'{entry.name}' in the trash: {reason}",
                    entry.path,
                    partial(self._explain, entry, reason),
                )

    # Leftovers

    def _check_rest(self) -> None:
        for folder in (self._store.blobs, self._store.own / "unfinished"):
            for path in list(stale_parts(folder)):
                self._found(
                    FaultKind.LEFTOVER,
                    f"{path.name} was left by a crash",
                    path,
                    partial(_sweep, folder),
                )
        for path in _strays(self._store.blobs):
            self._found(
                FaultKind.STRAY_FILE,
                f"{safe_line(path.name)} among the blobs is none",
                path,
                partial(self._set_aside, path),
            )
        for digest in self._links.read():
            if self._store.blob_size(digest) is None:
                self._found(
                    FaultKind.STALE_LINK,
                    f"{digest[:19]} is recorded as a link and is not there",
                    self._store.blob_path(digest),
                    partial(self._forget, digest),
                )
        self._check_unneeded()

    def _check_unneeded(self) -> None:
        needed = needed_digests(self._store)
        if needed is None:  # then nobody can tell
            return
        limit = time.time() - YOUNG_S
        for path in _blob_paths(self._store):
            digest = canonical_digest(path.name)
            if digest not in needed and path.stat().st_ctime < limit:
                self._found(
                    FaultKind.UNNEEDED_BLOB,
                    f"no model names {digest[:19]} ({path.stat().st_size:,} bytes)",
                    path,
                    partial(self._prune, digest),
                )

    def _found(self, kind: FaultKind, what: str, path: Path, mending: Callable[[], str]) -> None:
        fault = Fault(kind=kind, what=what, path=path)
        if self._mend:
            fault = replace(fault, mended=mending())
        self._faults.append(fault)


def _blob_paths(store: Store) -> Iterator[Path]:
    if store.blobs.is_dir():
        for path in store.blobs.iterdir():
            with suppress(ValueError):
                canonical_digest(path.name)
                yield path


def _strays(blobs: Path) -> list[Path]:
    """Return what lies among the blobs and is neither a blob nor on its way to become one."""

    def belongs(name: str) -> bool:
        with suppress(ValueError):
            return bool(canonical_digest(name))
        return name.startswith(".corral-") or _DOWNLOAD.fullmatch(name) is not None

    return [path for path in blobs.iterdir() if not belongs(path.name)] if blobs.is_dir() else []


def _sweep(folder: Path) -> str:
    sweep_parts(folder)
    return "removed"


def _needed_sizes(manifest: Manifest) -> dict[str, int]:
    """Return the blobs that a model cannot do without, with their sizes."""
    layers = [layer for layer in manifest.layers if layer.media_type != LayerType.EMBED]
    return {layer.digest: layer.size_bytes for layer in (manifest.config, *layers)}


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _report(ticket: Ticket, before: int, total: int, progress: Progress) -> None:
    done = before + progress.done
    ticket.report(Progress(phase="Comparing the digests", done=done, total=total))
