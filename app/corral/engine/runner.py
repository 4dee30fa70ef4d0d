"""A loaded model that answers."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from corral.engine.info import LoadedInfo, read_info
from corral.engine.mailbox import Mailbox
from corral.engine.marker import DECODING, Marker
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.session import ContextLostError, Session
from corral.engine.thread import EngineThread
from corral.engine.turn import Turn
from corral.errors import CorralError, ExternalError
from corral.events import Finished, FinishReason, Queued
from corral.plan.options import ContextOptions, LoadOptions

T = TypeVar("T")


class Runner:
    """One loaded model with its context and the thread that owns both.

    Generations run one after the other.

    Attributes:
        info: What is known of it; another one after `set_context`.

    Thread: the event loop's.
    """

    def __init__(
        self, *, thread: EngineThread, session: Session, info: LoadedInfo, marker: Marker
    ) -> None:
        self.info = info
        self._thread = thread
        self._session = session
        self._marker = marker
        self._running: set[GenerationHandle] = set()
        # A parked thread's context still lies on the weights: they are never freed then.
        self._frees_weights = True

    @property
    def parked(self) -> CorralError | None:
        """Why the runner can do nothing any more, None while it can."""
        return self._thread.parked

    @property
    def is_busy(self) -> bool:
        """Whether a generation runs or waits."""
        return bool(self._running)

    async def tokenize(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Return the tokens of a text.

        Args:
            text: Any text.
            add_special: Begin and end as the model wants it.
            parse_special: Read the text of control tokens as these tokens.
        """
        return await self.on_session(
            lambda session: session.model.vocabulary.tokenize(
                text, add_special=add_special, parse_special=parse_special
            )
        )

    def generate(self, request: GenerationRequest, mailbox: Mailbox) -> GenerationHandle:
        """Generate into `mailbox`, after what runs already.

        Whatever happens, the mailbox gets exactly one `Finished`.
        """
        handle = GenerationHandle()
        turn = Turn(request, handle, mailbox)
        if self._running:
            mailbox.put(Queued(ahead=len(self._running)))
        self._running.add(handle)
        future = self._thread.submit(lambda: self._run(turn))
        future.add_done_callback(lambda done: self._ended(done, handle, mailbox))
        return handle

    async def set_context(self, options: ContextOptions) -> None:
        """Make a new context on the loaded weights, after what runs already.

        Raises:
            ExternalError: If there is no memory for it; the old context is back then, but empty.
        """
        requested = replace(self.info.requested, context=options)
        self.info = await self.on_session(lambda session: self._renew(session, requested))

    async def on_session(self, work: Callable[[Session], T]) -> T:
        """Do `work` with the session in the engine thread, after what was asked for before."""
        return await asyncio.wrap_future(self._thread.submit(lambda: work(self._session)))

    async def recover(self, thread: EngineThread, *, is_reload: bool) -> None:
        """Go on with another thread after this one was parked.

        Args:
            thread: The new thread.
            is_reload: Read the weights anew too, not only make a new context on them.

        Raises:
            ExternalError: If that fails; the runner stays parked.
        """
        lost = self._session
        make = lost.reloaded if is_reload else lost.renewed
        try:
            self._session = await asyncio.wrap_future(thread.submit(make))
        except BaseException:
            thread.stop()
            raise
        self._thread = thread
        self._frees_weights = is_reload

    async def close(self) -> None:
        """Stop what runs and free the memory.

        What a parked thread holds stays: nobody knows what it was doing with it.
        """
        for handle in list(self._running):
            handle.cancel()
        if not self.parked:
            freed = self._thread.submit(lambda: self._free(self._session))
            self._thread.refuse(ExternalError(f"{self.info.path.name} was unloaded."))
            await asyncio.wrap_future(freed)
            await asyncio.to_thread(self._thread.stop)

    def _run(self, turn: Turn) -> Finished:
        with self._marker.busy(self.info.path, DECODING):
            return turn.run(self._session)

    def _ended(self, done: "Future[Finished]", handle: GenerationHandle, mailbox: Mailbox) -> None:
        self._running.discard(handle)
        handle.cancel()  # a thread that was given up may still compute
        error = done.exception()
        mailbox.put(_failed(error) if error else done.result())

    def _renew(self, session: Session, requested: LoadOptions) -> LoadedInfo:
        try:
            session.change_context(requested.context)
        except ContextLostError as error:
            self._thread.park(error)
            raise
        return read_info(session, requested, self.info.load_s)

    def _free(self, session: Session) -> None:
        session.close()
        if self._frees_weights:
            session.model.close()


def _failed(error: BaseException) -> Finished:
    known = (
        error
        if isinstance(error, CorralError)
        else ExternalError(f"Corral made a mistake: {error!r}.", hint="The log has more.")
    )
    return Finished(reason=FinishReason.FAILED, error=known)
