"""All loaded models of one process."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from corral.engine.limits import Limits
from corral.engine.marker import LOADING, Marker
from corral.engine.recovery import ParkedError, Recovery

if TYPE_CHECKING:  # what runs a model is loaded with the first one
    from corral.engine.info import LoadedInfo
    from corral.engine.kv_store import KvStore
    from corral.engine.protocol import AnyRunner
    from corral.engine.runner import Runner
    from corral.engine.session import Session
    from corral.engine.thread import EngineThread
    from corral.llama.library import LlamaLibrary
    from corral.llama.model import OnPercent
    from corral.plan.options import LoadOptions

logger = logging.getLogger(__name__)

# Where llama.cpp talks to workers: what fails there is the worker's end.
_RPC_SOURCE = "ggml-rpc"


class Engine:
    """Loads models and owns their runners.

    Attributes:
        parked: What failed, when a thread was parked and `recover` has not been called.
        lost_workers: RPC workers that died under a model; llama.cpp keeps their dead connections,
            so that only another process can reach them again.

    Thread: the event loop's.
    """

    def __init__(
        self,
        marker_file: Path,
        open_library: Callable[[], LlamaLibrary] | None = None,
        limits: Limits | None = None,
        kv_store: KvStore | None = None,
    ) -> None:
        """Begin without a model.

        Args:
            marker_file: Names the file that llama.cpp is busy with.
            open_library: Brings llama.cpp into the process.
            limits: How much at once.
            kv_store: Keeps caches of chats on disk; None keeps nothing.
        """
        self.parked: ParkedError | None = None
        self.lost_workers: frozenset[str] = frozenset()
        self._open_library = open_library
        self._limits = limits or Limits()
        self._kv_store = kv_store
        self._library: LlamaLibrary | None = None
        self._marker = Marker(marker_file)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loading = asyncio.Lock()  # one load at a time
        self._stack_lock = threading.Lock()
        self._threads: list[EngineThread] = []
        self._runners: list[Runner] = []
        self._listeners: list[Callable[[], None]] = []

    @property
    def loaded(self) -> tuple[Runner, ...]:
        """Runners of the loaded models, oldest first."""
        return tuple(self._runners)

    @property
    def has_lost_threads(self) -> bool:
        """Whether a thread is parked inside llama.cpp; then only `os._exit` ends the process."""
        return any(thread.parked and thread.is_alive for thread in self._threads)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every load, unload, park and recovery; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def load(
        self,
        path: Path,
        options: LoadOptions,
        on_progress: Callable[[int], None] | None = None,
        projector: Path | None = None,
    ) -> Runner:
        """Return a runner for a file, loading it if need be.

        A file that is loaded with this placement is not loaded again: where only the context's
        options differ it gets a new context. Cancelling the calling task cancels the load.

        Args:
            path: The file.
            options: Placement and context.
            on_progress: Told of every percent, on the event loop.
            projector: What the model sees or hears with. One that cannot be loaded does not stop
                the model: pictures are refused then, with the reason.

        Raises:
            UserError: If the options are absurd, or name a device that is not there.
            ExternalError: If llama.cpp refuses the file, or there is no memory for it.
        """
        from corral.plan.option_specs import check_options  # lazy: comes with the first model

        check_options(options)
        self._loop = asyncio.get_running_loop()
        async with self._loading:
            runner = self._find(path)
            is_same = runner and runner.info.projector == projector
            if runner and is_same and _is_same_placement(runner.info.requested, options):
                if runner.info.requested != options:
                    await runner.set_context(options.context)
                    self._announce()
                return runner
            if runner:
                await self.unload(runner)
            runner = await self._load(path, options, on_progress, projector)
            self._runners.append(runner)
        self._announce()
        return runner

    async def unload(self, runner: AnyRunner) -> None:
        """Stop what a runner does and free its memory."""
        if own := next((each for each in self._runners if each is runner), None):
            self._runners.remove(own)
            await own.close()
            if not any(other.parked for other in self._runners):
                self.parked = None
            self._announce()

    async def recover(self, how: Recovery = Recovery.CONTEXT) -> None:
        """Make what was parked answer again, on new threads.

        What the parked threads hold is lost until the program ends.

        Raises:
            WorkerError: If the model lies on an RPC worker that was lost; `parked` stays.
            ExternalError: If it fails otherwise; `parked` stays.
        """
        from corral.hardware.workers import refuse_lost  # lazy: seldom needed

        for runner in self._runners:
            if runner.parked:
                refuse_lost(runner.info.requested.workers, self.lost_workers)
                await runner.recover(
                    self._start_thread(runner.info.path), is_reload=how is Recovery.RELOAD
                )
        self.parked = None
        self._marker.clear()
        self._announce()

    async def close(self) -> None:
        """Unload everything. After a park leave the process by `os._exit`: its end may hang."""
        for runner in self.loaded:
            await self.unload(runner)
        self._marker.clear()

    def _find(self, path: Path) -> Runner | None:
        return next((runner for runner in self._runners if runner.info.path == path), None)

    async def _load(
        self,
        path: Path,
        options: LoadOptions,
        on_progress: Callable[[int], None] | None,
        projector: Path | None,
    ) -> Runner:
        thread = self._start_thread(path)
        is_cancelled = threading.Event()

        def on_percent(percent: int) -> bool:
            if on_progress and self._loop:
                self._loop.call_soon_threadsafe(on_progress, percent)
            return not is_cancelled.is_set()

        from corral.engine.runner import Runner  # lazy: the window is usable first

        work = thread.submit(lambda: self._open(path, options, on_percent, projector))
        loading = asyncio.wrap_future(work)
        loading.add_done_callback(_mark_seen)
        try:
            session, info = await asyncio.shield(loading)
        except BaseException:  # also when the caller is cancelled
            is_cancelled.set()
            thread.submit(lambda: _discard(work))
            await asyncio.to_thread(thread.stop)
            raise
        return Runner(
            thread=thread,
            session=session,
            info=info,
            marker=self._marker,
            max_queue=self._limits.max_queue,
        )

    def _open(
        self, path: Path, options: LoadOptions, on_percent: OnPercent, projector: Path | None
    ) -> tuple[Session, LoadedInfo]:
        """Load a file; runs in the engine thread, where llama.cpp's objects will live."""
        # lazy: these come with the first model
        from corral.engine.info import read_info
        from corral.engine.session import open_session
        from corral.llama.library import load_library

        began = perf_counter()
        if self._library is None:
            self._library = (self._open_library or load_library)()
            self._library.install_nets(self._aborted)
        with self._marker.busy(path, LOADING):
            session = open_session(
                self._library, path, options, on_percent, self._kv_store, projector
            )
            return session, read_info(session, options, perf_counter() - began)

    def _start_thread(self, path: Path) -> EngineThread:
        from corral.engine.thread import EngineThread  # lazy: comes with the first model

        self._threads = [thread for thread in self._threads if thread.is_alive]
        thread = EngineThread(f"engine {path.name}", self._stack_lock)
        self._threads.append(thread)
        return thread

    def _aborted(self, message: str) -> None:
        """Give up the thread that failed; called from it, or from one of OpenMP's below it."""
        logger.error("llama.cpp failed: %s", message)
        me = threading.get_ident()
        working = [thread for thread in self._threads if thread.is_busy and not thread.parked]
        own = [thread for thread in working if thread.ident == me]
        # One of OpenMP's threads does not say whose it is: then all that compute are given up.
        self.parked = error = ParkedError(
            self._failure(message),
            detail=message,
            hint="Go on with a new context, load the model anew, or restart Corral.",
        )
        for thread in own or working:
            thread.park(error)
        if self._loop:
            self._loop.call_soon_threadsafe(self._announce)

    def _failure(self, message: str) -> str:
        from corral.llama.refusals import is_out_of_memory  # lazy: comes with the first failure

        if is_out_of_memory(message):
            return "There was no memory left, and llama.cpp was stopped."
        words = _without_folders(message)
        if _RPC_SOURCE not in message:
            return f"llama.cpp failed and was stopped ({words})."
        used = [worker for runner in self._runners for worker in runner.info.requested.workers]
        self.lost_workers |= set(used)
        worker = f"The RPC worker {', '.join(used)}" if used else "An RPC worker"
        return f"{worker} ended or the line to it was cut, so llama.cpp was stopped ({words})."

    def _announce(self) -> None:
        for listener in list(self._listeners):
            listener()


def _is_same_placement(left: LoadOptions, right: LoadOptions) -> bool:
    return replace(left, context=right.context) == right


def _without_folders(message: str) -> str:
    """Return what failed without the folders of the machine that built llama.cpp."""
    return re.sub(r"\S*/(?=\S+:\d+:)", "", message.partition("\n")[0])


def _mark_seen(loading: asyncio.Future[tuple[Session, LoadedInfo]]) -> None:
    """Count the outcome of a load as told, also when the caller was cancelled and hears nothing."""
    if not loading.cancelled():
        loading.exception()


def _discard(work: Future[tuple[Session, LoadedInfo]]) -> None:
    """Free what a cancelled load has loaded after all; runs in the engine thread."""
    if not work.cancelled() and not work.exception():
        session, _ = work.result()
        session.close()
        session.model.close()
