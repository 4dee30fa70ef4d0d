"""One generation, from its prompt to its end, one micro-batch or token at a time."""

from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from corral.engine.chooser import Chooser
from corral.engine.clock import StepClock
from corral.engine.looking import Looking
from corral.engine.mailbox import Mailbox
from corral.engine.reply import Reply
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.session import Session
from corral.engine.slots import Slot
from corral.engine.speculation.speculator import Speculator
from corral.errors import CorralError, UserError
from corral.events import ContextShifted, Finished, FinishReason, Phase, PhaseChanged, Usage
from corral.settings import Overflow

# Ollama's `num_keep`.
KEPT_TOKENS = 4


class Turn:
    """Reads one prompt and generates the reply to it; the scheduler says when.

    Attributes:
        request: What was asked.
        read_tokens: What is read before the first token is chosen.
        handle: The hold on it.
        outcome: Gets the end, once.
        slot: The sequence it works on, None while it waits and when it has ended.
        row: The row of the last batch that has its logits; the last one of several.
        speculator: Guesses its tokens ahead, None for nobody.

    Thread: made on the event loop, then the engine thread's.
    """

    def __init__(
        self, request: GenerationRequest, handle: GenerationHandle, mailbox: Mailbox
    ) -> None:
        self.request = request
        self.read_tokens = request.read_tokens
        self.handle = handle
        self.outcome: Future[Finished] = Future()
        self.slot: Slot | None = None
        self.row = -1
        self.speculator: Speculator | None = None
        self._mailbox = mailbox
        self._chooser: Chooser | None = None
        self._looking = Looking(request.media)
        self._reply = Reply(request, mailbox.put_text, mailbox.put)
        self._is_generating = False
        self._part: Sequence[int] = ()
        self._count = self._n_ctx = 0
        self._usage = Usage(prompt_tokens=self._looking.cells(len(request.tokens)))
        self._library_s = self._step_s = 0.0
        self._asked_at = self._began_at = perf_counter()

    @property
    def is_generating(self) -> bool:
        """Whether the prompt is read."""
        return self._is_generating

    @property
    def said(self) -> int:
        """How many tokens the reply has."""
        return self._count

    @property
    def part(self) -> Sequence[int]:
        """The tokens that are computed in this step, guessed ones too."""
        return self._part

    @property
    def n_read(self) -> int:
        """How many tokens of the part are of the prompt."""
        return 0 if self._is_generating else len(self._part)

    @property
    def unread(self) -> int:
        """How many tokens of the prompt are still to be read."""
        assert self.slot
        return 0 if self._is_generating else len(self.read_tokens) - len(self.slot.tokens)

    def check(self, session: Session) -> None:
        """Look at the request before it gets a slot, and make its sampler.

        Raises:
            UserError: If it cannot be done: a model that does not write, a prompt that is too long,
                tokens that do not exist, absurd parameters.
            ExternalError: If an adapter does not fit the model.
        """
        if not session.context.can_write:
            raise UserError(
                f"{session.model.path.name} computes vectors; it does not write text.",
                hint="Use it with corral embed.",
            )
        tokens, n_ctx = self.read_tokens, session.context.n_ctx
        count = len(tokens) + self._looking.extra_cells
        if not 0 < count <= n_ctx:
            raise UserError(
                f"The prompt has {count} tokens and the context holds 1 to {n_ctx}.",
                hint="Shorten it, or load the model with a longer context.",
            )
        n_vocab = session.model.vocabulary.n_vocab
        self._looking.check(tokens, session)
        if max(tokens) >= n_vocab:
            raise UserError(f"The prompt has tokens outside the model's 0 to {n_vocab - 1}.")
        session.speculating.check(self.request)
        session.adapters.load(self.request.adapters)
        self._chooser = Chooser(session, self.request)

    def begin(self, session: Session, slot: Slot) -> None:
        """Take a slot; what it holds is the beginning of the prompt."""
        self.slot = slot
        whole = self._looking.whole_chunks(len(slot.tokens))
        if whole < len(slot.tokens):
            session.slots.cut(slot, whole)
        self._began_at = perf_counter()
        self._n_ctx = session.context.n_ctx
        self._usage = replace(
            self._usage,
            context_tokens=session.context.n_ctx,
            cached_tokens=self._looking.cells(len(slot.tokens)),
        )

    def next_part(self, most: int) -> Sequence[int]:
        """Return the tokens to compute next, at most so many of the prompt."""
        assert self.slot
        if not self._is_generating:
            start = len(self.slot.tokens)
            end = self._looking.text_end(start, start + most)
            self._part = self.read_tokens[start:end]
        return self._part

    def guess(self, most: int, *, beside: int, gained: float) -> tuple[int, float]:
        """Take guesses into the next part; return how many and how many are likely right."""
        assert self.slot
        if not self.speculator:
            return 0, 0.0
        room = self._n_ctx - self._looking.cells(len(self.slot.tokens)) - 1
        if self.request.max_tokens >= 0:
            room = min(room, self.request.max_tokens - self._count - 1)
        guessed, won = self.speculator.guess(min(most, room), beside=beside, gained=gained)
        self._part = (self._part[0], *guessed)
        return len(guessed), won

    @property
    def n_logits(self) -> int:
        """How many of the last tokens of the part are followed by one that is to be chosen."""
        return len(self._part) if self._is_generating else len(self._part) == self.unread

    def computed(self) -> bool:
        """Count the part as done; return whether a token can be chosen now."""
        assert self.slot
        if self._is_generating:
            self.slot.tokens.append(self._part[0])  # what was guessed is not certain yet
            return True
        is_last = len(self._part) == self.unread
        self.slot.tokens += self._part
        self._tell_progress()
        if is_last:
            self._part = self._part[-1:]
            self._end_reading()
        return is_last

    def choose(self, session: Session, clock: StepClock) -> FinishReason | None:
        """Choose the next token, and more while they are those that were guessed; tell their text.

        Returns:
            Why the last of them is the last of the reply, if it is.
        """
        assert self.slot
        if self._count == 0 and (reason := self._begin_reply(session)):
            return reason
        if self._count == self.request.max_tokens:
            return FinishReason.LENGTH
        guessed, first = self._part[1:], self.row + 1 - len(self._part)
        accepted = 0
        try:
            reason = self._choose_one(session, clock, first)
            while not reason and accepted < len(guessed) and guessed[accepted] == self._part[0]:
                self.slot.tokens.append(guessed[accepted])
                accepted += 1
                reason = self._choose_one(session, clock, first + accepted)
        finally:
            if accepted < len(guessed):
                session.slots.take_back(self.slot)
        if self.speculator:
            self.speculator.judge(accepted)
        return reason

    def _choose_one(self, session: Session, clock: StepClock, row: int) -> FinishReason | None:
        """Choose a token from a row of logits and tell its text; return why it was the last."""
        assert self._chooser
        clock.enter()
        token = self._chooser.choose(row)
        clock.leave()
        if not self._usage.first_token_s:
            first_token_s = perf_counter() - self._asked_at
            self._usage = replace(self._usage, first_token_s=first_token_s)
        if choice := self._chooser.choice(row, token):
            self._mailbox.put_choice(choice)
        if reason := self._say(session, token):
            return reason
        if self._is_full(session):
            return FinishReason.LENGTH
        if self.speculator:
            self.speculator.learn(token)
        self._part = (token,)
        return None

    @property
    def is_looking(self) -> bool:
        """Whether a picture or sound comes next in the prompt."""
        if self._is_generating or not self.slot:
            return False
        return self._looking.at(len(self.slot.tokens)) is not None

    def look(self, session: Session, clock: StepClock) -> None:
        """Read the next part of a picture or sound.

        Raises:
            CorralError: If it cannot be looked at.
        """
        assert self.slot
        self._mailbox.put(PhaseChanged(phase=Phase.LOOKING))
        self._looking.step(session, self.slot, clock)
        if not self.is_looking:
            self._tell_progress()

    def note_step(self, library_s: float, step_s: float) -> None:
        """Count a step of the batch as one of this generation."""
        self._library_s += library_s
        self._step_s += step_s
        self.handle.shares.append(library_s / step_s)

    def end(self, reason: FinishReason, error: CorralError | None = None) -> None:
        """Give out what was held back and tell the end; ending again changes nothing."""
        if self.outcome.done():
            return
        if self._chooser:
            self._chooser.close()
        if self.speculator:
            self.speculator.close()
        self._reply.close()
        now = perf_counter()
        if self.slot and not self._is_generating:
            self._usage = replace(self._usage, prompt_s=now - self._began_at)
        usage = replace(
            self._usage,
            generated_tokens=self._count,
            drafted_tokens=self.speculator.drafted if self.speculator else 0,
            accepted_tokens=self.speculator.accepted if self.speculator else 0,
            generation_s=now - self._began_at if self._is_generating else 0.0,
            library_s=self._library_s,
            step_s=self._step_s,
            total_s=now - self._asked_at,
        )
        with suppress(InvalidStateError):  # the thread was counted as lost meanwhile
            self.outcome.set_result(Finished(reason=reason, usage=usage, error=error))

    def _begin_reply(self, session: Session) -> FinishReason | None:
        """Say what the reply is forced to begin with."""
        assert self._chooser
        assert self.slot
        self.speculator = session.speculating.begin(self.request, self.slot)
        for token in self.request.forced:
            self._chooser.accept(token)
            if reason := self._say(session, token):
                return reason
        return None

    def _say(self, session: Session, token: int) -> FinishReason | None:
        """Tell the text of a token; return why it was the last, if it ends the reply."""
        piece = session.model.vocabulary.piece(token)
        if piece is None:
            return FinishReason.STOP
        self._count += 1
        text = self.request.marks.get(token, piece)
        return FinishReason.STOP if self._reply.feed(text) else None

    def _is_full(self, session: Session) -> bool:
        assert self.slot
        if self._count == self.request.max_tokens:
            return True
        used = len(self.slot.tokens) + self._looking.extra_cells
        return used >= session.context.n_ctx and not self._shift(session)

    def _shift(self, session: Session) -> bool:
        """Make room in a full context, if that is wanted and can be done."""
        assert self.slot
        if self.request.overflow is not Overflow.SHIFT:
            return False
        n_ctx = session.context.n_ctx
        wanted = self.request.parameters.get("num_keep", KEPT_TOKENS)
        kept = wanted if isinstance(wanted, int) else KEPT_TOKENS
        kept = min(max(kept, 0) + session.model.vocabulary.adds_bos, n_ctx // 2)
        dropped = session.slots.shift(self.slot, kept)
        if dropped:
            self._mailbox.put(ContextShifted(dropped_tokens=dropped, context_tokens=n_ctx))
        return dropped > 0

    def _tell_progress(self) -> None:
        assert self.slot
        done, total = len(self.slot.tokens), len(self.read_tokens)
        self._mailbox.put(PhaseChanged(phase=Phase.READING_PROMPT, done=done, total=total))

    def _end_reading(self) -> None:
        now = perf_counter()
        self._usage = replace(self._usage, prompt_s=now - self._began_at)
        self._is_generating, self._began_at = True, now
        self._mailbox.put(PhaseChanged(phase=Phase.GENERATING))
