"""A problem of a Modelfile in the window's language."""

from corral.foreign import safe_line
from corral.gui.service_phrases import in_own_words
from corral.modelfile.hint import Hint, filled

_LIMIT = 400


def hint_text(hint: Hint) -> str:
    """Return what is wrong, in one line; pieces of the text stand in it as they are."""
    return safe_line(filled(in_own_words(hint.words), hint.values), limit=_LIMIT)
