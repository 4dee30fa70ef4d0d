"""Where models live: the own store, or other programs' stores, which are used in place."""

from corral.foreign import safe_line
from corral.library.model import StoredModel


def is_own(model: StoredModel) -> bool:
    """Whether a model lies in Corral's own store."""
    return model.home.is_own


def label(model: StoredModel) -> str:
    """Return whose store a model lies in, "" for Corral's own."""
    return "" if model.home.is_own else safe_line(model.home.label)
