"""Continuous batching: all generations of one model, computed together step by step."""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from corral.engine.clock import StepClock
from corral.engine.pace import Pace
from corral.engine.session import Session
from corral.engine.slots import common_length
from corral.engine.turn import Turn
from corral.errors import CorralError, ExternalError
from corral.events import FinishReason
from corral.llama.context import AbortFlag

logger = logging.getLogger(__name__)

DONE, ABORTED = 0, 2
# A prompt that shares this much with one that is being read waits for that one.
WORTH_WAITING_TOKENS = 32
# So many of those that wait are looked at for the free slots; the rest keeps its place.
LOOKED_AT = 8


class Scheduler:
    """Those that wait, in their order, and those that are computed now.

    A step computes one batch: a token for each generation, and with what room is left the next
    parts of prompts. Who comes meanwhile joins the next step.

    Thread: the engine thread.
    """

    def __init__(self, session: Session, busy: Callable[[], AbstractContextManager[None]]) -> None:
        """Begin with nothing to do.

        Args:
            session: What computes.
            busy: Entered while there is work.
        """
        self._session = session
        self._mark_busy = busy
        self._busy = ExitStack()
        self._is_busy = False
        self._waiting: deque[Turn] = deque()
        self._active: list[Turn] = []
        self._clock = StepClock()
        self._pace = Pace()
        self._nobody = AbortFlag()

    def add(self, turn: Turn) -> None:
        """Take a turn; it joins when a sequence is free for it."""
        try:
            turn.check(self._session)
        except CorralError as error:
            turn.end(FinishReason.FAILED, error)
            return
        self._waiting.append(turn)

    def step(self) -> bool:
        """Compute one batch; return whether there is more to do."""
        if not self._waiting and not self._active:
            return False
        if not self._is_busy:
            self._is_busy = True
            self._busy.enter_context(self._mark_busy())
            self._clock.restart()
        try:
            self._end_cancelled()
            self._admit()
            if self._active:
                self._compute()
        except Exception as error:  # border: a bug must end these turns, not the engine
            logger.exception("a step of the engine failed")
            self._fail_all(error)
        return bool(self._waiting or self._active)

    def run_dry(self) -> None:
        """Do all that was asked for, to its end."""
        while self.step():
            pass

    def _end_cancelled(self) -> None:
        for turn in [turn for turn in self._active if turn.handle.abort.is_set]:
            self._end(turn, FinishReason.CANCELLED)
        for turn in [turn for turn in self._waiting if turn.handle.abort.is_set]:
            self._waiting.remove(turn)
            self._end(turn, FinishReason.CANCELLED)

    def _admit(self) -> None:
        while self._waiting and self._session.slots.has_free and (turn := self._next_in_line()):
            self._waiting.remove(turn)
            request, session = turn.request, self._session
            session.adapters.use(session.context.pointer, request.adapters)
            slot = session.slots.take(turn.read_tokens, request.kept_as, request.adapters)
            turn.begin(self._session, slot)
            self._active.append(turn)

    def _next_in_line(self) -> Turn | None:
        """Return the first that need not wait for another to read what both begin with.

        Adapters count for the whole batch: who wants others waits until all before are done, and
        nobody passes.
        """
        for turn in list(self._waiting)[:LOOKED_AT]:
            if self._active and turn.request.adapters != self._session.adapters.current:
                return None
            if not self._is_being_read(turn):
                return turn
        return None

    def _is_being_read(self, turn: Turn) -> bool:
        tokens = turn.read_tokens
        reading = [turn.read_tokens for turn in self._active if not turn.is_generating]
        if not reading:
            return False
        coming = min(max(common_length(other, tokens) for other in reading), len(tokens) - 1)
        return (
            coming - self._session.slots.shared(tokens, turn.request.adapters)
            >= WORTH_WAITING_TOKENS
        )

    def _compute(self) -> None:
        self._look()
        turns = self._fill()
        if not turns:
            return
        result = self._decode(turns)
        if result != DONE:
            self._mend(turns, result)
            return
        self._session.speculating.follow(turns)
        generating = [turn for turn in turns if turn.is_generating]
        decode_s, said = self._clock.inside_last_s, -sum(turn.said for turn in generating)
        ended = [(turn, *end) for turn in turns if turn.computed() and (end := self._choose(turn))]
        inside_s, length_s = self._clock.finish_step()
        if len(generating) == len(turns):
            said += sum(turn.said for turn in generating)
            self._session.speculating.settle(turns, self._session.batch.count, said, decode_s)
        for turn in generating:
            turn.note_step(inside_s, length_s)
        for turn, reason, error in ended:
            self._end(turn, reason, error)

    def _look(self) -> None:
        """Read a part of one picture or sound; embeddings never share a batch with tokens."""
        turn = next((turn for turn in self._active if turn.is_looking), None)
        if turn is None:
            return
        self._session.context.watch(self._nobody)
        self._active.remove(turn)
        self._active.append(turn)  # the next one comes first then
        try:
            turn.look(self._session, self._clock)
        except CorralError as error:
            self._end(turn, FinishReason.FAILED, error)

    def _choose(self, turn: Turn) -> tuple[FinishReason, CorralError | None] | None:
        """Choose a turn's next token; return its end, if that was the last."""
        try:
            reason = turn.choose(self._session, self._clock)
        except CorralError as error:
            return FinishReason.FAILED, error
        return (reason, None) if reason else None

    def _fill(self) -> list[Turn]:
        """Put the next tokens into the batch; return whose they are."""
        batch = self._session.batch
        batch.clear()
        turns = [turn for turn in self._active if turn.is_generating]
        reading = [t for t in self._active if not t.is_generating and not t.is_looking]
        if not reading:
            self._session.speculating.fill(turns, batch.room - len(turns))
        for turn in turns:
            self._put(turn, 1)
        room = self._pace.room(batch.room, is_shared=bool(turns))
        for count, turn in enumerate(sorted(reading, key=_unread)):
            share = room // (len(reading) - count)  # what the short ones leave goes to the long
            if share:
                room -= self._put(turn, share)
                turns.append(turn)
        return turns

    def _put(self, turn: Turn, most: int) -> int:
        assert turn.slot
        part = turn.next_part(most)
        turn.row = self._session.batch.add(
            part,
            len(turn.slot.tokens),
            sequence=turn.slot.id,
            n_logits=turn.n_logits,
        )
        return len(part)

    def _decode(self, turns: list[Turn]) -> int:
        session, clock = self._session, self._clock
        # Only a batch of its own may be aborted for a cancel: others must not lose theirs.
        flag = turns[0].handle.abort if len(turns) == 1 else self._nobody
        session.context.watch(flag)
        clock.enter()
        result = session.context.decode(session.batch)
        clock.leave()
        self._pace.note(sum(turn.n_read for turn in turns), clock.inside_last_s)
        return result

    def _mend(self, turns: list[Turn], result: int) -> None:
        """Go on after a batch that was not computed."""
        self._session.settle([turn.slot for turn in turns if turn.slot], result)
        if result == ABORTED:
            return  # whoever asked for it is ended before the next batch
        error = ExternalError(
            f"llama.cpp failed with code {result} on a batch of {self._session.batch.count} tokens "
            f"in a context of {self._session.context.n_ctx}.",
            detail=self._session.library.log.complaints(),
            hint="Try again; if it fails again, load the model anew.",
        )
        for turn in turns:
            self._end(turn, FinishReason.FAILED, error)

    def _end(self, turn: Turn, reason: FinishReason, error: CorralError | None = None) -> None:
        if turn in self._active:
            self._active.remove(turn)
        if turn.slot:
            self._session.slots.give_back(turn.slot)
        if not self._active and not self._waiting:
            self._rest()
        turn.end(reason, error)

    def _fail_all(self, error: Exception) -> None:
        known = error if isinstance(error, CorralError) else mistake(error)
        self._session.forget()
        for turn in [*self._active, *self._waiting]:
            self._end(turn, FinishReason.FAILED, known)
        self._waiting.clear()
        self._rest()

    def _rest(self) -> None:
        """Leave everything so that others may use the context."""
        self._session.context.watch(self._nobody)  # a late cancel must not abort what they do
        self._is_busy = False
        self._busy.close()


def _unread(turn: Turn) -> int:
    return turn.unread


def mistake(error: BaseException) -> ExternalError:
    """Return the words for a bug of this program."""
    return ExternalError(f"Corral made a mistake: {error!r}.", hint="The log has more.")
