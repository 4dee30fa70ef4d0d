"""Removing blobs that no model needs, and what a crash left behind."""

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from corral.errors import ExternalError
from corral.library.disk import sweep_parts
from corral.library.linking import Links
from corral.library.manifest import canonical_digest, parse_manifest
from corral.library.store import Store

logger = logging.getLogger(__name__)

# A younger blob may belong to a model that Ollama is just making in the same folder.
YOUNG_S = 3600.0
# What has arrived of a download that nobody went on with for so long is given up.
DOWNLOAD_KEPT_S = 30 * 86400.0
# Whoever got a file by a drag may read it long after that.
OUTGOING_KEPT_S = 24 * 3600.0


def prune(store: Store, links: Links, digests: Iterable[str]) -> int:
    """Remove those of the blobs that no manifest and no trash entry names.

    Nothing is removed when any manifest cannot be read, since it may name them. The caller holds
    the store's lock.

    Returns:
        How many bytes were freed.
    """
    needed = needed_digests(store)
    if needed is None:
        return 0
    unneeded = set(digests) - needed
    freed = sum(store.blob_size(digest) or 0 for digest in unneeded)
    for digest in unneeded:
        store.blob_path(digest).unlink(missing_ok=True)
    links.forget(unneeded)
    return freed


def sweep(store: Store, links: Links) -> None:
    """Remove what crashes left: unfinished files, and blobs that never got a manifest."""
    if not store.blobs.is_dir() or not os.access(store.root, os.W_OK):
        return
    with store.exclusive():
        store.modernize()
        removed = sweep_parts(store.blobs) + sweep_parts(store.own / "unfinished")
        removed += sweep_downloads(store.blobs, time.time() - DOWNLOAD_KEPT_S)
        if removed:
            logger.info("removed %d unfinished files", removed)
        links.forget({digest for digest in links.read() if store.blob_size(digest) is None})
        clear_outgoing(store.own / "outgoing", time.time() - OUTGOING_KEPT_S)
        limit = time.time() - YOUNG_S
        prune(store, links, [digest for digest in _blobs(store) if _age(store, digest) < limit])


def sweep_downloads(blobs: Path, before: float) -> int:
    """Remove unfinished downloads that nothing was written to since a moment and nobody holds.

    Returns:
        How many were removed.
    """
    removed = 0
    for path in blobs.glob("sha256-*-partial"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_mtime < before:
                path.unlink()
                path.with_name(f"{path.name}.json").unlink(missing_ok=True)
                removed += 1
    return removed


def clear_outgoing(folder: Path, before: float) -> None:
    """Take away what was handed out before a moment, in seconds since the epoch."""
    with suppress(FileNotFoundError):
        for place in folder.iterdir():
            if place.lstat().st_mtime < before:
                shutil.rmtree(place, ignore_errors=True)


def needed_digests(store: Store) -> set[str] | None:
    """Return the digests of all blobs in use, None when that cannot be known."""
    # In the trash every removal has a folder, in which a text may lie beside the manifest.
    folders = (store.manifests, *(store.own / "trash").glob("*/*/"))
    if any(path.name.startswith("manifests-") for path in store.root.iterdir()):
        return None  # a newer Ollama keeps names there that are unknown here
    needed: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*") if not path.is_dir()):
        try:
            needed |= _digests_of(path)
        except (OSError, ExternalError) as error:
            logger.warning("nothing is pruned: %s: %s", path, error)
            return None
    return needed


def _digests_of(manifest: Path) -> frozenset[str]:
    if manifest.is_symlink():  # a newer Ollama keeps the manifest itself among the blobs
        target = canonical_digest(manifest.resolve().name)
        return parse_manifest(manifest.read_bytes()).digests | {target}
    return parse_manifest(manifest.read_bytes()).digests


def _blobs(store: Store) -> list[str]:
    found = []
    for path in store.blobs.iterdir():
        with suppress(ValueError):
            found.append(canonical_digest(path.name))
    return found


def _age(store: Store, digest: str) -> float:
    # Not the time of the last writing: that of a linked blob is its source's.
    with suppress(OSError):
        return store.blob_path(digest).stat().st_ctime
    return time.time()
