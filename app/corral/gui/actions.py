"""The one table of actions: menus, shortcuts and the help sheet read it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
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
        choice: The submenu it stands in, whose entries exclude each other; "" for none.
    """

    name: str
    menu: str
    text: str
    shortcut: str = ""
    starts_group: bool = False
    choice: str = ""


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
            action.setCheckable(bool(spec.choice))
            action.triggered.connect(handlers[spec.name])
            self._by_name[spec.name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def keys(self) -> list[tuple[str, str]]:
        """Return the words and the keys of the actions that have one, as people read them."""
        native = QKeySequence.SequenceFormat.NativeText
        actions = self._by_name.values()
        return [(a.text(), a.shortcut().toString(native)) for a in actions if a.shortcut().count()]

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        menus: dict[str, QMenu] = {}
        choices: dict[str, QActionGroup] = {}
        for spec in self.specs:
            action = self._by_name[spec.name]
            menu = menus.get(spec.menu)
            if menu is None:
                menu = menus[spec.menu] = bar.addMenu(spec.menu)
            elif spec.starts_group:
                menu.addSeparator()
            if spec.choice and spec.choice not in choices:
                menus[spec.choice] = menu.addMenu(spec.choice)
                choices[spec.choice] = QActionGroup(self)
            if spec.choice:
                choices[spec.choice].addAction(action)
            menus[spec.choice or spec.menu].addAction(action)

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
            ("what_if", model, self.tr("What if…"), "Ctrl+Shift+I", False),
            ("show_workers", model, self.tr("RPC workers…"), "", False),
            ("best_ways", model, self.tr("Best ways to load…"), "", False),
            ("show_ledger", model, self.tr("Planned and measured…"), "", False),
            ("show_models", model, self.tr("All models"), "Ctrl+Shift+L", True),
            ("find_models", model, self.tr("Find models…"), "Ctrl+Shift+G", False),
            ("show_transfers", model, self.tr("Downloads"), "Ctrl+Shift+J", False),
            ("upload_model", model, self.tr("Upload to Hugging Face…"), "", False),
            ("model_folders", model, self.tr("Folders with models…"), "", False),
            ("show_duplicates", model, self.tr("Duplicates"), "", False),
            ("check_models", model, self.tr("Check the models…"), "", False),
            ("restore_models", model, self.tr("Restore from the trash…"), "", False),
            ("new_modelfile", model, self.tr("New Modelfile"), "", True),
            ("open_modelfile", model, self.tr("Show Modelfile"), "", False),
            ("create_model", model, self.tr("Create model"), "Ctrl+Return", False),
            ("next_problem", model, self.tr("Next problem"), "F8", False),
            ("suggest", model, self.tr("What can be written here"), "Ctrl+Space", False),
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
            ("toggle_library", view, self.tr("Show or hide the library"), "Ctrl+B", True),
            ("toggle_hardware", view, self.tr("Show or hide the hardware"), "Ctrl+J", False),
            ("show_picture", view, self.tr("Map of layers and contexts"), "Ctrl+Shift+B", False),
            ("show_keys", about, self.tr("Keys"), "F1", False),
            ("about", about, self.tr("About Corral"), "", False),
        )
        return tuple(
            ActionSpec(name=name, menu=menu, text=text, shortcut=key, starts_group=group)
            for name, menu, text, key, group in rows
        ) + self._choices(view)

    def _choices(self, menu: str) -> tuple[ActionSpec, ...]:
        colours, language = self.tr("Colours"), self.tr("Language")
        rows = (
            ("theme_system", colours, self.tr("As the system is"), True),
            ("theme_light", colours, self.tr("Light"), False),
            ("theme_dark", colours, self.tr("Dark"), False),
            ("language_system", language, self.tr("As the system is"), False),
            ("language_en", language, "English", False),
            ("language_zh_TW", language, "繁體中文", False),
            ("language_zh_CN", language, "简体中文", False),
        )
        return tuple(
            ActionSpec(name=name, menu=menu, choice=choice, text=text, starts_group=group)
            for name, choice, text, group in rows
        )
