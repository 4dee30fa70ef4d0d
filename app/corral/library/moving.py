"""Names of stored models: found, copied and changed."""

from collections.abc import Iterable

from corral.errors import UserError
from corral.foreign import safe_line
from corral.library.disk import move_durably
from corral.library.names import Name, parse_name
from corral.library.naming import closest
from corral.library.reference import RunsOn, parse_reference
from corral.library.store import Store
from corral.library.trash import remove_empty_folders
from corral.library.uses import Uses


def stored_name(store: Store, text: str) -> Name:
    """Return the name under which a model is stored.

    Raises:
        UserError: If there is none; the hint names those that were probably meant.
    """
    found = store.find(wanted_name(text))
    if found:
        return found
    raise not_found(text, store.list_names())


def wanted_name(text: str) -> Name:
    """Return the whole name that is meant by what people write.

    Raises:
        UserError: If it is no name.
    """
    return parse_name(parse_reference(text).stored_as)


def not_found(text: str, names: Iterable[Name]) -> UserError:
    """Return the error for a name that no model has.

    Args:
        text: What was asked for.
        names: All that there are; the hint names those that were probably meant.
    """
    if parse_reference(text).runs_on is RunsOn.CLOUD:
        return UserError(
            f"model '{safe_line(text)}' runs on Ollama's servers",
            hint="Corral runs models on this computer only: name one without 'cloud'.",
        )
    likely = closest(wanted_name(text), names)
    hint = "Did you mean " + " or ".join(f"'{name}'" for name in likely) + "?" if likely else ""
    return UserError(f"model '{safe_line(text)}' not found", hint=hint)


def name_taken(found: Name) -> UserError:
    """Return the error for a name that another model has."""
    return UserError(
        f"There is another model '{found.short}'.",
        hint="Choose another name, or remove or rename that model first.",
    )


def copy_model(store: Store, source: str, target: str) -> Name:
    """Give a model a second name; see `Library.copy`."""
    new_name = parse_name(target)
    with store.exclusive():
        old_name = stored_name(store, source)
        if found := _same_model(store, new_name, old_name):
            return found
        data = store.manifest_path(old_name).read_bytes()
        store.write_file(store.manifest_path(new_name), data)
    return new_name


def rename_model(store: Store, source: str, target: str) -> Name:
    """Give a model another name; see `Library.rename`."""
    new_name = parse_name(target)
    with store.exclusive():
        old_name = stored_name(store, source)
        _same_model(store, new_name, old_name)  # only its case may change
        old_path, new_path = store.manifest_path(old_name), store.manifest_path(new_name)
        new_path.parent.mkdir(parents=True, exist_ok=True)
        move_durably(old_path, new_path)
        remove_empty_folders(old_path.parent, store.manifests)
        Uses(store).rename(old_name, new_name)
    return new_name


def _same_model(store: Store, name: Name, by: Name) -> Name | None:
    """Return the stored name if `name` is that of the model `by` already; refuse another's."""
    found = store.find(name)
    if found and found != by:
        raise name_taken(found)
    return found
