"""The window: places the panels, owns the actions, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from corral import __version__
from corral.chats.store import Conversation
from corral.errors import CorralError
from corral.gui.actions import Actions
from corral.gui.async_bridge import Scope
from corral.gui.chat.panel import ChatPanel
from corral.gui.commands import Commands
from corral.gui.crash_notices import CrashNotices
from corral.gui.dialogs import show_text
from corral.gui.docks import PICTURE, Docks
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.model_commands import ModelCommands
from corral.gui.notices import NoticeBoard
from corral.gui.page_opening import PageOpening
from corral.gui.pages import Page
from corral.gui.session import Session
from corral.gui.status import StatusLine
from corral.gui.tabs import Tabs
from corral.gui.theme.theme import Theme
from corral.gui.welcome import Welcome
from corral.library.model import StoredModel
from corral.settings import LanguageChoice, ThemeChoice
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # loaded with the first one
    from corral.gui.modelfile.panel import ModelfilePanel

ZOOM_STEP = 10
BREATH_S = 0.02  # the message box gets the keyboard before the side panels get their turn


class MainWindow(QMainWindow):
    """One window over one workbench.

    Attributes:
        closed: Set when the window has closed and everything of it has ended.
        wants_restart: Whether it was closed to begin anew.
    """

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Corral")
        self.setAcceptDrops(True)
        self.resize(1320, 840)
        self._workbench = workbench
        self._theme = theme
        self.closed = asyncio.Event()
        self.wants_restart = False
        self._is_closing = False
        self._notices = NoticeBoard(theme)
        self._scope = Scope(on_error=self._notices.tell_error)
        self._crashes = CrashNotices(workbench, self._notices, self._scope, self)
        self._library = LibraryPresenter(workbench, self)
        self._row_actions = RowActions(self._library)
        self._views: dict[str, str] = {}
        self._tabs = Tabs(workbench, theme, self._make_page)
        self._session = Session(
            workbench.places.window_file, self, self._tabs, self._library, self._views
        )
        self._models = ModelCommands(
            window=self,
            workbench=workbench,
            library=self._library,
            actions=self._row_actions,
            notices=self._notices,
            theme=theme,
        )
        self._commands = Commands(
            window=self,
            workbench=workbench,
            library=self._library,
            tabs=self._tabs,
            notices=self._notices,
            scope=self._scope,
        )
        self._welcome = Welcome()
        self._centre = self._make_centre()
        self._docks = Docks(
            window=self,
            workbench=workbench,
            library=self._library,
            actions=self._row_actions,
            notices=self._notices,
            theme=theme,
        )
        self._status = StatusLine(workbench, self)
        self.setStatusBar(self._status)
        self._pages = PageOpening(
            workbench=workbench,
            library=self._library,
            actions=self._row_actions,
            tabs=self._tabs,
            status=self._status,
            theme=theme,
            views=self._views,
        )
        self._actions = Actions(self, self._handlers())
        self._actions.fill(self.menuBar())
        chosen = workbench.settings.current
        for name in (f"theme_{chosen.theme}", f"language_{chosen.language}"):
            self._actions[name].setChecked(True)
        self._connect()

    async def start(self, file: Path | None) -> None:
        """Show what was open last time, and import the file that the program was started with."""
        await self._library.register_starter()
        if not await self._session.restore():
            await self._commands.open_first_chat()
        await asyncio.sleep(BREATH_S)
        self._open_docks()
        if self._workbench.places.transfers_file.exists():
            self._pages.follow_transfers()
        self._crashes.tell_suspect()
        if file:
            self._commands.import_file(file)

    def _open_docks(self) -> None:
        panel = self._docks.fill_library()
        panel.model_selected.connect(self._on_model_selected)
        panel.import_requested.connect(self._commands.open_gguf)
        panel.page_requested.connect(self._pages.show_models)
        panel.drag_requested.connect(self._models.drag_out)
        self._docks.fill_hardware().picture_requested.connect(self._show_picture)
        if chat := self._tabs.current_chat:
            self._docks.select_chat(chat.key)
            chat.tell_plan()
        elif isinstance(page := self._tabs.current, Page) and page.planned_model:
            self._scope.start(self._docks.plan_named(page.planned_model))
        self._scope.start(self._docks.watch_folders())

    @Slot(object)
    def take_over(self, file: Path | None) -> None:
        """Come to the front for a later start, and import its file."""
        self.show()
        self.raise_()
        self.activateWindow()
        if file:
            self._commands.import_file(file)

    def report_bug(self, error: BaseException) -> None:
        """Say that the program made a mistake."""
        self._notices.tell(
            self.tr("Corral made a mistake. Your conversations are saved; the log has more."),
            detail=f"{type(error).__name__}: {error}",
        )

    # -- placing -------------------------------------------------------------------------------

    def _make_centre(self) -> QStackedWidget:
        stack = QStackedWidget()
        stack.addWidget(self._welcome)
        stack.addWidget(self._tabs)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._notices)
        layout.addWidget(stack, 1)
        self.setCentralWidget(centre)
        return stack

    def _connect(self) -> None:
        library, tabs, pages = self._library, self._tabs, self._pages
        commands = self._commands
        self._status.transfers_requested.connect(pages.show_transfers)
        pages.failed.connect(self._notices.tell_error)
        pages.model_selected.connect(self._on_model_selected)
        pages.remote_planned.connect(self._docks.plan_remote)
        pages.import_requested.connect(commands.open_gguf)
        pages.drag_requested.connect(self._models.drag_out)
        self._crashes.restart_requested.connect(self._on_restart_requested)
        library.failed.connect(self._notices.tell_error)
        library.chat_renamed.connect(self._on_chat_renamed)
        self._models.take_in_wanted.connect(commands.take_in)
        rows = self._row_actions
        rows.chat_requested.connect(commands.new_chat_with)
        rows.chat_opened.connect(commands.open_chat)
        rows.modelfile_opened.connect(commands.open_modelfile)
        rows.details_opened.connect(pages.show_details)
        self._welcome.import_requested.connect(commands.open_gguf)
        self._welcome.chat_requested.connect(commands.new_chat)
        tabs.tabCloseRequested.connect(commands.close_tab)
        tabs.chat_opened.connect(self._on_chat_panel_opened)
        tabs.modelfile_opened.connect(self._on_modelfile_panel_opened)
        tabs.panel_shown.connect(self._on_panel_shown)
        if app := QApplication.instance():
            app.focusChanged.connect(self._on_focus_changed)  # type: ignore[attr-defined]

    def _handlers(self) -> dict[str, Callable[[], None]]:
        commands, tabs, theme = self._commands, self._tabs, self._theme
        docks, pages = self._docks, self._pages
        return {
            "new_chat": commands.new_chat,
            "open_gguf": commands.open_gguf,
            "close_tab": lambda: commands.close_tab(tabs.currentIndex()),
            "quit": self._quit,
            "choose_model": self._in_chat(ChatPanel.choose_model),
            "load": docks.in_hardware(lambda hardware: hardware.load()),
            "unload": docks.in_hardware(lambda hardware: hardware.unload()),
            "what_if": docks.in_panel(lambda panel: panel.ask_machine()),
            "show_workers": docks.in_panel(lambda panel: panel.show_workers()),
            "best_ways": docks.in_panel(lambda panel: panel.show_ways()),
            "show_ledger": docks.in_panel(lambda panel: panel.show_ledger()),
            "show_models": pages.show_models,
            "find_models": pages.find_models,
            "show_transfers": pages.show_transfers,
            "upload_model": self._upload_model,
            "show_duplicates": pages.show_duplicates,
            "model_folders": self._models.open_folders,
            "check_models": pages.show_check,
            "restore_models": self._models.open_trash,
            "new_modelfile": commands.new_modelfile,
            "open_modelfile": self._in_chat(lambda chat: commands.open_modelfile(chat.model)),
            "create_model": self._in_modelfile(lambda panel: panel.create_model()),
            "next_problem": self._in_modelfile(lambda panel: panel.next_problem()),
            "suggest": self._in_modelfile(lambda panel: panel.suggest()),
            "save_as_model": self._in_chat(commands.save_as_model),
            "regenerate": self._in_chat(ChatPanel.regenerate),
            "stop": self._in_chat(ChatPanel.stop),
            "previous_variant": self._in_chat(ChatPanel.previous_variant),
            "next_variant": self._in_chat(ChatPanel.next_variant),
            "copy_reply": self._in_chat(ChatPanel.copy_reply),
            "search": docks.search,
            "zoom_in": lambda: self._zoom(theme.zoom_percent + ZOOM_STEP),
            "zoom_out": lambda: self._zoom(theme.zoom_percent - ZOOM_STEP),
            "zoom_reset": lambda: self._zoom(100),
            "theme_system": lambda: self._choose_theme(ThemeChoice.SYSTEM),
            "theme_light": lambda: self._choose_theme(ThemeChoice.LIGHT),
            "theme_dark": lambda: self._choose_theme(ThemeChoice.DARK),
            "language_system": lambda: self._choose_language(LanguageChoice.SYSTEM),
            "language_en": lambda: self._choose_language(LanguageChoice.EN),
            "language_zh_TW": lambda: self._choose_language(LanguageChoice.ZH_TW),
            "language_zh_CN": lambda: self._choose_language(LanguageChoice.ZH_CN),
            "toggle_library": docks.toggle_library,
            "toggle_hardware": docks.toggle_hardware,
            "show_picture": self._show_picture,
            "show_keys": self._show_keys,
            "about": self._show_about,
        }

    def _in_chat(self, command: Callable[[ChatPanel], None]) -> Callable[[], None]:
        """Return a handler that does something in the chat in front, if one is."""

        def handle() -> None:
            if chat := self._tabs.current_chat:
                command(chat)

        return handle

    def _in_modelfile(self, command: Callable[[ModelfilePanel], None]) -> Callable[[], None]:
        """Return a handler that does something in the Modelfile in front, if one is."""

        def handle() -> None:
            if modelfile := self._tabs.current_modelfile:
                command(modelfile)

        return handle

    def _quit(self) -> None:
        self.close()

    @Slot()
    def _on_restart_requested(self) -> None:
        self.wants_restart = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep everything first, then go."""
        if self.closed.is_set():
            event.accept()
            return
        event.ignore()
        if not self._is_closing:
            self._is_closing = True
            self._session.end()
            self.hide()
            asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        await self._tabs.close_all()
        await self._commands.close()
        await self._models.close()
        await self._docks.close()
        self._status.end()
        self._crashes.end()
        await self._scope.close()
        self.closed.set()
        self.close()

    # -- drops ----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take local files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self._commands.import_file(Path(url.toLocalFile()))
        event.acceptProposedAction()

    def _upload_model(self) -> None:
        from corral.gui.hub.upload_dialog import upload  # lazy: opened seldom

        self._scope.start(upload(self, self._workbench, self._pages.show_transfers))

    def _make_page(self, kind: str, key: str) -> Page | None:
        return self._docks.make_picture(key) if kind == PICTURE else self._pages.make(kind, key)

    def _show_picture(self) -> None:
        self._tabs.open_page(PICTURE)

    # -- the panel in front ---------------------------------------------------------------------

    @Slot(object)
    def _on_chat_panel_opened(self, panel: ChatPanel) -> None:
        panel.save_as_model_requested.connect(lambda: self._commands.save_as_model(panel))
        panel.plan_wanted.connect(self._on_plan_wanted)
        panel.conversation_changed.connect(self._library.refresh)
        panel.chat_forked.connect(self._commands.open_chat)

    @Slot(object)
    def _on_modelfile_panel_opened(self, panel: ModelfilePanel) -> None:
        panel.model_created.connect(self._commands.tell_made)
        panel.failed.connect(self._notices.tell_error)

    @Slot(str)
    def _on_chat_renamed(self, chat_id: str) -> None:
        if panel := self._tabs.chat(chat_id):
            panel.refresh()

    @Slot(str)
    def _on_model_selected(self, name: str) -> None:
        model = self._library.model(name)
        if model and not model.problem:  # a broken one cannot be planned
            self._docks.plan(model)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Plan for the chat again when the focus comes back to it from the library."""
        chat = self._tabs.current_chat
        if chat and now and chat.isAncestorOf(now):
            chat.tell_plan()

    @Slot(object)
    def _on_panel_shown(self, panel: QWidget | None) -> None:
        self._centre.setCurrentWidget(self._tabs if panel else self._welcome)
        if isinstance(panel, ChatPanel):
            self._docks.select_chat(panel.key)
            panel.tell_plan()
        elif isinstance(panel, Page) and panel.kind == "details":
            self._on_model_selected(panel.key)

    @Slot(object, object)
    def _on_plan_wanted(self, model: StoredModel, conversation: Conversation | None) -> None:
        if self._tabs.current_chat is self.sender():
            self._docks.plan(model, conversation)

    # -- look -----------------------------------------------------------------------------------

    def _zoom(self, percent: int) -> None:
        if self._set(zoom_percent=percent):
            self._theme.set_zoom(percent)

    def _choose_theme(self, choice: ThemeChoice) -> None:
        if self._set(theme=choice):
            self._theme.choose(choice)

    def _choose_language(self, choice: LanguageChoice) -> None:
        if self._set(language=choice):
            self._notices.tell(
                self.tr("The window speaks this language from the next start on."),
                (self.tr("Restart Corral"), self._on_restart_requested),
            )

    def _set(self, **changes: object) -> bool:
        try:
            self._workbench.settings.change(**changes)
        except CorralError as error:
            self._notices.tell_error(error)
            return False
        return True

    def _show_keys(self) -> None:
        rows = self._actions.keys()
        rows += [
            (self.tr("Send / new line"), "Enter / Shift+Enter"),
            (self.tr("Edit the last message, in the empty message box"), self.tr("Up")),
        ]
        self._scope.start(show_text(self, title=self.tr("Keys"), rows=rows))

    def _show_about(self) -> None:
        rows = [
            ("Corral", __version__),
            (self.tr("Files"), str(self._workbench.places.data)),
            (self.tr("Log"), str(self._workbench.places.log_file)),
        ]
        self._scope.start(show_text(self, title=self.tr("About Corral"), rows=rows))
