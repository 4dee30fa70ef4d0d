"""Machines that are not there: from words, saved under a name."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.workbench.announcer import Announcer

if TYPE_CHECKING:
    from corral.plan.cards import Card, Catalogue
    from corral.plan.description import Description
    from corral.plan.machine import Machine
    from corral.settings import SettingsFile

_LONGEST_NAME = 60


class Machines:
    """The saved machines, the cards to make others of, and the one that is planned for.

    Attributes:
        chosen: Name or words of the machine that is planned for, "" for this one.
        changed: Told when another machine was chosen, or the saved ones are others.

    Thread: the event loop's.
    """

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings
        self.chosen = ""
        self.changed = Announcer()

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

    def read(self, words: str) -> Description:
        """Return what the words for a machine say, part by part.

        Raises:
            UserError: If they cannot be understood.
        """
        from corral.plan.description import read_description  # lazy: seldom asked for

        return read_description(words, self.catalogue)

    def choose(self, name_or_words: str, here: Machine) -> None:
        """Plan for another machine from now on, "" for this one.

        Raises:
            UserError: If the words cannot be understood.
        """
        name_or_words = name_or_words.strip()
        if name_or_words:
            self.imagine(name_or_words, here)
        self.chosen = name_or_words
        self.changed.announce()

    def save(self, name: str, words: str, here: Machine) -> None:
        """Save a machine under a name; another of that name is replaced.

        Raises:
            UserError: If the name is empty or too long, or the words cannot be understood.
            ExternalError: If the settings cannot be written.
        """
        name = _checked(name)
        self.imagine(words, here)
        self._keep({**self.saved, name: words})

    def rename(self, name: str, new_name: str) -> None:
        """Give a saved machine another name.

        Raises:
            UserError: If there is none of that name, or the new one is taken, empty or too long.
            ExternalError: If the settings cannot be written.
        """
        new_name, saved = _checked(new_name), self.saved
        if name not in saved:
            raise UserError(f"No machine was saved as '{name}'.")
        if new_name != name and new_name in saved:
            raise UserError(f"Another machine is called '{new_name}'.", hint="Choose another name.")
        self._keep({new_name if old == name else old: words for old, words in saved.items()})
        if self.chosen == name:
            self.chosen = new_name

    def forget(self, name: str) -> None:
        """Forget a saved machine; one that is planned for is planned for by its words then.

        Raises:
            UserError: If there is none of that name.
            ExternalError: If the settings cannot be written.
        """
        left = {other: words for other, words in self.saved.items() if other != name}
        if len(left) == len(self.saved):
            raise UserError(f"No machine was saved as '{name}'.")
        if self.chosen == name:
            self.chosen = self.saved[name]
        self._keep(left)

    def _keep(self, saved: dict[str, str]) -> None:
        self._settings.change(machines=tuple(saved.items()))
        self.changed.announce()

    @cached_property
    def catalogue(self) -> Catalogue:
        """What machines can be made of."""
        from corral.hardware.cards import read_catalogue  # lazy: seldom asked for

        return read_catalogue()


def _checked(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise UserError(f"The name of a machine has 1 to {_LONGEST_NAME} printable characters.")
    return name
