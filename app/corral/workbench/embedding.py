"""Vectors of texts, and texts in the order in which they answer a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import hypot

from corral.engine.protocol import AnyRunner
from corral.engine.session import Session
from corral.errors import UserError
from corral.gguf.header import Header
from corral.llama.embedder import Vector
from corral.llama.ranking import rank_tokens
from corral.plan.pooling import Pooling
from corral.workbench.loading import Loading, Publish
from corral.workbench.modelling import Modelling
from corral.workbench.planning import Planning
from corral.workbench.request import ChatRequest

RANK_POOLING = 4  # in GGUF's numbers
RERANK = "corral rerank puts texts in the order of how they answer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Vectors of texts.

    Attributes:
        vectors: For each text one; with `Pooling.NONE` one for each of its tokens.
        tokens: How many tokens were read.
        cut: Which texts were longer than the model reads, and lost their ends.
        pooling: How the vectors of tokens became one.
    """

    vectors: tuple[tuple[Vector, ...], ...]
    tokens: int
    cut: tuple[int, ...]
    pooling: Pooling


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One text of a ranking.

    Attributes:
        index: Its place among those that were given.
        score: The model's score; it can be compared within one ranking only.
    """

    index: int
    score: float


class Embedding:
    """Computes vectors with models that are loaded for it.

    Thread: the event loop's.
    """

    def __init__(self, *, modelling: Modelling, planning: Planning, loading: Loading) -> None:
        self._modelling = modelling
        self._planning = planning
        self._loading = loading

    async def embed(
        self,
        request: ChatRequest,
        texts: Sequence[str],
        *,
        pooling: Pooling | None = None,
        dimensions: int = 0,
        is_cut: bool = True,
        publish: Publish = lambda _event: None,
    ) -> Embedded:
        """Return vectors of length one.

        Args:
            request: The model and how it is loaded; its messages do not count.
            texts: The texts.
            pooling: How the vectors of tokens become one; None as the model was made for.
            dimensions: Keep so many of the first values only; 0 keeps all.
            is_cut: Read the beginning of texts that are too long, instead of refusing them.
            publish: Told of the phases of the load.

        Raises:
            UserError: If there is no such model, or a text is empty or too long.
            ExternalError: If the model cannot be loaded or computes nothing.
        """
        if pooling is Pooling.RANK:
            raise UserError("Vectors cannot be pooled by rank.", hint=RERANK)
        model = await self._modelling.get(request.model)
        async with self._loading.using(model, request, publish) as runner:
            read = [
                await runner.tokenize(text, add_special=True, parse_special=False) for text in texts
            ]
            most = _longest(runner)
            cut = tuple(n for n, tokens in enumerate(read) if len(tokens) > most)
            if cut and not is_cut:
                raise _too_long(cut[0], len(read[cut[0]]), most)
            if empty := [n for n, tokens in enumerate(read) if not tokens]:
                raise UserError(f"Text {empty[0] + 1} of {len(read)} is empty.")
            read = [tokens[:most] for tokens in read]
            own = await runner.between_steps(_own_pooling)
            used: Pooling = pooling or own
            if used is Pooling.RANK:
                raise UserError(f"{model.name} scores texts; it makes no vectors.", hint=RERANK)
            vectors = await runner.embed(read, used)
        size = len(vectors[0][0]) if vectors else 0
        if not 0 <= dimensions <= size:
            raise UserError(f"The vectors have {size} values; {dimensions} were asked for.")
        return Embedded(
            vectors=tuple(
                tuple(_of_length_one(vector[: dimensions or None]) for vector in of_text)
                for of_text in vectors
            ),
            tokens=sum(map(len, read)),
            cut=cut,
            pooling=used,
        )

    async def rank(
        self,
        request: ChatRequest,
        query: str,
        documents: Sequence[str],
        *,
        publish: Publish = lambda _event: None,
    ) -> tuple[Ranked, ...]:
        """Return texts by how well they answer a question, the best first.

        Args:
            request: The model and how it is loaded; its messages do not count.
            query: The question.
            documents: The texts; of those that are too long the beginning counts.
            publish: Told of the phases of the load.

        Raises:
            UserError: If there is no such model, or it does not rank.
            ExternalError: If the model cannot be loaded or computes nothing.
        """
        model = await self._modelling.get(request.model)
        if not _ranks(await self._planning.header(model)):
            raise UserError(
                f"{model.name} does not rank: it has no head that scores.",
                hint="Take a reranker, or compare the vectors of corral embed.",
            )
        async with self._loading.using(model, request, publish) as runner:
            most = _longest(runner)
            pairs = [
                await runner.between_steps(partial(_rank_tokens, query, text)) for text in documents
            ]
            scores = await runner.embed([pair[:most] for pair in pairs], Pooling.RANK)
        ranked = (Ranked(index=n, score=score[0][0]) for n, score in enumerate(scores))
        return tuple(sorted(ranked, key=lambda each: -each.score))


def _own_pooling(session: Session) -> Pooling:
    return session.embedding.own_pooling


def _rank_tokens(query: str, text: str, session: Session) -> list[int]:
    return rank_tokens(session.library, session.model, query, text)


def _ranks(header: Header) -> bool:
    """Whether a model has the head without which llama.cpp ends the process that ranks."""
    is_made_for_it = header.arch_value("pooling_type", 0) == RANK_POOLING
    return is_made_for_it and any(tensor.name.startswith("cls.") for tensor in header.tensors)


def _longest(runner: AnyRunner) -> int:
    return runner.info.n_ctx_train or runner.info.n_ctx


def _of_length_one(vector: Vector) -> Vector:
    length = hypot(*vector)
    return tuple(value / length for value in vector) if length else vector


def _too_long(index: int, n_tokens: int, most: int) -> UserError:
    return UserError(
        f"Text {index + 1} has {n_tokens} tokens, and the model reads {most}.",
        hint="Shorten it, or allow that its end is left out.",
    )
