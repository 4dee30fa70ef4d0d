"""One generation, from its prompt to its end."""

from dataclasses import replace
from time import perf_counter

from corral.engine.clock import StepClock
from corral.engine.mailbox import Mailbox
from corral.engine.reply import Reply
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.session import ContextFull, Session
from corral.errors import CorralError, UserError
from corral.events import Finished, FinishReason, Phase, PhaseChanged, Usage
from corral.jobs import Cancelled
from corral.llama.context import AbortFlag
from corral.llama.sampler import Sampler, sampler_settings


class Turn:
    """Reads one prompt and generates the reply to it.

    Thread: made on the event loop, run in the engine thread.
    """

    def __init__(
        self, request: GenerationRequest, handle: GenerationHandle, mailbox: Mailbox
    ) -> None:
        self._request = request
        self._handle = handle
        self._mailbox = mailbox
        self._asked_at = perf_counter()
        self._usage = Usage(prompt_tokens=len(request.tokens))

    def run(self, session: Session) -> Finished:
        """Do it all; failures are part of the answer."""
        error: CorralError | None = None
        try:
            self._read_prompt(session)
            reason = self._reply(session)
        except Cancelled:
            reason = FinishReason.CANCELLED
        except ContextFull:
            reason = FinishReason.LENGTH
        except CorralError as failure:
            reason, error = FinishReason.FAILED, failure
        finally:
            session.context.watch(AbortFlag())  # a late cancel must not abort what comes next
        usage = replace(self._usage, total_s=perf_counter() - self._asked_at)
        return Finished(reason=reason, usage=usage, error=error)

    def _read_prompt(self, session: Session) -> None:
        tokens, n_ctx = self._request.tokens, session.context.n_ctx
        if not 0 < len(tokens) <= n_ctx:
            raise UserError(
                f"The prompt has {len(tokens)} tokens and the context holds 1 to {n_ctx}.",
                hint="Shorten it, or load the model with a longer context.",
            )
        session.context.watch(self._handle.abort)
        began = perf_counter()
        self._usage = replace(
            self._usage, context_tokens=n_ctx, cached_tokens=session.reuse(tokens)
        )
        try:
            session.read(tokens, self._handle.abort, self._tell_progress)
        finally:
            self._usage = replace(self._usage, prompt_s=perf_counter() - began)
        self._mailbox.put(PhaseChanged(phase=Phase.GENERATING))

    def _tell_progress(self, done: int) -> None:
        total = len(self._request.tokens)
        self._mailbox.put(PhaseChanged(phase=Phase.READING_PROMPT, done=done, total=total))

    def _reply(self, session: Session) -> FinishReason:
        sampler = self._make_sampler(session)
        reply = Reply(self._request, self._mailbox.put_text)
        clock = StepClock(self._handle.shares)
        began = perf_counter()
        try:
            return self._generate(session, sampler, reply, clock)
        finally:
            sampler.close()
            reply.close()
            self._usage = replace(
                self._usage,
                generation_s=perf_counter() - began,
                library_s=clock.library_s,
                step_s=clock.step_s,
            )

    def _make_sampler(self, session: Session) -> Sampler:
        settings = sampler_settings(self._request.parameters)
        if settings.repeat_last_n < 0:
            settings = replace(settings, repeat_last_n=session.context.n_ctx)
        return session.sampler(settings)

    def _generate(
        self, session: Session, sampler: Sampler, reply: Reply, clock: StepClock
    ) -> FinishReason:
        flag, context, n_ctx = self._handle.abort, session.context.pointer, session.context.n_ctx
        vocabulary = session.model.vocabulary
        count = 0
        try:
            while count != self._request.max_tokens:
                if flag.is_set:
                    return FinishReason.CANCELLED
                clock.enter()
                token = sampler.sample(context)
                clock.leave()
                if count == 0:
                    self._note_first_token()
                if (piece := vocabulary.piece(token)) is None:
                    return FinishReason.STOP
                count += 1
                if reply.feed(piece):
                    return FinishReason.STOP
                if session.n_past >= n_ctx or count == self._request.max_tokens:
                    break
                session.push(token, clock)
                clock.finish_step()
            return FinishReason.LENGTH
        finally:
            self._usage = replace(self._usage, generated_tokens=count)

    def _note_first_token(self) -> None:
        first_token_s = perf_counter() - self._asked_at
        self._usage = replace(self._usage, first_token_s=first_token_s)
