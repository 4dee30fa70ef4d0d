"""A loaded model that answers."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TypeVar

from corral.engine.embedding import grouped
from corral.engine.info import LoadedInfo, read_info
from corral.engine.mailbox import Mailbox
from corral.engine.marker import DECODING, Marker
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.scheduler import Scheduler, mistake
from corral.engine.session import ContextLostError, Session
from corral.engine.thread import EngineThread
from corral.engine.turn import Turn
from corral.errors import CorralError, ExternalError
from corral.events import Finished, FinishReason, Queued
from corral.llama.embedder import Vector
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.pooling import Pooling

T = TypeVar("T")


class Runner:
    """One loaded model with its context and the thread that owns both.

    As many generations as the context has sequences run together; more wait for their turn.

    Attributes:
        info: What is known of it; another one after `set_context`.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        thread: EngineThread,
        session: Session,
        info: LoadedInfo,
        marker: Marker,
        max_queue: int,
    ) -> None:
        """Own a session.

        Args:
            thread: The thread that made it.
            session: It.
            info: What is known of it.
            marker: Tells the next start what was being computed.
            max_queue: Most generations that wait; more are refused.
        """
        self.info = info
        self._marker = marker
        self._max_queue = max_queue
        self._work_on(thread, session)
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
        return await self.between_steps(
            lambda session: session.model.vocabulary.tokenize(
                text, add_special=add_special, parse_special=parse_special
            )
        )

    def generate(self, request: GenerationRequest, mailbox: Mailbox) -> GenerationHandle:
        """Generate into `mailbox`, together with what runs already.

        Whatever happens, the mailbox gets exactly one `Finished`.
        """
        handle = GenerationHandle()
        n_slots = self.info.requested.context.n_seq_max
        ahead = len(self._running) - n_slots + 1
        if ahead > self._max_queue:
            mailbox.put(Finished(reason=FinishReason.FAILED, error=_too_many(self._max_queue)))
            return handle
        if ahead > 0:
            mailbox.put(Queued(ahead=ahead))
        turn = Turn(request, handle, mailbox)
        self._running.add(handle)
        turn.outcome.add_done_callback(lambda done: self._ended(done, handle, mailbox))
        self._thread.entrust(turn.outcome, lambda: self._scheduler.add(turn))
        return handle

    async def embed(
        self, texts: Sequence[Sequence[int]], pooling: Pooling
    ) -> list[tuple[Vector, ...]]:
        """Return the vectors of texts: one for each, with `Pooling.NONE` one for each token.

        Generations go on between the groups in which texts are computed; cancelling the calling
        task ends it after one of them.

        Args:
            texts: Their tokens, of each at least one.
            pooling: How the vectors of tokens become one.

        Raises:
            ExternalError: If there is no memory for it, or llama.cpp fails.
        """
        vectors: list[tuple[Vector, ...]] = []
        for group in grouped(texts):
            vectors += await self.between_steps(partial(self._embed, group, pooling))
        return vectors

    async def set_context(self, options: ContextOptions) -> None:
        """Make a new context on the loaded weights, after what runs already.

        Raises:
            ExternalError: If there is no memory for it; the old context is back then, but empty.
        """
        requested = replace(self.info.requested, context=options)
        self.info = await self.on_session(lambda session: self._renew(session, requested))

    async def between_steps(self, work: Callable[[Session], T]) -> T:
        """Do `work` with the session in the engine thread; generations go on before and after."""
        return await asyncio.wrap_future(self._thread.submit(lambda: work(self._session)))

    async def on_session(self, work: Callable[[Session], T]) -> T:
        """Do `work` with the session in the engine thread, after what was asked for before."""

        def alone() -> T:
            self._scheduler.run_dry()
            return work(self._session)

        return await asyncio.wrap_future(self._thread.submit(alone))

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
            session = await asyncio.wrap_future(thread.submit(make))
        except BaseException:
            thread.stop()
            raise
        self._work_on(thread, session)
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

    def _work_on(self, thread: EngineThread, session: Session) -> None:
        self._thread = thread
        self._session = session
        self._scheduler = Scheduler(session, lambda: self._marker.busy(self.info.path, DECODING))
        thread.background = self._scheduler.step

    def _ended(self, done: "Future[Finished]", handle: GenerationHandle, mailbox: Mailbox) -> None:
        self._running.discard(handle)
        handle.cancel()  # a thread that was given up may still compute
        error = done.exception()
        mailbox.put(_failed(error) if error else done.result())

    def _embed(
        self, texts: Sequence[Sequence[int]], pooling: Pooling, session: Session
    ) -> list[tuple[Vector, ...]]:
        with self._marker.busy(self.info.path, DECODING):
            return session.embedding.compute(texts, pooling)

    def _renew(self, session: Session, requested: LoadOptions) -> LoadedInfo:
        try:
            session.change_context(requested.context)
        except ContextLostError as error:
            self._thread.park(error)
            raise
        return read_info(session, requested, self.info.load_s)

    def _free(self, session: Session) -> None:
        self._scheduler.run_dry()  # all are cancelled: this ends them
        session.close()
        if self._frees_weights:
            session.model.close()


def _failed(error: BaseException) -> Finished:
    known = error if isinstance(error, CorralError) else mistake(error)
    return Finished(reason=FinishReason.FAILED, error=known)


def _too_many(most: int) -> ExternalError:
    return ExternalError(
        f"{most} requests wait for this model already, which is the most.",
        hint="Try again in a while, or raise OLLAMA_MAX_QUEUE.",
    )
