"""The one table of actions: menus, shortcuts and the help sheet read it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action.

    Attributes:
        name: Identity; also the object name of the `QAction`.
        menu: Menu it stands in.
        text: Its words.
        shortcut: Its key, "" for none.
        starts_group: Whether a line stands before it in the menu.
    """

    name: str
    menu: str
    text: str
    shortcut: str = ""
    starts_group: bool = False


class Actions(QObject):
    """The actions of a window, by name."""

    def __init__(self, parent: QObject, handlers: dict[str, Callable[[], None]]) -> None:
        super().__init__(parent)
        self._by_name: dict[str, QAction] = {}
        self.specs = self._specs()
        for spec in self.specs:
            action = QAction(spec.text, self)
            action.setObjectName(spec.name)
            action.setShortcut(QKeySequence(spec.shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(handlers[spec.name])
            self._by_name[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        menus: dict[str, QMenu] = {}
        for spec in self.specs:
            menu = menus.get(spec.menu)
            if menu is None:
                menu = menus[spec.menu] = bar.addMenu(spec.menu)
            elif spec.starts_group:
                menu.addSeparator()
            menu.addAction(self._by_name[spec.name])

    def _specs(self) -> tuple[ActionSpec, ...]:
        file, model = self.tr("&File"), self.tr("&Model")
        chat, view, about = self.tr("&Chat"), self.tr("&View"), self.tr("&Help")
        rows = (
            ("new_chat", file, self.tr("New chat"), "Ctrl+N", False),
            ("open_gguf", file, self.tr("Open GGUF…"), "Ctrl+O", False),
            ("close_tab", file, self.tr("Close tab"), "Ctrl+W", True),
            ("quit", file, self.tr("Quit"), "Ctrl+Q", True),
            ("choose_model", model, self.tr("Choose model…"), "Ctrl+L", False),
            ("load", model, self.tr("Load"), "", False),
            ("unload", model, self.tr("Unload"), "", False),
            ("new_modelfile", model, self.tr("New Modelfile"), "", True),
            ("open_modelfile", model, self.tr("Show Modelfile"), "", False),
            ("create_model", model, self.tr("Create model"), "Ctrl+Return", False),
            ("next_problem", model, self.tr("Next problem"), "F8", False),
            ("save_as_model", chat, self.tr("Save conversation as model…"), "Ctrl+Shift+S", False),
            ("regenerate", chat, self.tr("Regenerate"), "Ctrl+R", True),
            ("stop", chat, self.tr("Stop"), "Esc", False),
            ("previous_variant", chat, self.tr("Previous variant"), "Alt+Left", True),
            ("next_variant", chat, self.tr("Next variant"), "Alt+Right", False),
            ("copy_reply", chat, self.tr("Copy last reply"), "Ctrl+Shift+C", False),
            ("search", view, self.tr("Search models and chats"), "Ctrl+K", False),
            ("zoom_in", view, self.tr("Larger text"), "Ctrl+=", True),
            ("zoom_out", view, self.tr("Smaller text"), "Ctrl+-", False),
            ("zoom_reset", view, self.tr("Normal text size"), "Ctrl+0", False),
            ("theme_system", view, self.tr("Colours of the system"), "", True),
            ("theme_light", view, self.tr("Light"), "", False),
            ("theme_dark", view, self.tr("Dark"), "", False),
            ("toggle_library", view, self.tr("Show or hide the library"), "Ctrl+B", True),
            ("toggle_hardware", view, self.tr("Show or hide the hardware"), "Ctrl+J", False),
            ("show_keys", about, self.tr("Keys"), "F1", False),
            ("about", about, self.tr("About Corral"), "", False),
        )
        return tuple(
            ActionSpec(name=name, menu=menu, text=text, shortcut=key, starts_group=group)
            for name, menu, text, key, group in rows
        )
