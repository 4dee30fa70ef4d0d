"""What the window remembers between runs: layout, open tabs, scroll positions."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corral.settings import write_atomically


@dataclass(frozen=True, slots=True, kw_only=True)
class TabState:
    """One open tab.

    Attributes:
        kind: "chat", "modelfile", or the kind of a page.
        key: Conversation id, name of the model, or what a page shows.
        scroll: Message at the top and how far it is scrolled, None at the end.
        text: Unsaved text of an editor, None when there is none.
    """

    kind: str
    key: str
    scroll: tuple[str, int] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowState:
    """The window as it was closed.

    Attributes:
        geometry: Qt's saved geometry, base64.
        layout: Qt's saved state of the docks, base64.
        tabs: Open tabs in order.
        current: Index of the tab in front.
        views: How lists and tables were set, by their names.
    """

    geometry: str = ""
    layout: str = ""
    tabs: tuple[TabState, ...] = field(default=())
    current: int = 0
    views: Mapping[str, str] = field(default_factory=dict)


def read_window_state(path: Path) -> WindowState:
    """Return what was written, or the state of a first start when it cannot be read."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return WindowState(
            geometry=_read_base64(stored["geometry"]),
            layout=_read_base64(stored["layout"]),
            tabs=tuple(_read_tab(tab) for tab in stored["tabs"]),
            current=int(stored["current"]),
            views={str(key): str(view) for key, view in stored.get("views", {}).items()},
        )
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return WindowState()


def write_window_state(path: Path, state: WindowState) -> None:
    """Write the state whole."""
    write_atomically(path, json.dumps(asdict(state), indent=1))


def _read_base64(stored: str) -> str:
    b64decode(stored, validate=True)
    return stored


def _read_tab(stored: dict[str, Any]) -> TabState:
    scroll, text = stored["scroll"], stored["text"]
    return TabState(
        kind=str(stored["kind"]),
        key=str(stored["key"]),
        scroll=(str(scroll[0]), int(scroll[1])) if scroll else None,
        text=None if text is None else str(text),
    )
