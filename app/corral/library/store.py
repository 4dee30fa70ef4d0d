"""The folder that holds the models: manifests by name, blobs by digest, Ollama's layout.

What is Corral's own lies in ``.corral`` beside them, where Ollama does not look.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corral.errors import ExternalError
from corral.library import disk
from corral.library.manifest import Layer, Manifest, canonical_digest, parse_manifest
from corral.library.names import Name, name_from_path
from corral.units import file_size


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """A manifest as it lies in the store.

    Attributes:
        name: Its name.
        manifest: Its content.
        digest: 64 hex digits of the file's SHA-256, which is the model's identity.
        modified_at: Seconds since the epoch.
    """

    name: Name
    manifest: Manifest
    digest: str
    modified_at: float


class Store:
    """One models folder.

    Nothing is written before something is stored: an absent folder is an empty store.

    Args:
        root: The folder.
        free_bytes: Tells the free space of a folder's drive.

    Thread: any; writers hold `exclusive`.
    """

    def __init__(self, root: Path, *, free_bytes: Callable[[Path], int] = disk.free_bytes) -> None:
        self.root = root
        self.manifests = root / "manifests"
        self.blobs = root / "blobs"
        self.own = root / ".corral"
        self._free_bytes = free_bytes
        self._old_names = _old_names(self.blobs)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the store's lock: for every change, and only as long as renames take.

        Not re-entrant. Blobs and the manifest that names them are put in place under one hold, so
        that whoever prunes never sees the one without the other.

        Raises:
            ExternalError: When the disk fails within.
        """
        with disk.disk_errors(f"write to the model store {self.root}"):
            self.blobs.mkdir(parents=True, exist_ok=True)
            with disk.locked(self.own / "lock"):
                yield

    def need_space(self, size_bytes: int, what: str) -> None:
        """Make sure that `size_bytes` fit before the first of them is written.

        Raises:
            ExternalError: If they do not, with both numbers.
        """
        self.blobs.mkdir(parents=True, exist_ok=True)
        free = self._free_bytes(self.blobs)
        if size_bytes > free:
            raise ExternalError(
                f"Not enough free space for {what}: {file_size(size_bytes)} needed, "
                f"{file_size(free)} free.",
                detail=f"{size_bytes:,} bytes needed, {free:,} bytes free in {self.blobs}",
                hint="Remove models that you do not need, or set CORRAL_MODELS to another drive.",
            )

    # Names and manifests

    def list_names(self) -> list[Name]:
        """Return the names of all models, in no order; files of other names are passed over."""
        paths = self.manifests.glob("*/*/*/*")
        names = (name_from_path(path.relative_to(self.manifests)) for path in paths)
        return [name for name in names if name and self.manifest_path(name).is_file()]

    def find(self, name: Name) -> Name | None:
        """Return the name under which a model is stored, whatever its case, None if it is not."""
        if self.manifest_path(name).is_file():
            return name
        return next((each for each in self.list_names() if each.key == name.key), None)

    def manifest_path(self, name: Name) -> Path:
        """Return where a model's manifest lies."""
        return self.manifests / name.path

    def read_manifest(self, name: Name) -> ManifestFile:
        """Read the manifest of a stored name.

        Raises:
            ExternalError: If it cannot be read or is none.
        """
        path = self.manifest_path(name)
        with disk.disk_errors(f"read the manifest of {name.short}"), path.open("rb") as file:
            data = file.read()
            modified_at = os.fstat(file.fileno()).st_mtime
        return ManifestFile(
            name=name,
            manifest=parse_manifest(data),
            digest=hashlib.sha256(data).hexdigest(),
            modified_at=modified_at,
        )

    def write_manifest(self, name: Name, manifest: Manifest) -> None:
        """Store a manifest whose blobs are in place; the caller holds `exclusive`.

        Raises:
            ExternalError: If the drive is full, with both numbers, or fails.
        """
        content = manifest.to_bytes()
        self.need_space(len(content), f"the manifest of {name.short}")
        self.write_file(self.manifest_path(name), content)

    # Blobs

    def blob_path(self, digest: str) -> Path:
        """Return where the blob of a digest lies.

        Raises:
            ValueError: If it is not a digest.
        """
        canonical = canonical_digest(digest)
        if canonical in self._old_names:
            return self.blobs / canonical
        return self.blobs / canonical.replace(":", "-")

    def modernize(self) -> int:
        """Give blobs that an old Ollama named "sha256:…" their new names.

        The caller holds `exclusive`.

        Returns:
            How many were renamed.
        """
        old, self._old_names = self._old_names, frozenset()
        for digest in old:
            (self.blobs / digest).replace(self.blob_path(digest))
        return len(old)

    def blob_size(self, digest: str) -> int | None:
        """Return the size of a blob, None if it is not there."""
        try:
            status = self.blob_path(digest).stat()
        except OSError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def read_blob(self, digest: str) -> bytes:
        """Read a small blob.

        Raises:
            ExternalError: If it cannot be read.
        """
        with disk.disk_errors(f"read the blob {digest[:19]}"):
            return self.blob_path(digest).read_bytes()

    def write_blob(self, data: bytes, media_type: str) -> Layer:
        """Store a small blob unless it is there; the caller holds `exclusive`."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if self.blob_size(digest) != len(data):
            disk.write_durably(self.blob_path(digest), data, by_way_of=self.blobs)
        return Layer(media_type=media_type, digest=digest, size_bytes=len(data))

    # Corral's own files

    def write_file(self, path: Path, data: bytes) -> None:
        """Write a small file of the store as a whole; the caller holds `exclusive`."""
        disk.write_durably(path, data, by_way_of=self.own / "unfinished")


def _old_names(blobs: Path) -> frozenset[str]:
    """Return the names of blobs as Ollama wrote them until 2024, with a colon."""
    try:
        names = os.listdir(blobs)  # noqa: PTH208 (thousands of names, and no path is needed)
    except OSError:
        return frozenset()
    return frozenset(name for name in names if name.startswith("sha256:"))
