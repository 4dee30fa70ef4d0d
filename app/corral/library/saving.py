"""A conversation becomes a model that answers with its history.

Source: Ollama's ``/save``.
"""

from collections.abc import Iterable, Mapping

from corral.library.building import Recipe, store_model
from corral.library.creating import merged, taken_over
from corral.library.model import StoredModel
from corral.library.moving import stored_name
from corral.library.names import Name, parse_name
from corral.library.naming import origin
from corral.library.store import Store
from corral.library.trash import Trash
from corral.modelfile.catalogue import ParameterValue
from corral.modelfile.document import (
    Command,
    Document,
    message_commands,
    parameter_commands,
)
from corral.prompt.message import Message


class Saving:
    """Saves conversations into one store.

    Args:
        store: The store.
        trash: Its trash.
    """

    def __init__(self, store: Store, trash: Trash) -> None:
        self._store = store
        self._trash = trash

    def run(
        self,
        name: str,
        base: StoredModel,
        system: str | None,
        parameters: Mapping[str, ParameterValue],
        messages: Iterable[Message],
    ) -> Name:
        """Save a conversation; see `Library.save_conversation`."""
        target = parse_name(name)
        with self._store.exclusive():
            found = stored_name(self._store, base.name)
            target = self._store.find(target) or target
            manifest = self._store.read_manifest(found).manifest
            source = _origin(base)
            layers, config = taken_over(self._store, manifest, source, target)
            recipe = Recipe(
                layers=layers,
                config=config,
                system=system,
                parameters=merged(self._store, layers, parameters),
                messages=(*base.messages, *messages),
            )
            store_model(self._store, self._trash, target, recipe)
        return target


def saved_document(
    base: StoredModel,
    system: str | None,
    parameters: Mapping[str, ParameterValue],
    messages: Iterable[Message],
) -> Document:
    """Return the Modelfile of a conversation with a model that another program keeps."""
    commands = [Command(name="model", args=base.name), *parameter_commands(parameters)]
    if system is not None:
        commands.append(Command(name="system", args=system))
    commands += message_commands([*base.messages, *messages])
    return Document(commands=tuple(commands))


def _origin(base: StoredModel) -> Name:
    """Return where the layers are said to come from.

    What they hold is the base model's in any case: Ollama takes the parent's, and so loses the
    system text, template and parameters that the conversation was held with.
    """
    return parse_name(origin(base.name, base.parent_name))
