"""What the hub needs of the store: what is missing, where it arrives, how it gets its name.

Nothing that a registry says becomes a path: blobs are named by their digests, manifests by the name
that the user gave.
"""

from collections.abc import Callable
from pathlib import Path

from corral.errors import ExternalError
from corral.library.disk import move_durably
from corral.library.linking import Links
from corral.library.manifest import Layer, Manifest, parse_manifest
from corral.library.moving import stored_name
from corral.library.names import Name
from corral.library.sources import missing_base
from corral.library.store import Store
from corral.library.sweeping import prune
from corral.modelfile.document import Document


class Exchange:
    """The store, for models that come and go.

    Args:
        store: The store.
        links: Its record of linked blobs.
        announce: Called after a model has come.

    Thread: any.
    """

    def __init__(self, store: Store, links: Links, announce: Callable[[], None]) -> None:
        self._store = store
        self._links = links
        self._announce = announce

    @property
    def blobs(self) -> Path:
        """The folder of blobs and their partials."""
        return self._store.blobs

    def partial_path(self, digest: str) -> Path:
        """Return where a blob arrives: Ollama's name for it, which no sweep takes for a blob.

        Raises:
            ValueError: If it is no digest.
        """
        blob = self._store.blob_path(digest)
        return blob.with_name(f"{blob.name}-partial")

    def blob_path(self, digest: str) -> Path:
        """Return where a blob lies.

        Raises:
            ValueError: If it is no digest.
        """
        return self._store.blob_path(digest)

    def has_blob(self, layer: Layer) -> bool:
        """Tell whether a blob is there, in its size and, if it is linked, untouched."""
        is_there = self._store.blob_size(layer.digest) == layer.size_bytes
        return is_there and self._links.is_intact(layer.digest)

    def missing(self, manifest: Manifest) -> list[Layer]:
        """Return the blobs that are not there, each once, in the manifest's order."""
        layers = {layer.digest: layer for layer in (*manifest.layers, manifest.config)}
        return [layer for layer in layers.values() if not self.has_blob(layer)]

    def missing_base(self, document: Document, base_dir: Path | None) -> str | None:
        """Return the model that a Modelfile builds on and that is not there, None if it is."""
        return missing_base(self._store, document, base_dir)

    def need_space(self, size_bytes: int, what: str) -> None:
        """Make sure that so much fits.

        Raises:
            ExternalError: If it does not, with both numbers.
        """
        self._store.need_space(size_bytes, what)

    def put(self, name: Name, data: bytes) -> list[Layer]:
        """Give the partials that are whole their place, and the model its name.

        Blobs and manifest come under one hold of the lock, the manifest last. One that it replaces
        is gone, with the blobs that nothing else needs, as with Ollama.

        Args:
            name: The model's.
            data: Its manifest as it came: its digest is the model's identity.

        Returns:
            The blobs that are neither there nor arrived, in which case nothing was named: they
            were removed meanwhile, and are to be fetched again.

        Raises:
            ExternalError: If the manifest is none or the disk fails.
        """
        manifest = parse_manifest(data)
        with self._store.exclusive():
            missing = [layer for layer in self.missing(manifest) if not self._place(layer)]
            if missing:
                return missing
            target = self._store.find(name) or name
            replaced = self._digests(target)
            self._store.write_file(self._store.manifest_path(target), data)
            prune(self._store, self._links, replaced - manifest.digests)
        self._announce()
        return []

    def read(self, name: str) -> tuple[Name, bytes]:
        """Return the stored name and the manifest of a model.

        Raises:
            UserError: If there is no such model.
            ExternalError: If it cannot be read, or a blob of it is missing.
        """
        stored = stored_name(self._store, name)
        manifest = self._store.read_manifest(stored).manifest
        if missing := self.missing(manifest):
            raise ExternalError(
                f"The model '{stored.short}' is damaged: the blob {missing[0].digest[:19]} is "
                "missing or not what it was.",
                hint="Pull or create the model again.",
            )
        return stored, self._store.manifest_path(stored).read_bytes()

    def _place(self, layer: Layer) -> bool:
        partial = self.partial_path(layer.digest)
        if not partial.is_file() or partial.stat().st_size != layer.size_bytes:
            return False
        partial.chmod(0o644)
        move_durably(partial, self._store.blob_path(layer.digest))
        self._links.forget({layer.digest})
        return True

    def _digests(self, name: Name) -> set[str]:
        try:
            return set(self._store.read_manifest(name).manifest.digests)
        except ExternalError:  # there is none, or a damaged one
            return set()
