"""What the services need of an engine: that of llama.cpp has it, and so has one of the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:  # what runs a model is loaded with the first one
    from corral.engine.info import LoadedInfo
    from corral.engine.mailbox import Mailbox
    from corral.engine.recovery import ParkedError, Recovery
    from corral.engine.request import GenerationHandle, GenerationRequest
    from corral.engine.session import Session
    from corral.errors import CorralError
    from corral.llama.embedder import Vector
    from corral.plan.options import ContextOptions, LoadOptions
    from corral.plan.pooling import Pooling

T = TypeVar("T")


class AnyRunner(Protocol):
    """A loaded model that answers; `corral.engine.runner.Runner` says what each part means."""

    @property
    def info(self) -> LoadedInfo:
        """What is known of it."""

    @property
    def parked(self) -> CorralError | None:
        """Why it can do nothing any more, None while it can."""

    @property
    def is_busy(self) -> bool:
        """Whether a generation runs or waits."""

    async def tokenize(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Return the tokens of a text."""

    def generate(self, request: GenerationRequest, mailbox: Mailbox) -> GenerationHandle:
        """Generate into `mailbox`, which gets exactly one `Finished`."""

    async def embed(
        self, texts: Sequence[Sequence[int]], pooling: Pooling
    ) -> list[tuple[Vector, ...]]:
        """Return the vectors of texts."""

    async def set_context(self, options: ContextOptions) -> None:
        """Make a new context, after what runs already."""

    async def between_steps(self, work: Callable[[Session], T]) -> T:
        """Do `work` with the session; generations go on before and after."""

    async def on_session(self, work: Callable[[Session], T]) -> T:
        """Do `work` with the session, after what was asked for before."""

    async def close(self) -> None:
        """Stop what runs and free the memory."""


class AnyEngine(Protocol):
    """All loaded models; `corral.engine.engine.Engine` says what each part means."""

    @property
    def parked(self) -> ParkedError | None:
        """What failed, when a thread was parked and `recover` has not been called."""

    @property
    def loaded(self) -> tuple[AnyRunner, ...]:
        """Runners of the loaded models, oldest first."""

    @property
    def has_lost_threads(self) -> bool:
        """Whether only `os._exit` ends the process."""

    @property
    def lost_workers(self) -> frozenset[str]:
        """RPC workers that died under a model, so that this process cannot reach them again."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every load, unload, park and recovery; the answer ends that."""

    async def load(
        self,
        path: Path,
        options: LoadOptions,
        on_progress: Callable[[int], None] | None = None,
        projector: Path | None = None,
    ) -> AnyRunner:
        """Return a runner for a file, loading it if need be."""

    async def unload(self, runner: AnyRunner) -> None:
        """Stop what a runner does and free its memory."""

    async def recover(self, how: Recovery = ...) -> None:
        """Make what was parked answer again."""

    async def close(self) -> None:
        """Unload everything."""
