"""The tokens of a prompt with pictures and sounds in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from corral.engine.session import Session
from corral.llama.media import Media, MediaChunk, PlacedChunk, place
from corral.llama.special_tokens import SpecialTokens, tokenize_guarded
from corral.prompt.guard import GuardedText, Guards
from corral.prompt.media_marks import MediaPlace, cut_at_media


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTokens:
    """A prompt as the model reads it.

    Attributes:
        tokens: Its tokens, with keys where pictures and sounds are.
        media: Their chunks, and where their keys begin.
    """

    tokens: tuple[int, ...]
    media: tuple[PlacedChunk, ...] = ()

    @property
    def count(self) -> int:
        """Places that it takes in the context."""
        return len(self.tokens) + sum(
            each.chunk.n_tokens - each.chunk.n_positions for each in self.media
        )


def prompt_tokens(
    session: Session,
    *,
    special: SpecialTokens,
    guards: Guards,
    text: GuardedText,
    media: Sequence[Media],
    adds_special: bool,
) -> PromptTokens:
    """Return a prompt's tokens.

    Args:
        session: The model.
        special: Its control tokens.
        guards: What finds them.
        text: The prompt, with marks where pictures and sounds are.
        media: They, in the order of their numbers.
        adds_special: Whether to begin as the model wants it.

    Raises:
        UserError: If the model cannot see or hear, or the template lost a mark.
        ExternalError: If llama.cpp cannot prepare one.

    Thread: the engine thread.
    """
    parts: list[Sequence[int] | MediaChunk] = []
    for piece in cut_at_media(text, len(media)):
        if isinstance(piece, MediaPlace):
            parts += session.require_projector().layout(media[piece.number])
        elif piece.text or not parts:
            first = adds_special and not parts
            parts.append(
                tokenize_guarded(
                    session.model.vocabulary,
                    special,
                    guards,
                    piece,
                    add_special=first,
                )
            )
    tokens, placed = place(parts)
    return PromptTokens(tokens=tuple(tokens), media=tuple(placed))
