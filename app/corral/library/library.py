"""The models on this computer: the one door to them for everyone else."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.gguf.header import Header
from corral.jobs import Ticket
from corral.library import naming
from corral.library.model import HomeKind, StoredModel
from corral.library.moving import copy_model, name_taken, rename_model, stored_name, wanted_name
from corral.library.names import Name, parse_name
from corral.library.shelf import Shelf
from corral.library.sweeping import prune, sweep
from corral.library.taking import ImportHow
from corral.library.trash import KEPT_S, TrashEntry
from corral.modelfile.catalogue import ParameterValue
from corral.modelfile.document import Command, Document
from corral.prompt.message import Message

if TYPE_CHECKING:
    from corral.library.exchange import Exchange
    from corral.library.pieces import Way
    from corral.library.receiving import Receiving


class Library(Shelf):
    """The models, and every way to make, change and lose one; those of others are only read.

    Everything that changes the store is safe against a crash at any point and against other
    processes.

    Thread: any; a listener is called in the thread of the change.
    """

    def tidy(self) -> None:
        """Drop what was removed a week ago, and what crashes left; call it once at the start.

        Raises:
            ExternalError: If the disk fails.
        """
        self.empty_trash(before=time.time() - KEPT_S)
        sweep(self._store, self._links)

    # Making

    def default_import_name(self, path: Path, header: Header) -> str:
        """Return what a file would be called: "smollm2-135m-instruct:q4_1"."""
        return naming.default_name(path, header.quantization).short

    def receiving(self) -> "Receiving":
        """Return the door for files that come over the network."""
        from corral.library.receiving import Receiving  # lazy: listing needs nothing that makes

        return Receiving(self._store, self._links, self._trash, self._announce)

    def import_file(
        self,
        path: Path,
        name: str | None = None,
        how: ImportHow = ImportHow.AUTO,
        ticket: Ticket | None = None,
        ask_link: Callable[[], bool] | None = None,
    ) -> StoredModel:
        """Make a model of a GGUF file.

        The same content shares its blob, and under a name that it has already nothing is done. The
        files of split weights are joined, and a projector that lies beside them comes with them.

        Args:
            path: The file; of split weights any of them.
            name: Name of the model; None makes one of the file's, numbered if it is taken.
            how: How the content comes into the store.
            ticket: For progress and cancel; a cancelled import leaves nothing behind.
            ask_link: Asked, in this thread, whether a hard link will do; None means no.

        Raises:
            UserError: For a wrong name, one that another model has, or a link that cannot be.
            ExternalError: If the file is no sound model or the disk is full or fails.
            Cancelled: If the ticket was cancelled.
        """
        from corral.library.importing import Importing  # lazy: listing needs nothing that makes
        from corral.library.pieces import Way  # lazy: as above

        importing = Importing(self._store, self._links, self._trash)
        way = Way(how=how, ticket=ticket or Ticket(), ask_link=ask_link)
        final = importing.run(path, name, way)
        return self._announced(final)

    def create(
        self,
        name: str,
        document: Document,
        base_dir: Path | None = None,
        ticket: Ticket | None = None,
    ) -> StoredModel:
        """Make a model of a Modelfile; one of the same name is replaced and kept in the trash.

        An empty SYSTEM or TEMPLATE removes the base model's.

        Args:
            name: Name of the model.
            document: The Modelfile.
            base_dir: Folder that its paths start from; None when it may not name files, as one
                from a stranger.
            ticket: For progress and cancel.

        Raises:
            UserError: If the Modelfile asks for what is not there; it tells the place.
            ExternalError: If a file is no sound model or the disk is full or fails.
            Cancelled: If the ticket was cancelled.
        """
        self._beside.refuse_change(name)
        from corral.library.pieces import Way  # lazy: listing needs nothing that makes

        way = Way(how=ImportHow.COPY, ticket=ticket or Ticket())
        return self._created(name, document, base_dir, way)

    def take_in(
        self,
        name: str,
        new_name: str | None = None,
        how: ImportHow = ImportHow.AUTO,
        ticket: Ticket | None = None,
        ask_link: Callable[[], bool] | None = None,
    ) -> StoredModel:
        """Make a model of another program one of the own store: "Make it mine".

        What belongs to it comes with it: projectors, adapters, template, system text, parameters,
        messages and licences. The files of split weights are joined. The other program keeps its
        own.

        Args:
            name: Name of the model as it is listed.
            new_name: What it is to be called here; None keeps the name.
            how: How the content comes into the store.
            ticket: For progress and cancel; a cancelled one leaves nothing behind.
            ask_link: Asked, in this thread, whether a hard link will do; None means no.

        Raises:
            UserError: If there is no such model, it is the own store's already, another has the
                name, or a link cannot be.
            ExternalError: If the model is broken, or the disk is full or fails.
            Cancelled: If the ticket was cancelled.
        """
        model = self.get(name)
        target = parse_name(new_name or model.name)
        if model.home.is_own:
            raise UserError(f"'{model.name}' is in your library already.")
        if taken := self._store.find(target):
            raise name_taken(taken)
        if how is ImportHow.LINK and model.shards:
            raise UserError(
                f"The {len(model.shards)} files of '{model.name}' are joined to one, which no link "
                "can do.",
                hint="Take it in without asking for a link.",
            )
        from corral.library.elsewhere.adopting import Adopting  # lazy: listing makes nothing
        from corral.library.pieces import Way  # lazy: as above

        way = Way(how=how, ticket=ticket or Ticket(), ask_link=ask_link)
        if model.home.kind is HomeKind.OLLAMA:
            return self._announced(Adopting(self._store, self._links).run(model, target, way))
        document = Document(commands=(Command(name="model", args=model.name),))
        return self._created(target.short, document, None, way)

    def _created(
        self, name: str, document: Document, base_dir: Path | None, way: "Way | None" = None
    ) -> StoredModel:
        from corral.library.creating import Creating  # lazy: listing needs nothing that makes
        from corral.library.pieces import Way  # lazy: as above

        creating = Creating(self._store, self._links, self._trash, self.get)
        way = way or Way(how=ImportHow.COPY, ticket=Ticket())
        return self._announced(creating.run(name, document, base_dir, way))

    def save_conversation(
        self,
        name: str,
        base: StoredModel,
        system: str | None,
        parameters: Mapping[str, ParameterValue],
        messages: Iterable[Message],
    ) -> StoredModel:
        """Make a model that goes on from a conversation.

        Args:
            name: Name of the new model.
            base: The model that answered.
            system: System text of the conversation; None keeps the model's own, "" removes it.
            parameters: Those that the conversation set.
            messages: The conversation's; they come after the model's own.

        Raises:
            UserError: If the name is wrong or the base is gone.
            ExternalError: If the base is damaged or the disk fails.
        """
        from corral.library.saving import Saving, saved_document  # lazy: listing makes nothing

        self._beside.refuse_change(name)
        if not base.home.is_own:
            document = saved_document(base, system, parameters, messages)
            return self._created(name, document, None)
        saving = Saving(self._store, self._trash)
        return self._announced(saving.run(name, base, system, parameters, messages))

    def exchange(self) -> "Exchange":
        """Return the store for the hub, through which models come and go."""
        from corral.library.exchange import Exchange  # lazy: listing pulls nothing

        return Exchange(self._store, self._links, self._announce)

    # Names

    def copy(self, source: str, target: str) -> StoredModel:
        """Give a model a second name; the blobs are shared. One of another program is taken in.

        Raises:
            UserError: If there is no such model, or another has the name.
            ExternalError: If the disk fails.
        """
        if self._store.find(wanted_name(source)) is None:
            return self.take_in(source, target)
        return self._announced(copy_model(self._store, source, target))

    def rename(self, source: str, target: str) -> StoredModel:
        """Give a model another name.

        Raises:
            UserError: If there is no such model, or another has the name.
            ExternalError: If the disk fails.
        """
        self._beside.refuse_change(source)
        return self._announced(rename_model(self._store, source, target))

    # Trash

    def remove(self, name: str) -> TrashEntry:
        """Move a model to the trash, where it and its blobs stay for seven days.

        Raises:
            UserError: If there is no such model.
            ExternalError: If the disk fails.
        """
        self._beside.refuse_change(name)
        with self._store.exclusive():
            entry = self._trash.put(stored_name(self._store, name))
        self._announce()
        return entry

    def restore(self, removed: TrashEntry | str) -> StoredModel:
        """Bring a removed model back, the latest of that name.

        Raises:
            UserError: If it is not in the trash, or another model has its name now.
            ExternalError: If the disk fails.
        """
        entry = self._trash.find(removed) if isinstance(removed, str) else removed
        with self._store.exclusive():
            name = self._trash.take_back(entry)
        return self._announced(name)

    def trash(self) -> tuple[TrashEntry, ...]:
        """Return the removed models, the latest first."""
        return tuple(self._trash.entries())

    def empty_trash(self, before: float) -> int:
        """Delete for good what was removed before a moment, in seconds since the epoch.

        Returns:
            How many bytes were freed.

        Raises:
            ExternalError: If the disk fails.
        """
        if not any(entry.removed_at < before for entry in self._trash.entries()):
            return 0
        with self._store.exclusive():
            return prune(self._store, self._links, self._trash.purge(before))

    def _announced(self, name: Name) -> StoredModel:
        self._announce()
        return self._reader.read(name)
