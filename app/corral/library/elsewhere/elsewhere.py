"""All models that other programs keep on this computer."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from corral.gguf.cache import HeaderCache
from corral.library.model import Home, HomeKind, StoredModel
from corral.library.names import Name

if TYPE_CHECKING:
    from corral.library.elsewhere.facts import FactsMemory
    from corral.library.elsewhere.ollama import OllamaStore
    from corral.library.elsewhere.walking import FoundFile

    _Listed: TypeAlias = tuple[Name, StoredModel, Sequence[FoundFile]]

logger = logging.getLogger(__name__)
# Linux gives a user 8,192 watches or more for all programs together.
MOST_WATCHED = 1000


class Elsewhere:
    """Finds the models of other programs anew at each question; nothing there is ever written.

    Args:
        find_homes: Tells the folders to look into.
        headers: Where the headers of GGUF files are read from.
        memory_file: Where is kept what the files said.
        own_root: Corral's own store, which is left out.

    Attributes:
        digests_file: Where digests of files are kept that had to be read for them.

    Thread: any.
    """

    def __init__(
        self,
        find_homes: Callable[[], Sequence[Home]],
        headers: HeaderCache,
        memory_file: Path,
        own_root: Path,
    ) -> None:
        self._find_homes = find_homes
        self._headers = headers
        self._memory_file = memory_file
        self._memory: FactsMemory | None = None
        self.digests_file = memory_file.with_name("digests.json")
        self._own_root = own_root.resolve()
        self._ollama: dict[Path, OllamaStore] = {}
        self._lock = threading.Lock()

    def homes(self) -> tuple[Home, ...]:
        """Return the folders that are looked into."""
        homes = (replace(home, folder=home.folder.resolve()) for home in self._find_homes())
        return tuple(home for home in homes if home.folder != self._own_root)

    def watched_folders(self) -> tuple[Path, ...]:
        """Return the folders in which a change means that models came or went.

        There may be fewer than there are: systems watch a bounded number.
        """
        from corral.library.elsewhere.watching import folders_below  # lazy: only windows watch

        folders = chain.from_iterable(
            folders_below(home, skipped=self._own_root) for home in self.homes()
        )
        return tuple(islice(dict.fromkeys(folders), MOST_WATCHED))

    def list_so_far(
        self, patience_s: float, taken: Iterable[str] = ()
    ) -> tuple[list[StoredModel], bool]:
        """Return the models, without those whose files are new and take too long to read.

        Broken, half and unsupported ones say so as their `problem`.

        Args:
            patience_s: How long files are read; at least one is.
            taken: Keys of names that are not free for them.

        Returns:
            The models, and whether they are all.
        """
        homes = self.homes()
        if not homes:
            return [], True
        from corral.library.elsewhere.names import free_name  # lazy: not everyone has such

        names, seen, found, is_whole = set(taken), _Seen(), list[StoredModel](), True
        with self._lock:
            self._begin(patience_s)
            for each in chain.from_iterable(map(self._models, homes)):
                if each is None:
                    is_whole = False
                elif not seen.is_again(each[2]):
                    name = free_name(each[0], names)
                    names.add(name.key)
                    found.append(replace(each[1], name=name.short))
            if self._memory:
                self._memory.keep()
        return found, is_whole

    def _begin(self, patience_s: float) -> None:
        from corral.library.elsewhere.facts import FactsMemory  # lazy: not everyone has such

        self._memory = self._memory or FactsMemory(self._memory_file, self._headers)
        self._memory.begin(patience_s)

    def _models(self, home: Home) -> Iterator["_Listed | None"]:
        try:
            if home.kind is HomeKind.OLLAMA:
                yield from ((name, model, ()) for name, model in self._ollama_store(home).models())
            else:
                yield from self._models_in(home)
        except OSError as error:  # not readable, or its drive was taken away
            logger.info("%s cannot be read: %s", home.folder, error)

    def _models_in(self, home: Home) -> Iterator["_Listed | None"]:
        from corral.library.elsewhere.files import models_in  # lazy: not everyone has such

        assert self._memory is not None  # `_begin` was called
        yield from models_in(home, self._memory, self._own_root)

    def _ollama_store(self, home: Home) -> "OllamaStore":
        from corral.library.elsewhere.ollama import OllamaStore  # lazy: not everyone has such

        store = self._ollama.get(home.folder)
        if store is None:
            store = self._ollama[home.folder] = OllamaStore(home, self._headers)
        return store


class _Seen:
    """The files that were listed: one that is reached again, through a link, is passed over."""

    def __init__(self) -> None:
        self._paths: set[Path] = set()
        self._links: dict[tuple[int, int, int, int], bool] = {}

    def is_again(self, files: Sequence["FoundFile"]) -> bool:
        """Whether a model of these files was listed before; hard links are files of their own."""
        if not files:
            return False
        first = files[0]
        was_link = self._links.get(first.identity) if first.inode else None
        if first.path in self._paths or (was_link is not None and (was_link or first.is_link)):
            return True
        self._paths.add(first.path)
        if first.inode:
            self._links[first.identity] = first.is_link
        return False
