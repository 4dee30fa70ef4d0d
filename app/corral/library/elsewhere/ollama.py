"""Ollama's stores, read by the same reader as Corral's own."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from corral.errors import CorralError, ExternalError
from corral.foreign import safe_line
from corral.gguf.cache import HeaderCache
from corral.library.elsewhere.names import UNFINISHED_TAG
from corral.library.model import Home, StoredModel
from corral.library.names import Name, parse_name
from corral.library.reading import Reader
from corral.library.store import Store
from corral.units import file_size

_PARTIAL = re.compile(r"sha256-(?P<digest>[0-9a-f]{64})-partial")
_MOST_JOURNAL_BYTES = 1 << 16
# Templates, licences and parameters have some kilobytes.
_MOST_TEXT_BYTES = 1 << 24


class OllamaStore:
    """One store of Ollama's.

    Args:
        home: Where it is.
        headers: Where the headers of GGUF files are read from.
    """

    def __init__(self, home: Home, headers: HeaderCache) -> None:
        self._home = home
        self._store = ForeignStore(home.folder)
        self._reader = Reader(self._store, headers)

    def models(self) -> Iterator[tuple[Name, StoredModel]]:
        """Yield its models by name, and pulls that were not finished.

        Raises:
            OSError: If the folder cannot be read.
        """
        for model in sorted(self._reader.read_all(), key=lambda model: model.name):
            try:
                yield parse_name(model.name), replace(model, home=self._home)
            except CorralError:
                continue  # no program can ask for it
        for path in sorted(self._store.blobs.glob("sha256-*-partial")):
            if found := _PARTIAL.fullmatch(path.name):
                yield self._unfinished(path, found["digest"])

    def _unfinished(self, path: Path, digest: str) -> tuple[Name, StoredModel]:
        status = path.stat()
        done = _done_bytes(path)
        name = Name(model=f"pull-{digest[:12]}", tag=UNFINISHED_TAG)
        return name, StoredModel(
            name=name.short,
            digest=digest,
            size_bytes=status.st_size,
            modified_at=status.st_mtime,
            weights=path,
            home=self._home,
            problem=f"Its download is not complete: {file_size(done)} of "
            f"{file_size(status.st_size)} are there.",
        )


class ForeignStore(Store):
    """A store that is only read, and not trusted to lead to files of the user's."""

    def exclusive(self) -> NoReturn:
        """Refuse: nothing of others is ever written.

        Raises:
            ExternalError: Always.
        """
        raise ExternalError(f"{safe_line(str(self.root), 1000)} belongs to Ollama.")

    def read_blob(self, digest: str) -> bytes:
        """Read a small blob; one that is large or leads out of the store is refused.

        Weights may lie elsewhere: they are read as GGUF files or not at all.

        Raises:
            ExternalError: If it cannot be read.
        """
        path = self.blob_path(digest)
        size_bytes = self.blob_size(digest) or 0
        if size_bytes > _MOST_TEXT_BYTES:
            raise ExternalError(
                f"The blob {digest[:19]} has {file_size(size_bytes)}; texts have at most "
                f"{file_size(_MOST_TEXT_BYTES)}."
            )
        if path.is_symlink() and path.resolve().parent != self.blobs.resolve():
            raise ExternalError(f"The blob {digest[:19]} is a link that leads out of the store.")
        return super().read_blob(digest)


def _done_bytes(partial: Path) -> int:
    """Return how much of a blob was pulled, by the journals that lie beside it."""
    done = 0
    for journal in partial.parent.glob(f"{partial.name}-*"):
        try:
            if journal.is_file() and journal.stat().st_size <= _MOST_JOURNAL_BYTES:
                done += int(json.loads(journal.read_bytes())["Completed"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            continue
    return done
