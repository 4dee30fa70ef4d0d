"""SHA-256 of files: told by their names, or taken once and remembered."""

import json
import logging
import os
import re
import threading
from pathlib import Path

from corral.errors import ExternalError
from corral.jobs import Progress, Ticket
from corral.library.content import hash_file
from corral.library.elsewhere.walking import FoundFile, look_at
from corral.settings import write_atomically

logger = logging.getLogger(__name__)
_SCHEMA = 1
# Blobs of Ollama's stores, and of the Hugging Face cache where links lead to them.
_NAMED = re.compile(r"(?:sha256-)?(?P<digest>[0-9a-f]{64})")


class Digests:
    """The digests of files, by what stays the same as long as nobody writes into one.

    Args:
        file: Where they are kept; it can be lost.

    Thread: any.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, str] | None = None

    def known(self, file: FoundFile) -> str | None:
        """Return the 64 hex digits of a file, None when only reading it would tell."""
        if named := _NAMED.fullmatch(_blob_name(file)):
            return named["digest"]
        with self._lock:
            return self._read().get(_key(file))

    def take(self, file: FoundFile, ticket: Ticket) -> str | None:
        """Read a file and remember its digest.

        Returns:
            It; None when the file cannot be read or changed meanwhile.

        Raises:
            Cancelled: If the ticket was cancelled.
        """
        try:
            with file.path.open("rb", buffering=0) as opened:
                digest = hash_file(opened, file.size_bytes, ticket).removeprefix("sha256:")
        except OSError as error:
            logger.info("%s cannot be read: %s", file.path, error)
            return None
        now = look_at(file.path)
        if now is None or now.identity != file.identity:
            return None
        with self._lock:
            self._read()[_key(file)] = digest
            self._keep()
        ticket.report(Progress(phase="Reading", done=file.size_bytes, total=file.size_bytes))
        return digest

    def _read(self) -> dict[str, str]:
        if self._known is None:
            self._known = _load(self._file)
        return self._known

    def _keep(self) -> None:
        record = {"schema": _SCHEMA, "digests": self._known}
        try:
            write_atomically(self._file, json.dumps(record, separators=(",", ":")))
        except ExternalError as error:  # then it is read again at the next start
            logger.warning("A digest could not be kept: %s", error)


def _load(file: Path) -> dict[str, str]:
    try:
        record = json.loads(file.read_bytes())
        if record["schema"] != _SCHEMA:
            return {}
        return {
            key: digest
            for key, digest in record["digests"].items()
            if isinstance(digest, str) and _NAMED.fullmatch(digest)
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _blob_name(file: FoundFile) -> str:
    if not file.is_link:
        return file.path.name
    try:
        return Path(os.readlink(file.path)).name  # noqa: PTH115 (one step, not to the end)
    except OSError:
        return ""


def _key(file: FoundFile) -> str:
    return "-".join(format(number, "x") for number in file.identity)
