"""What can be done with rows of the library: one table for menus and keys, in dock and page."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from corral.gui.library import homes
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.rows import Selection


class RowAction(StrEnum):
    """One thing to do with what is chosen."""

    CHAT = "chat"
    OPEN_CHAT = "open_chat"
    DETAILS = "details"
    MODELFILE = "modelfile"
    COPY_NAME = "copy_name"
    RENAME = "rename"
    DUPLICATE = "duplicate"
    MAKE_MINE = "make_mine"
    EXPORT = "export"
    SHOW_FILE = "show_file"
    RESTORE = "restore"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """One line of the table.

    Attributes:
        action: What it does.
        text: Its words.
        key: Its key in the lists.
        starts_group: Whether a line stands before it in the menu.
    """

    action: RowAction
    text: str
    key: str
    starts_group: bool = False


class RowActions(QObject):
    """The actions on models and chats, for whichever list asks.

    Signals:
        chat_requested: A new chat with a model; carries its name.
        chat_opened: A chat is to be shown; carries its id.
        details_opened: A model's details are to be shown; carries its name.
        modelfile_opened: A model's Modelfile is to be shown; carries its name.
        model_rename_requested: A model is to get another name; carries its name.
        chat_rename_requested: A chat is to get another title; carries its id.
        duplicate_requested: A model is to get a second name; carries its name.
        take_in_requested: A found model is to be taken in; carries its name.
        export_requested: Models are to be written as files; carries a tuple of names.
        show_file_requested: A model's file is to be shown in its folder; carries the name.
        restore_requested: Something is to be brought back from the trash.
    """

    chat_requested = Signal(str)
    chat_opened = Signal(str)
    details_opened = Signal(str)
    modelfile_opened = Signal(str)
    model_rename_requested = Signal(str)
    chat_rename_requested = Signal(str)
    duplicate_requested = Signal(str)
    take_in_requested = Signal(str)
    export_requested = Signal(object)
    show_file_requested = Signal(str)
    restore_requested = Signal()

    def __init__(self, presenter: LibraryPresenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter

    def popup(self, selection: Selection, owner: QWidget, position: QPoint) -> None:
        """Show the menu of what is chosen.

        Args:
            selection: What is chosen.
            owner: The list.
            position: Where, on the screen.
        """
        menu = QMenu(owner)
        menu.aboutToHide.connect(menu.deleteLater)
        for spec in self._specs(selection):
            if self._can(spec.action, selection):
                if spec.starts_group and not menu.isEmpty():
                    menu.addSeparator()
                menu.addAction(self._menu_entry(spec, selection, menu))
        menu.popup(position)

    def press(self, event: QKeyEvent, selection: Selection) -> bool:
        """Do what a key means.

        Returns:
            Whether it means anything for what is chosen.
        """
        pressed = QKeySequence(event.keyCombination())
        for spec in self._specs(selection):
            if QKeySequence(spec.key) == pressed and self._can(spec.action, selection):
                self.do(spec.action, selection)
                return True
        return False

    def do(self, action: RowAction, selection: Selection) -> None:
        """Do something with what is chosen."""
        model, chat = selection.only_model, selection.only_chat
        handlers: dict[RowAction, Callable[[], object]] = {
            RowAction.CHAT: lambda: self.chat_requested.emit(model),
            RowAction.OPEN_CHAT: lambda: self.chat_opened.emit(chat),
            RowAction.DETAILS: lambda: self.details_opened.emit(model),
            RowAction.MODELFILE: lambda: self.modelfile_opened.emit(model),
            RowAction.COPY_NAME: lambda: _copy_names(selection.models),
            RowAction.RENAME: lambda: self._rename(selection),
            RowAction.DUPLICATE: lambda: self.duplicate_requested.emit(model),
            RowAction.MAKE_MINE: lambda: self.take_in_requested.emit(model),
            RowAction.EXPORT: lambda: self.export_requested.emit(selection.models),
            RowAction.SHOW_FILE: lambda: self.show_file_requested.emit(model),
            RowAction.RESTORE: self.restore_requested.emit,
            RowAction.REMOVE: lambda: self._presenter.remove(selection),
        }
        handlers[action]()

    def _rename(self, selection: Selection) -> None:
        if selection.only_model:
            self.model_rename_requested.emit(selection.only_model)
        else:
            self.chat_rename_requested.emit(selection.only_chat)

    def _menu_entry(self, spec: _Spec, selection: Selection, menu: QMenu) -> QAction:
        entry = QAction(spec.text, menu)
        entry.setObjectName(spec.action)
        entry.setShortcut(QKeySequence(spec.key))
        entry.setShortcutVisibleInContextMenu(True)
        entry.triggered.connect(lambda: self.do(spec.action, selection))
        return entry

    def _can(self, action: RowAction, selection: Selection) -> bool:
        """Whether something can be done with what is chosen."""
        models = [self._presenter.model(name) for name in selection.models]
        only = models[0] if selection.only_model else None
        is_usable = only is not None and not only.problem
        is_own = only is not None and homes.is_own(only)
        return {
            RowAction.CHAT: is_usable,
            RowAction.OPEN_CHAT: bool(selection.only_chat),
            RowAction.DETAILS: only is not None,
            RowAction.MODELFILE: is_usable,
            RowAction.COPY_NAME: bool(models),
            RowAction.RENAME: bool(selection.only_chat) or is_own,
            RowAction.DUPLICATE: is_usable,
            RowAction.MAKE_MINE: is_usable and not is_own,
            RowAction.EXPORT: bool(models) and all(m and not m.problem for m in models),
            RowAction.SHOW_FILE: only is not None and only.weights.is_absolute(),
            RowAction.RESTORE: not selection.chats,
            RowAction.REMOVE: bool(selection),
        }[action]

    def _specs(self, selection: Selection) -> tuple[_Spec, ...]:
        is_chat = bool(selection.chats)
        return (
            _Spec(action=RowAction.OPEN_CHAT, text=self.tr("Open"), key=""),
            _Spec(action=RowAction.CHAT, text=self.tr("New chat"), key="Ctrl+Shift+N"),
            _Spec(action=RowAction.DETAILS, text=self.tr("Details"), key="Alt+Return"),
            _Spec(action=RowAction.MODELFILE, text=self.tr("Modelfile"), key="Ctrl+M"),
            _Spec(
                action=RowAction.COPY_NAME,
                text=self.tr("Copy name"),
                key="Ctrl+C",
                starts_group=True,
            ),
            _Spec(
                action=RowAction.RENAME,
                text=self.tr("Rename…"),
                key="F2",
                starts_group=is_chat,
            ),
            _Spec(action=RowAction.DUPLICATE, text=self.tr("Duplicate…"), key="Ctrl+D"),
            _Spec(action=RowAction.MAKE_MINE, text=self.tr("Make it mine…"), key="Ctrl+Shift+M"),
            _Spec(
                action=RowAction.EXPORT,
                text=self.tr("Save as GGUF file…"),
                key="Ctrl+E",
                starts_group=True,
            ),
            _Spec(
                action=RowAction.SHOW_FILE,
                text=self.tr("Show file in folder"),
                key="Ctrl+Shift+O",
            ),
            _Spec(
                action=RowAction.RESTORE,
                text=self.tr("Restore from the trash…"),
                key="Ctrl+Shift+Z",
                starts_group=True,
            ),
            _Spec(
                action=RowAction.REMOVE,
                text=self.tr("Delete") if is_chat else self.tr("Remove"),
                key="Del",
                starts_group=is_chat,
            ),
        )


def _copy_names(names: tuple[str, ...]) -> None:
    QGuiApplication.clipboard().setText("\n".join(names))
