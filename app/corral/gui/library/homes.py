"""Where models live: the own store, or other programs' stores, which are used in place."""

from corral.foreign import safe_line
from corral.library.model import Home, HomeKind, StoredModel


def is_own(model: StoredModel) -> bool:
    """Whether a model lies in Corral's own store."""
    return model.home.is_own


def label(model: StoredModel) -> str:
    """Return whose store a model lies in, "" for Corral's own."""
    return "" if model.home.is_own else label_of(model.home)


def label_of(home: Home) -> str:
    """Return whose store it is; a folder that the user added has its own name."""
    if home.kind is HomeKind.FOLDER:
        return safe_line(home.folder.name or str(home.folder))
    return safe_line(home.label)


def section(model: StoredModel) -> str:
    """Return what tells the stores apart: two folders may have the same name."""
    if model.home.kind is HomeKind.FOLDER:
        return str(model.home.folder)
    return label(model)
