"""The digest of a file, taken from its start on while its end still arrives."""

import hashlib
import os
import threading

from corral.hub.parts import Parts
from corral.units import MIB

_WAIT_S = 0.2


class PrefixHash:
    """Reads a growing file in a thread of its own.

    Args:
        descriptor: The file, open for reading.
        parts: Which of it is there.
    """

    def __init__(self, descriptor: int, parts: Parts) -> None:
        self._descriptor = descriptor
        self._parts = parts
        self._sha256 = hashlib.sha256()
        self._done = 0
        self._error: OSError | None = None
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="digest of a download")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, whether all was read or not."""
        self._is_stopped.set()
        self._thread.join()

    @property
    def done_bytes(self) -> int:
        """How much was read."""
        return self._done

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; answer whether it has come.

        Raises:
            OSError: If the file could not be read.
        """
        self._thread.join(timeout_s)
        if self._error:
            raise self._error
        return not self._thread.is_alive()

    def hexdigest(self) -> str:
        """Return the digest of what was read."""
        return self._sha256.hexdigest()

    def _run(self) -> None:
        try:
            with memoryview(bytearray(MIB)) as buffer:
                while self._done < self._parts.size_bytes and not self._is_stopped.is_set():
                    prefix = self._parts.wait_for_prefix(self._done, _WAIT_S)
                    self._read(prefix, buffer)
        except OSError as error:
            self._error = error

    def _read(self, prefix: int, buffer: memoryview) -> None:
        while self._done < prefix and not self._is_stopped.is_set():
            window = buffer[: min(len(buffer), prefix - self._done)]
            count = os.preadv(self._descriptor, [window], self._done)
            if not count:
                raise OSError("the file was cut while it was read")
            self._sha256.update(window[:count])
            self._done += count
