"""Finding models by words and putting them in order; plain Python, quick for thousands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from corral.gui.library import homes
from corral.gui.library.rows import Order
from corral.library.model import StoredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Models, and the words that are looked for in them.

    Attributes:
        text: What was typed; a model must have each of its words, in any order and case.
        models: The models.
        haystacks: For each model what is searched, in lower case.
    """

    text: str = ""
    models: Sequence[StoredModel] = ()
    haystacks: Sequence[str] = ()

    def searching(self, text: str) -> Self:
        """Return a filter of the same models for other words."""
        return replace(self, text=text.strip())

    def over(self, models: Sequence[StoredModel], haystacks: Sequence[str]) -> Self:
        """Return a filter of other models for the same words."""
        return replace(self, models=models, haystacks=haystacks)

    def found(self) -> Sequence[StoredModel]:
        """Return the models that have all the words, in the order they came in."""
        words = self.text.casefold().split()
        if not words:
            return self.models
        pairs = zip(self.models, self.haystacks, strict=True)
        return [model for model, text in pairs if all(word in text for word in words)]


def haystack(model: StoredModel) -> str:
    """Return what a model is found by: name, family, quantization, capabilities, where it lives."""
    config = model.config
    parts = (model.name, config.family, config.quantization, config.parameter_size)
    return "\n".join((*parts, *model.capabilities, homes.label(model))).casefold()


def ordered(models: Iterable[StoredModel], order: Order) -> list[StoredModel]:
    """Return models in an order; those that are the same in it by name."""
    by_name = sorted(models, key=lambda model: model.name.casefold())
    key: dict[Order, Callable[[StoredModel], float]] = {
        Order.NEWEST: lambda model: -model.modified_at,
        Order.SIZE: lambda model: -model.size_bytes,
        Order.LAST_USED: lambda model: -model.last_used_at,
        Order.NAME: lambda _model: 0.0,
    }
    return sorted(by_name, key=key[order])
