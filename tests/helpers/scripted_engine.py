"""An engine that answers from a script: the same Protocol, no llama.cpp, no weights."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar, cast

from corral.engine.info import LoadedInfo
from corral.engine.mailbox import Mailbox
from corral.engine.recovery import ParkedError, Recovery
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.session import Session
from corral.errors import CorralError
from corral.events import Finished, FinishReason, TextKind, Usage
from corral.llama.embedder import Vector
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.pooling import Pooling
from helpers.gguf_files import CHAT_TEMPLATE

T = TypeVar("T")
N_VOCAB = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer.

    Attributes:
        pieces: Its text, told one after the other.
        pause_s: Time before each piece and before the end.
        error: What ends it; None for a good end.
    """

    pieces: tuple[str, ...] = ("Hello", " there.")
    pause_s: float = 0.0
    error: CorralError | None = None


class ScriptedRunner:
    """A model whose tokens are the bytes of texts, and whose answers are written before."""

    def __init__(self, info: LoadedInfo, replies: Iterator[Reply]) -> None:
        self.info = info
        self.parked: CorralError | None = None
        self.asked: list[str] = []
        self._replies = replies
        self._running: set[asyncio.Task[None]] = set()
        self._session = cast("Session", _scripted_session())

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    async def tokenize(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        return list(text.encode())

    def generate(self, request: GenerationRequest, mailbox: Mailbox) -> GenerationHandle:
        self.asked.append(bytes(request.tokens).decode())
        handle = GenerationHandle()
        work = self._answer(next(self._replies), len(request.tokens), handle, mailbox)
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return handle

    async def embed(
        self, texts: Sequence[Sequence[int]], pooling: Pooling
    ) -> list[tuple[Vector, ...]]:
        return [((float(len(tokens)), 1.0),) for tokens in texts]

    async def set_context(self, options: ContextOptions) -> None:
        requested = replace(self.info.requested, context=options)
        self.info = replace(self.info, requested=requested, n_ctx=options.n_ctx)

    async def between_steps(self, work: Callable[[Session], T]) -> T:
        return work(self._session)

    async def on_session(self, work: Callable[[Session], T]) -> T:
        return work(self._session)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()

    async def _answer(
        self, reply: Reply, n_prompt: int, handle: GenerationHandle, mailbox: Mailbox
    ) -> None:
        told = 0
        for piece in reply.pieces:
            await asyncio.sleep(reply.pause_s)
            if handle.abort.is_set:
                break
            mailbox.put_text(piece, TextKind.ANSWER)
            told += 1
        await asyncio.sleep(reply.pause_s)
        usage = Usage(prompt_tokens=n_prompt, generated_tokens=told)
        mailbox.put(Finished(reason=_reason(reply, handle), usage=usage, error=reply.error))


class ScriptedEngine:
    """Loads any file at once and answers by its script."""

    def __init__(self, replies: Iterable[Reply], refusals: Iterable[CorralError] = ()) -> None:
        """Begin without a model.

        Args:
            replies: The answers, in their order.
            refusals: What the first loads fail with.
        """
        self.parked: ParkedError | None = None
        self.has_lost_threads = False
        self.lost_workers: frozenset[str] = frozenset()
        self.runners: list[ScriptedRunner] = []
        self._replies = iter(replies)
        self._refusals = list(refusals)
        self._listeners: list[Callable[[], None]] = []

    @property
    def loaded(self) -> tuple[ScriptedRunner, ...]:
        return tuple(self.runners)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def load(
        self,
        path: Path,
        options: LoadOptions,
        on_progress: Callable[[int], None] | None = None,
        projector: Path | None = None,
    ) -> ScriptedRunner:
        if self._refusals:
            raise self._refusals.pop(0)
        if on_progress:
            on_progress(100)
        runner = ScriptedRunner(_info(path, options), self._replies)
        self.runners.append(runner)
        self._announce()
        return runner

    async def unload(self, runner: object) -> None:
        for known in [each for each in self.runners if each is runner]:
            self.runners.remove(known)
            await known.close()
        self._announce()

    async def recover(self, how: Recovery = Recovery.CONTEXT) -> None:
        self.parked = None
        self._announce()

    async def close(self) -> None:
        for runner in self.loaded:
            await self.unload(runner)

    def _announce(self) -> None:
        for listener in list(self._listeners):
            listener()


def _reason(reply: Reply, handle: GenerationHandle) -> FinishReason:
    if reply.error:
        return FinishReason.FAILED
    return FinishReason.CANCELLED if handle.abort.is_set else FinishReason.STOP


def _scripted_session() -> SimpleNamespace:
    """What prompts are cut up with: bytes, none of them special."""
    vocabulary = SimpleNamespace(
        pointer=0,
        n_vocab=N_VOCAB,
        tokenize=lambda text, *, add_special, parse_special: list(text.encode()),
        filling_marks=None,
    )
    library = SimpleNamespace(short_call=lambda _name: lambda *_arguments: 0)
    return SimpleNamespace(
        model=SimpleNamespace(vocabulary=vocabulary),
        library=library,
        embedding=SimpleNamespace(own_pooling=Pooling.MEAN),
    )


def _info(path: Path, options: LoadOptions) -> LoadedInfo:
    return LoadedInfo(
        path=path,
        requested=options,
        options=options,
        n_ctx=options.context.n_ctx,
        n_ctx_train=options.context.n_ctx,
        can_write=True,
        n_vocab=N_VOCAB,
        n_layer=1,
        bos_token="",
        eos_token="",
        adds_bos=False,
        chat_template=CHAT_TEMPLATE,
        measured=(),
        description="scripted",
        load_s=0.0,
    )
