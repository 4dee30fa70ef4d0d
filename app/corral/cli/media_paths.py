"""Paths of pictures and sounds in what a person types, as Ollama's command line takes them."""

import re
from pathlib import Path

from corral.chats.attachment import PICTURE_SUFFIXES, SOUND_SUFFIXES, Attachment, attach_file
from corral.library.model import Capability, StoredModel

_BEGINNING = r"(?<![\w:/.\\])(?:\.{0,2}/|~/|[A-Za-z]:[\\/])"  # not within an address
_SUFFIX = "(?:" + "|".join(map(re.escape, (*PICTURE_SUFFIXES, ".webp", *SOUND_SUFFIXES))) + ")"
# In quotes, or with a backslash before each blank, as shells write it.
_PATH = re.compile(
    rf"""(['"])(?P<quoted>{_BEGINNING}[^'"\n]*?{_SUFFIX})\1"""
    rf"""|(?P<bare>{_BEGINNING}(?:\\[ ]|[^\s'"])*?{_SUFFIX})(?!\.?[\w/\\])""",
    re.IGNORECASE,
)


def takes_media(model: StoredModel) -> bool:
    """Whether paths in what is said to a model are pictures or sounds for it."""
    senses = {Capability.VISION, Capability.AUDIO}
    return bool(model.projectors) and not senses.isdisjoint(model.capabilities)


def take_media(model: StoredModel, text: str) -> tuple[str, list[Attachment]]:
    """Take the files out of a text whose paths stand in it.

    Only what a person typed may be given: a path in a text of strangers must not bring a file of
    this computer to the model.

    Returns:
        The text without the paths, and the files; what is no file stays text.

    Raises:
        UserError: If a file cannot be read, or is too large.
    """
    found: list[Attachment] = []
    if not takes_media(model):
        return text, found

    def take(match: re.Match[str]) -> str:
        path = Path((match["quoted"] or match["bare"]).replace("\\ ", " ")).expanduser()
        if not path.is_file():
            return match[0]
        found.append(attach_file(path))
        return ""

    left = _PATH.sub(take, text)
    return (re.sub(r" {2,}", " ", left).strip(), found) if found else (text, found)
