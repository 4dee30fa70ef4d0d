"""The models on this computer, to be read: the store's own, and those of other programs."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.gguf.cache import HeaderCache
from corral.jobs import Ticket
from corral.library.elsewhere.beside import Beside
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.linking import Links
from corral.library.manifest import canonical_digest
from corral.library.model import Home, StoredModel
from corral.library.moving import wanted_name
from corral.library.names import parse_name
from corral.library.reading import Reader
from corral.library.store import Store
from corral.library.trash import Trash
from corral.library.upkeep import Upkeep
from corral.library.uses import Uses

if TYPE_CHECKING:
    from corral.library.elsewhere.duplicates import Duplicate


class Shelf:
    """The models of one store, and beside it those that other programs keep.

    Attributes:
        upkeep: What the models take, and whether they are whole.

    Args:
        store: The store.
        headers: Where the headers of GGUF files are read from.
        elsewhere: Finds the models of other programs; None for only those of the store.

    Thread: any; a listener is called in the thread of the change.
    """

    def __init__(
        self, store: Store, headers: HeaderCache, elsewhere: Elsewhere | None = None
    ) -> None:
        self._store = store
        self._uses = Uses(store)
        self._beside = Beside(store, self._uses, elsewhere)
        self._reader = Reader(store, headers)
        self._links = Links(store)
        self._trash = Trash(store)
        self._listeners: list[Callable[[], None]] = []
        self.upkeep = Upkeep(store, self._links, self._trash, self._announce)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change made here; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def list(self) -> tuple[StoredModel, ...]:
        """Return all models, the newest first; what is wrong with one is its `problem`."""
        return self.list_so_far(inf)[0]

    def list_so_far(self, patience_s: float) -> tuple[tuple[StoredModel, ...], bool]:
        """Return the models, without those of others whose files take too long to read.

        Each file is read once, so that asking again gives more of them.

        Args:
            patience_s: How long files are read that were never seen before.

        Returns:
            The models, and whether they are all.
        """
        found, is_whole = self._beside.list_so_far(patience_s)
        models = [*self._reader.read_all(), *found]
        newest_first = sorted(models, key=lambda model: (-model.modified_at, model.name))
        return tuple(newest_first), is_whole

    def get(self, name: str) -> StoredModel:
        """Return one model.

        Raises:
            UserError: If there is none of this name; the hint names those that are like it.
            ExternalError: If it is damaged.
        """
        stored = self._store.find(wanted_name(name))
        model = self._reader.read(stored) if stored else self._beside.find(name)
        if model.problem:
            hint = "Remove it and import or create it again."
            if not model.home.is_own:
                hint = f"It belongs to {model.home.label}: {safe_line(str(model.weights), 1000)}"
            raise ExternalError(
                f"The model '{model.name}' cannot be used. {model.problem}", hint=hint
            )
        return model

    def homes(self) -> tuple[Home, ...]:
        """Return the folders of other programs and of the user's that are looked into."""
        return self._beside.homes()

    def watched_folders(self) -> tuple[Path, ...]:
        """Return the folders of others in which a change means that models came or went."""
        return self._beside.watched_folders()

    def modelfile(self, name: str) -> str:
        """Return a model as a Modelfile that would make it again.

        Raises:
            UserError: If there is no such model.
            ExternalError: If it is damaged.
        """
        from corral.library.showing import modelfile_text  # lazy: listing shows no Modelfile

        return modelfile_text(self.get(name))

    def verify_link(self, model: StoredModel, ticket: Ticket | None = None) -> None:
        """Make sure that linked files still are what was imported; for use before each load.

        It costs nothing unless a file looks touched: then that is read once.

        Raises:
            ExternalError: If the linked file changed.
            Cancelled: If the ticket was cancelled.
        """
        if not model.home.is_own:
            return
        for path in (model.weights, *model.adapters, *model.projectors, *model.drafts):
            self._links.verify(canonical_digest(path.name), ticket or Ticket())

    def touch(self, name: str) -> None:
        """Note that a model is used now; listeners hear of it.

        Raises:
            UserError: If it is not a model name.
        """
        self._uses.touch(parse_name(name))
        self._announce()

    def duplicates(self) -> "tuple[Duplicate, ...]":
        """Return what lies in several places, as far as the digests are known."""
        from corral.library.elsewhere.duplicates import find_duplicates  # lazy: few ask

        digests = self._beside.digests()
        return find_duplicates(self.list(), digests) if digests else ()

    def hash_suspects(self, ticket: Ticket | None = None) -> int:
        """Take the digests of files that are as large as another, for `duplicates`.

        Returns:
            How many files were read; those of known digests are not.

        Raises:
            Cancelled: If the ticket was cancelled; what was read until then is remembered.
        """
        from corral.library.elsewhere.duplicates import hash_suspects  # lazy: few ask

        digests = self._beside.digests()
        return hash_suspects(self.list(), digests, ticket or Ticket()) if digests else 0

    def _announce(self) -> None:
        for listener in [*self._listeners]:
            listener()
