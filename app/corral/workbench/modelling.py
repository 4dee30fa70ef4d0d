"""The models: listing them, and every way to make, change and lose one."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corral.jobs import Job, Jobs, JobState, Ticket
from corral.workbench.announcer import Announcer
from corral.workbench.starter import is_starter_due, register_starter

if TYPE_CHECKING:  # the library is opened by what needs it first
    from corral.library.disk_use import DiskUse
    from corral.library.elsewhere.duplicates import Duplicate
    from corral.library.faults import CheckReport
    from corral.library.library import Library
    from corral.library.model import Home, StoredModel
    from corral.library.taking import ImportHow
    from corral.library.trash import TrashEntry
    from corral.modelfile.catalogue import ParameterValue
    from corral.places import Places
    from corral.prompt.message import Message

T = TypeVar("T")
# How long a list may wait for files of other programs to be read for the first time.
PATIENCE_S = 0.5


def open_library(places: Places) -> Library:
    """Return the library alone: all that listing, importing and copying models needs."""
    library = open_untouched_library(places)
    library.tidy()
    return library


def open_untouched_library(places: Places) -> Library:
    """Return the library without what crashes left being removed, as a check wants to see it."""
    # lazy: with a window open it comes a moment later
    from corral.gguf.cache import HeaderCache
    from corral.library.elsewhere.elsewhere import Elsewhere
    from corral.library.library import Library
    from corral.library.store import Store

    places.make()
    headers = HeaderCache(places.headers)
    elsewhere = Elsewhere(
        lambda: homes_of(places), headers, places.elsewhere_file, own_root=places.models
    )
    return Library(Store(places.models), headers, elsewhere)


def homes_of(places: Places) -> tuple[Home, ...]:
    """Return the folders of other programs, and those that the settings name at this moment."""
    # lazy: with a window open they come a moment later
    from corral.library.elsewhere.homes import find_homes
    from corral.settings import SettingsFile

    folders = SettingsFile(places.settings_file).current.model_folders
    return find_homes(os.environ, Path.home(), map(Path, folders))


def open_library_with_starter(places: Places) -> Library:
    """Return the library; at the first start it has the starter model."""
    library = open_library(places)
    register_starter(library, places.models)
    return library


class Modelling:
    """The library for the event loop: short work in a thread, long work as a job.

    Attributes:
        changed: Told after every change of the library.

    Thread: the event loop's.
    """

    def __init__(self, open_library: Callable[[], Library], jobs: Jobs) -> None:
        """Open nothing yet.

        Args:
            open_library: Opens the library; called once, in the thread that needs it first.
            jobs: Where long work runs.
        """
        self._open_library = open_library
        self._opened: Library | None = None
        self._opening = threading.Lock()
        self._jobs = jobs
        self.changed = Announcer()

    @property
    def library(self) -> Library:
        """The library itself, for the threads of other services; it may have to be opened.

        Thread: any but the event loop's.
        """
        with self._opening:
            if self._opened is None:
                self._opened = self._open_library()
            return self._opened

    async def list(self) -> tuple[StoredModel, ...]:
        """Return all models, newest first; broken ones say what is wrong with them.

        Where other programs have many that were never seen, the rest is announced as a change.
        """
        models, is_whole = await asyncio.to_thread(lambda: self.library.list_so_far(PATIENCE_S))
        if not is_whole:
            asyncio.get_running_loop().call_soon(self.changed.announce)
        return models

    async def get(self, name: str) -> StoredModel:
        """Return one model.

        Raises:
            UserError: If there is none of that name.
        """
        return await asyncio.to_thread(lambda: self.library.get(name))

    async def verify(self, model: StoredModel) -> None:
        """Check that a linked file is still the one that was imported.

        Raises:
            ExternalError: If it changed or is gone.
        """
        await asyncio.to_thread(lambda: self.library.verify_link(model))

    async def touch(self, name: str) -> None:
        """Note that a model is used now."""
        await self._change(lambda: self.library.touch(name))

    def import_file(
        self,
        path: Path,
        name: str | None = None,
        how: ImportHow | None = None,
        ask_link: Callable[[], bool] | None = None,
    ) -> Job[StoredModel]:
        """Bring a GGUF file into the library.

        Args:
            path: The file.
            name: Name to give it; None makes one from the file's.
            how: Link or copy; None is what is best here.
            ask_link: Called in the job's thread when a hard link would save a copy.
        """

        def work(ticket: Ticket) -> StoredModel:
            from corral.library.taking import ImportHow  # lazy: comes with the first import

            return self.library.import_file(path, name, how or ImportHow.AUTO, ticket, ask_link)

        return self._start(f"Importing {path.name}", work)

    def take_in(
        self,
        name: str,
        new_name: str | None = None,
        how: ImportHow | None = None,
        ask_link: Callable[[], bool] | None = None,
    ) -> Job[StoredModel]:
        """Make a model of another program one's own.

        Args:
            name: Name of the model.
            new_name: What it is to be called; None keeps the name.
            how: Link or copy; None is what is best here.
            ask_link: Called in the job's thread when a hard link would save a copy.
        """

        def work(ticket: Ticket) -> StoredModel:
            from corral.library.taking import ImportHow  # lazy: comes with the first import

            return self.library.take_in(name, new_name, how or ImportHow.AUTO, ticket, ask_link)

        return self._start(f"Importing {name}", work)

    async def duplicates(self) -> tuple[Duplicate, ...]:
        """Return what lies in several places, as far as the digests are known."""
        # The library is opened there, in the thread.
        return await asyncio.to_thread(lambda: self.library.duplicates())  # noqa: PLW0108

    def hash_suspects(self) -> Job[int]:
        """Take the digests that `duplicates` lacks; the result is how many files were read."""

        def work(ticket: Ticket) -> int:
            return self.library.hash_suspects(ticket)

        job = self._jobs.start("Comparing files", work)
        self._announce_at_end(job)
        return job

    async def homes(self) -> tuple[Home, ...]:
        """Return the folders of other programs and of the user's that are looked into."""
        # The library is opened there, in the thread.
        return await asyncio.to_thread(lambda: self.library.homes())  # noqa: PLW0108

    async def watched_folders(self) -> tuple[Path, ...]:
        """Return the folders where a change means that models came or went."""
        # The library is opened there, in the thread.
        return await asyncio.to_thread(lambda: self.library.watched_folders())  # noqa: PLW0108

    async def register_starter(self, models: Path) -> bool:
        """Register the starter model if this is the first start.

        Returns:
            Whether it was registered now.
        """
        if not is_starter_due(models):
            return False
        job = self._jobs.start(
            "Registering the starter model",
            lambda ticket: register_starter(self.library, models, ticket),
        )
        self._announce_at_end(job)
        return await job.result()

    def create(self, name: str, text: str, base_dir: Path | None = None) -> Job[StoredModel]:
        """Make a model from the text of a Modelfile.

        Args:
            name: Name of the new model; one of that name is replaced.
            text: The Modelfile.
            base_dir: Folder that relative paths start from; None allows no paths.
        """
        from corral.modelfile.parser import parse  # lazy: comes with the first Modelfile

        def work(ticket: Ticket) -> StoredModel:
            return self.library.create(name, parse(text), base_dir, ticket)

        return self._start(f"Creating {name}", work)

    def save_conversation(
        self,
        name: str,
        base: StoredModel,
        *,
        system: str | None,
        parameters: Mapping[str, ParameterValue],
        messages: tuple[Message, ...],
    ) -> Job[StoredModel]:
        """Make a model that carries on a conversation, as Ollama's ``/save`` does."""

        def work(ticket: Ticket) -> StoredModel:
            ticket.raise_if_cancelled()
            return self.library.save_conversation(
                name, base, system=system, parameters=parameters, messages=messages
            )

        return self._start(f"Saving {name}", work)

    async def disk_use(self) -> DiskUse:
        """Measure what the models take on the drive, each and together."""
        return await asyncio.to_thread(lambda: self.library.upkeep.disk_use())  # noqa: PLW0108 (opened there)

    def check(self, *, mend: bool = False, fast: bool = False) -> Job[CheckReport]:
        """Check the whole store.

        Args:
            mend: Mend what can be mended.
            fast: Compare sizes only, not digests.
        """

        def work(ticket: Ticket) -> CheckReport:
            return self.library.upkeep.check(ticket, mend=mend, fast=fast)

        job = self._jobs.start("Checking the models", work)
        self._announce_at_end(job)
        return job

    async def modelfile(self, name: str) -> str:
        """Return the Modelfile that would make a model again."""
        return await asyncio.to_thread(lambda: self.library.modelfile(name))

    async def copy(self, source: str, target: str) -> StoredModel:
        """Give a model a second name."""
        return await self._change(lambda: self.library.copy(source, target))

    async def rename(self, source: str, target: str) -> StoredModel:
        """Give a model another name."""
        return await self._change(lambda: self.library.rename(source, target))

    async def remove(self, name: str) -> TrashEntry:
        """Move a model to the trash."""
        return await self._change(lambda: self.library.remove(name))

    async def restore(self, removed: TrashEntry | str) -> StoredModel:
        """Bring back a removed model, or the one of that name that was removed last."""
        return await self._change(lambda: self.library.restore(removed))

    async def trash(self) -> tuple[TrashEntry, ...]:
        """Return the removed models, the latest first."""
        return await asyncio.to_thread(lambda: self.library.trash())  # noqa: PLW0108 (opened there)

    def offer(self, models: Path, model: StoredModel) -> tuple[Path, ...]:
        """Give a model's files names for another program; quick enough for a mouse handler.

        Args:
            models: The folder of the models.
            model: The model.
        """
        from corral.library.outgoing import offer, outgoing_folder  # lazy: for drags only

        return offer(outgoing_folder(models), model)

    def export(self, model: StoredModel, target: Path) -> Job[tuple[Path, ...]]:
        """Write a model as a file, or as several where it has several."""

        def work(ticket: Ticket) -> tuple[Path, ...]:
            from corral.library.outgoing import export  # lazy: for exports only

            return export(model, target, ticket)

        return self._jobs.start(f"Saving {target.name}", work)

    def _start(self, title: str, work: Callable[[Ticket], StoredModel]) -> Job[StoredModel]:
        job = self._jobs.start(title, work)
        self._announce_at_end(job)
        return job

    def _announce_at_end(self, job: Job[T]) -> None:
        def on_change() -> None:
            if job.state is not JobState.RUNNING:  # its progress changes nothing here
                self.changed.announce()

        job.subscribe(on_change)

    async def _change(self, work: Callable[[], T]) -> T:
        value = await asyncio.to_thread(work)
        self.changed.announce()
        return value
