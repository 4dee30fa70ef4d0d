"""Where a named model is to run: ``:local``, ``:cloud`` and ``-cloud`` at the end of a name.

Source: Ollama ``internal/modelref`` behaviour, checked against its cases.
"""

from dataclasses import dataclass
from enum import StrEnum

from corral.errors import UserError
from corral.foreign import safe_line

_CLOUD_TAG = "-cloud"


class RunsOn(StrEnum):
    """Where a model is to run."""

    UNSAID = ""
    LOCAL = "local"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a person wrote for a model.

    Attributes:
        base: The name without the ending.
        runs_on: What the ending says.
    """

    base: str
    runs_on: RunsOn

    @property
    def stored_as(self) -> str:
        """The name under which the model lies in a store."""
        if self.runs_on is not RunsOn.CLOUD:
            return self.base
        return self.base + (_CLOUD_TAG if has_tag(self.base) else ":cloud")


def parse_reference(text: str) -> Reference:
    """Split what a person wrote into name and ending.

    Raises:
        UserError: If there is no name, or two endings.
    """
    text = text.strip()
    if not text:
        raise UserError("The name of a model is missing.")
    reference = _split(text)
    if reference.runs_on is not RunsOn.UNSAID and _split(reference.base).runs_on:
        raise UserError(f"{safe_line(text)}: use either :local or :cloud, not both")
    return reference


def has_tag(text: str) -> bool:
    """Whether a name says its tag; the port of a host is none."""
    return text.rfind(":") > text.rfind("/")


def _split(text: str) -> Reference:
    if has_tag(text):
        base, _, ending = text.rpartition(":")
        if ending.lower() in {RunsOn.LOCAL, RunsOn.CLOUD}:
            return Reference(base=base, runs_on=RunsOn(ending.lower()))
        if ending.lower().endswith(_CLOUD_TAG):
            return Reference(base=text[: -len(_CLOUD_TAG)], runs_on=RunsOn.CLOUD)
    return Reference(base=text, runs_on=RunsOn.UNSAID)
