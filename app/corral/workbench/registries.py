"""The registries, opened with the user's settings when they are first needed."""

from pathlib import Path

from corral.hub.network import network_of
from corral.hub.registry.keys import Key
from corral.hub.registry.registry import Registry
from corral.library.library import Library
from corral.places import Places
from corral.settings import Settings


def open_registry(
    places: Places, settings: Settings, library: Library, key_file: Path | None = None
) -> Registry:
    """Return the registries for one store; nothing connects yet.

    Args:
        places: Where Corral's own key is.
        settings: Proxy, certificates, and perhaps another key.
        library: Where models come to and go from.
        key_file: The key to sign in with, None for the one of the settings, or Corral's own.
    """
    if key_file is None and settings.registry_key:
        key_file = Path(settings.registry_key)
    key = Key(key_file.expanduser(), is_own=False) if key_file else Key(places.key_file)
    return Registry(library.exchange(), network_of(settings), key, places.uploads)
