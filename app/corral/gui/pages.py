"""Tabs that are neither chats nor Modelfiles; each kind is loaded when it is first opened."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from corral.gui.window_state import TabState


class Page(QWidget):
    """One such tab.

    Args:
        kind: What kind of page it is; it stands in `window.json`.
        key: What it shows of that kind; "" where there is only one.
        title: Title of its tab.

    Signals:
        title_changed: It has another title; carries it.
    """

    title_changed = Signal(str)

    def __init__(self, kind: str, key: str, title: str) -> None:
        super().__init__()
        self.kind = kind
        self.key = key
        self.title = title

    @property
    def planned_model(self) -> str:
        """Name of the model whose plan stands beside the page at the start, "" for none."""
        return ""

    def tab_state(self) -> TabState:
        """Return what opens the same page again."""
        return TabState(kind=self.kind, key=self.key)

    async def close_panel(self) -> None:
        """End what runs in it."""
