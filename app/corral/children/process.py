"""One running child process: its pipes, its last words, its end.

Thread: the event loop's. The loop's own thread starts the child, because Linux ends a child with
the thread that started it.
"""

import asyncio
import contextlib
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping

from corral.children.command import child_command, child_environment
from corral.children.errors import ChildDied, ChildNotStarted
from corral.children.limits import Limits
from corral.children.protocol import Json, encode, read_answer
from corral.foreign import safe_text

logger = logging.getLogger(__name__)

START_S = 30.0  # a cold disk may take its time
TAIL_BYTES = 8192
EXIT_S = 0.5


class ChildProcess:
    """A started child that answers one question at a time."""

    def __init__(self, role: str, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self._role = role
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._tail = b""
        self._is_busy = False
        self._listening = asyncio.create_task(self._keep_last_words())

    @classmethod
    async def start(cls, role: str, limits: Limits) -> "ChildProcess":
        """Start a child and wait until it is ready.

        Raises:
            ChildNotStarted: If it cannot be.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *child_command(role),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=child_environment(),
                limit=limits.output_bytes,
                start_new_session=True,  # Ctrl+C in the terminal is not for the child
            )
        except OSError as error:
            raise ChildNotStarted(role, str(error)) from error
        child = cls(role, process)
        await child._greet(limits)
        return child

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None and not self._stdout.at_eof()

    @property
    def is_busy(self) -> bool:
        """Whether it owes an answer; nobody may ask it anything else then."""
        return self._is_busy

    async def ask(self, message: Mapping[str, Json]) -> Json:
        """Send one line, return the result on the next one.

        Raises:
            CorralError: The error that the child sent instead.
            ChildDied: If it ended, or answered nonsense or too much and had to be ended.
        """
        self._is_busy = True
        try:
            self._stdin.write(encode(message))
            await self._stdin.drain()
            line = await self._stdout.readline()
        except ConnectionError:
            line = b""
        except ValueError:  # longer than the limit
            raise await self._ended("it answered more than it may") from None
        if not line.endswith(b"\n"):
            raise await self._ended()
        self._is_busy = False
        try:
            return read_answer(line)
        except ValueError as error:
            raise await self._ended(f"it answered no JSON: {error}") from error

    async def kill(self) -> None:
        """End it now; it has nothing to save."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._stdout.read()  # asyncio waits for the end of a pipe that nobody reads
        await self._process.wait()
        await self._listening

    async def _greet(self, limits: Limits) -> None:
        greeting = {
            "memory_bytes": limits.memory_bytes,
            "output_bytes": limits.output_bytes,
            "niceness": limits.niceness,
        }
        is_ready = False
        try:
            async with asyncio.timeout(START_S):
                await self.ask(greeting)
            is_ready = True
        except TimeoutError:
            raise ChildNotStarted(self._role, f"not ready within {START_S:g} s") from None
        except ChildDied as error:
            raise ChildNotStarted(self._role, "it ended at once", detail=error.detail) from error
        finally:
            if not is_ready:
                await self.kill()

    async def _ended(self, reason: str = "") -> ChildDied:
        """Make sure that it has ended; return the error that says so."""
        returncode: int | None = None
        if not reason:
            with contextlib.suppress(TimeoutError):
                returncode = await asyncio.wait_for(self._process.wait(), EXIT_S)
        await self.kill()
        words = safe_text(self._tail.decode("utf-8", "replace")).strip()
        error = ChildDied(self._role, returncode, detail="\n".join(filter(None, (reason, words))))
        logger.warning("%s\n%s", error.summary, error.detail)
        return error

    async def _keep_last_words(self) -> None:
        while chunk := await self._stderr.read(TAIL_BYTES):
            self._tail = (self._tail + chunk)[-TAIL_BYTES:]
