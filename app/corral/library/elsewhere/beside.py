"""Found models beside the own ones: the same kind of names, and never changed."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.foreign import safe_line
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.model import Home, StoredModel
from corral.library.moving import not_found, wanted_name
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.uses import Uses

if TYPE_CHECKING:
    from corral.library.elsewhere.digests import Digests


class Beside:
    """The models of other programs as the library shows them.

    Args:
        store: The own store; its names are not free for others.
        uses: When models were used.
        elsewhere: Finds the models; None when only the own ones count.

    Thread: any.
    """

    def __init__(self, store: Store, uses: Uses, elsewhere: Elsewhere | None) -> None:
        self._store = store
        self._uses = uses
        self._elsewhere = elsewhere

    def list_so_far(self, patience_s: float = inf) -> tuple[Sequence[StoredModel], bool]:
        """Return them, and whether they are all; see `Library.list_so_far`."""
        if self._elsewhere is None:
            return (), True
        taken = [name.key for name in self._store.list_names()]
        models, is_whole = self._elsewhere.list_so_far(patience_s, taken)
        used = ((model, self._uses.last(parse_name(model.name))) for model in models)
        return [replace(model, last_used_at=at) if at else model for model, at in used], is_whole

    def find(self, name: str) -> StoredModel:
        """Return the one of that name; it may be broken.

        Raises:
            UserError: If there is none; the hint names those that are like it, own ones too.
        """
        found = {parse_name(model.name): model for model in self.list_so_far()[0]}
        key = wanted_name(name).key
        for each, model in found.items():
            if each.key == key:
                return model
        raise not_found(name, [*self._store.list_names(), *found])

    def refuse_change(self, name: str) -> None:
        """Refuse to change a model of another program; names of own ones and free ones pass.

        Raises:
            UserError: If the name is that of a found model.
        """
        wanted = wanted_name(name)
        if self._store.find(wanted):
            return
        for model in self.list_so_far()[0]:
            if parse_name(model.name).key == wanted.key:
                raise UserError(
                    f"'{model.name}' belongs to {safe_line(model.home.label)}; Corral does not "
                    "change it.",
                    hint=f"Make it yours first: corral import {model.name}",
                )

    def homes(self) -> tuple[Home, ...]:
        """Return the folders that are looked into."""
        return self._elsewhere.homes() if self._elsewhere else ()

    def watched_folders(self) -> tuple[Path, ...]:
        """Return the folders in which a change means that models came or went."""
        return self._elsewhere.watched_folders() if self._elsewhere else ()

    def digests(self) -> "Digests | None":
        """Return the digests of files, None when nothing is looked for elsewhere."""
        from corral.library.elsewhere.digests import Digests  # lazy: few ask

        return Digests(self._elsewhere.digests_file) if self._elsewhere else None
