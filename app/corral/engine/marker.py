"""The marker file: it names the model file that llama.cpp is busy with, while it is.

If the process dies, the file stays behind and the next start knows what to be careful with.
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

LOADING = "loading"
DECODING = "decoding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """What llama.cpp was busy with when its process died.

    Attributes:
        path: The model file.
        doing: "loading" or "decoding".
    """

    path: Path
    doing: str


class Marker:
    """Writes the marker file while work goes on, and removes it when nothing does.

    Thread: any.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._busy: dict[object, Suspect] = {}

    @contextmanager
    def busy(self, path: Path, doing: str) -> Iterator[None]:
        """Keep the marker while the work inside goes on.

        A thread that is parked inside never leaves; its marker stays until `clear`.
        """
        token = object()  # two pieces of work may name the same file
        with self._lock:
            self._busy[token] = Suspect(path=path, doing=doing)
            self._write()
        try:
            yield
        finally:
            with self._lock:
                self._busy.pop(token, None)
                self._write()

    def clear(self) -> None:
        """Remove the marker: what went wrong was told, or the program ends in good order."""
        with self._lock:
            self._busy.clear()
            self._write()

    def _write(self) -> None:
        try:
            if self._busy:
                self._replace(next(reversed(self._busy.values())))
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:  # a full disk must not keep anybody from their model
            logger.warning("cannot write the marker %s: %s", self._file, error)

    def _replace(self, suspect: Suspect) -> None:
        import psutil  # lazy: not needed before the first window

        me = psutil.Process()
        text = json.dumps(
            {
                "path": str(suspect.path),
                "doing": suspect.doing,
                "pid": me.pid,
                "started": me.create_time(),
            }
        )
        draft = self._file.with_suffix(f".{me.pid}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)


def read_suspect(file: Path) -> Suspect | None:
    """Return what a process that died was busy with; None when there is no such marker.

    The marker of a process that lives is no sign of anything.
    """
    try:
        marker = json.loads(file.read_text(encoding="utf-8"))
        suspect = Suspect(path=Path(marker["path"]), doing=str(marker["doing"]))
        is_alive = _is_alive(int(marker["pid"]), float(marker["started"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("the marker %s cannot be read: %s", file, error)
        return None
    return None if is_alive else suspect


def _is_alive(pid: int, started: float) -> bool:
    import psutil  # lazy: not needed before the first window

    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
