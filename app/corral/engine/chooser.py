"""Which token comes next in one reply, and how probable it was."""

from corral.engine.request import GenerationRequest
from corral.engine.session import Session
from corral.errors import UserError
from corral.events import TokenChance, TokenChoice
from corral.llama.grammar import Grammar
from corral.llama.sampler_settings import sampler_settings


class Chooser:
    """The sampler of one reply, with its grammar if it has one.

    Thread: the engine thread.
    """

    def __init__(self, session: Session, request: GenerationRequest) -> None:
        """Make what chooses.

        Raises:
            UserError: If parameters are absurd, or the grammar cannot be used.
        """
        self._session = session
        self._vocabulary = session.model.vocabulary
        self._splitter = request.splitter
        self._n_choices = request.n_choices
        self._grammar: Grammar | None = None
        settings = sampler_settings(request.parameters, request.logit_bias)
        if any(not 0 <= token < self._vocabulary.n_vocab for token, _ in settings.logit_bias):
            raise UserError(
                f"A logit bias is for a token outside 0 to {self._vocabulary.n_vocab - 1}."
            )
        if request.grammar:
            self._grammar = Grammar(session.library, self._vocabulary, request.grammar)
        said = (
            [token for token in request.tokens if token >= 0] if request.media else request.tokens
        )
        self._sampler = session.sampler(settings, said)

    def choose(self, row: int) -> int:
        """Choose a token from a row of logits and remember it.

        Raises:
            UserError: If the grammar leaves nothing to choose.
        """
        session = self._session
        pointer = session.context.pointer
        if self._grammar is None or self._is_thinking:
            return self._sampler.sample(pointer, row)
        if self._splitter and (opening := self._opening(row)):
            self._sampler.accept(opening)
            return opening
        token = self._sampler.sample_within(self._grammar, session.candidates, pointer, row)
        self._follow(token)
        return token

    def accept(self, token: int) -> None:
        """Remember a token that was chosen elsewhere.

        Raises:
            UserError: If the grammar forbids it, or it ends the text.
        """
        piece = self._vocabulary.piece(token)
        if piece is None:
            raise UserError("A reply cannot go on from a token that ends it.")
        if self._grammar and not self._is_thinking and not self._opens_thinking(token):
            if not self._grammar.allows(token):
                raise UserError("The grammar does not allow the text that the reply begins with.")
            self._grammar.accept(token)
        self._sampler.accept(token)

    def choice(self, row: int, token: int) -> TokenChoice | None:
        """Return how probable a token was, if the request wants to know."""
        if self._n_choices < 0:
            return None
        pointer = self._session.context.pointer
        chosen, *others = (
            TokenChance(token=number, text=self._text(number), log_probability=log_probability)
            for number, log_probability in self._session.probabilities.of(
                pointer, row, token, self._n_choices
            )
        )
        return TokenChoice(chosen=chosen, alternatives=tuple(others))

    def close(self) -> None:
        """Free everything."""
        self._sampler.close()
        if self._grammar:
            self._grammar.close()

    @property
    def _is_thinking(self) -> bool:
        return self._splitter is not None and self._splitter.is_thinking

    def _opens_thinking(self, token: int) -> bool:
        text = self._vocabulary.piece(token)
        return (
            self._splitter is not None
            and isinstance(text, str)
            and (self._splitter.opens_thinking(text))
        )

    def _opening(self, row: int) -> int | None:
        """Return the model's favourite token if it begins thinking: a grammar is for answers."""
        ((favourite, _),) = self._session.probabilities.of(
            self._session.context.pointer, row, 0, 1
        )[1:]
        return favourite if self._opens_thinking(favourite) else None

    def _follow(self, token: int) -> None:
        if self._grammar and self._vocabulary.piece(token) is not None:
            self._grammar.accept(token)

    def _text(self, token: int) -> str:
        return self._vocabulary.piece_bytes(token).decode("utf-8", "replace")
