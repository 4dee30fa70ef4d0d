"""Machines that are not there: from words, saved under a name."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from corral.errors import UserError

if TYPE_CHECKING:
    from corral.plan.cards import Card, Catalogue
    from corral.plan.machine import Machine
    from corral.settings import SettingsFile

_LONGEST_NAME = 60


class Machines:
    """The saved machines, and the cards to make others of.

    Thread: the event loop's.
    """

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings

    @property
    def saved(self) -> dict[str, str]:
        """The words of each saved machine, by its name."""
        return dict(self._settings.current.machines)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards and chips that are known by name."""
        return self.catalogue.cards

    def imagine(self, name_or_words: str, here: Machine) -> Machine:
        """Return a saved machine, or the one that some words describe.

        Args:
            name_or_words: A name of `saved`, or words as in `corral.plan.imagined`.
            here: This machine; what the words do not say is as on it.

        Raises:
            UserError: If the words cannot be understood.
        """
        from corral.plan.imagined import imagine  # lazy: seldom asked for

        return imagine(self.saved.get(name_or_words, name_or_words), self.catalogue, here)

    def save(self, name: str, words: str, here: Machine) -> None:
        """Save a machine under a name; another of that name is replaced.

        Raises:
            UserError: If the name is empty or too long, or the words cannot be understood.
            ExternalError: If the settings cannot be written.
        """
        name = name.strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise UserError(f"The name of a machine has 1 to {_LONGEST_NAME} printable characters.")
        self.imagine(words, here)
        self._settings.change(machines=tuple({**self.saved, name: words}.items()))

    def forget(self, name: str) -> None:
        """Forget a saved machine.

        Raises:
            UserError: If there is none of that name.
            ExternalError: If the settings cannot be written.
        """
        left = {other: words for other, words in self.saved.items() if other != name}
        if len(left) == len(self.saved):
            raise UserError(f"No machine was saved as '{name}'.")
        self._settings.change(machines=tuple(left.items()))

    @cached_property
    def catalogue(self) -> Catalogue:
        """What machines can be made of."""
        from corral.hardware.cards import read_catalogue  # lazy: seldom asked for

        return read_catalogue()
