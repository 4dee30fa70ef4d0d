"""How answers are made, beside the sampling parameters: form, adapters, what is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite, isnan
from typing import TypedDict

from corral.errors import UserError
from corral.foreign import safe_line
from corral.settings import Overflow

ANY_JSON = "json"
MOST_CHOICES = 20
# llama.cpp adds scaled weights; beyond this nothing but noise is left of the model.
LARGEST_SCALE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How answers are made.

    Attributes:
        form: "json" for any JSON object, the text of a JSON schema, or "" for free text.
        grammar: GBNF that answers obey; it wins over `form`; "" for none.
        adapters: LoRA files and their scales instead of the model's own; None for those.
        logit_bias: Tokens and what is added to their logits, minus infinity forbids; a token is
            its number in digits, or a text that is one token.
        n_choices: Tell each token with so many alternatives, -1 for not at all.
        overflow: What happens when the conversation is longer than the context, None for what the
            settings say.
    """

    form: str = ""
    grammar: str = ""
    adapters: tuple[tuple[str, float], ...] | None = None
    logit_bias: tuple[tuple[str, float], ...] = ()
    n_choices: int = -1
    overflow: Overflow | None = None

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            UserError: With the value and what is allowed.
        """
        for path, scale in self.adapters or ():
            if not isfinite(scale) or abs(scale) > LARGEST_SCALE:
                raise UserError(
                    f"The scale of the adapter '{safe_line(path, 80)}' is {scale:g}; "
                    f"it can be -{LARGEST_SCALE:g} to {LARGEST_SCALE:g}."
                )
        for token, bias in self.logit_bias:
            if isnan(bias):
                raise UserError(f"The bias of the token '{safe_line(token, 40)}' is no number.")
        if not -1 <= self.n_choices <= MOST_CHOICES:
            raise UserError(
                f"{self.n_choices} alternatives of each token were asked for; "
                f"there can be 0 to {MOST_CHOICES}."
            )


class AnsweringChanges(TypedDict, total=False):
    """What can change in how answers are made; what is left out stays."""

    form: str
    grammar: str
    adapters: tuple[tuple[str, float], ...] | None
    logit_bias: tuple[tuple[str, float], ...]
    n_choices: int
    overflow: Overflow | None


def answering_to_plain(answering: Answering) -> dict[str, object]:
    """Return what differs from the usual, for JSON."""
    usual = asdict(Answering())
    return {name: value for name, value in asdict(answering).items() if value != usual[name]}


def answering_from_plain(plain: object) -> Answering:
    """Return what `answering_to_plain` gave; what makes no sense is as usual."""
    if not isinstance(plain, Mapping):
        return Answering()
    usual = Answering()
    adapters, overflow = plain.get("adapters"), plain.get("overflow")
    return Answering(
        form=_text(plain.get("form")),
        grammar=_text(plain.get("grammar")),
        adapters=None if adapters is None else _pairs(adapters),
        logit_bias=_pairs(plain.get("logit_bias")),
        n_choices=n if type(n := plain.get("n_choices")) is int else usual.n_choices,
        overflow=Overflow(overflow) if overflow in tuple(Overflow) else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _pairs(value: object) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(
        (pair[0], float(pair[1]))
        for pair in value
        if isinstance(pair, Sequence)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], int | float)
    )
