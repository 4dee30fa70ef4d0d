"""The window: places the panels, owns the actions, and nothing more."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from corral import __version__
from corral.chats.store import Conversation, ConversationId
from corral.errors import CorralError
from corral.foreign import safe_line
from corral.gui.actions import Actions
from corral.gui.async_bridge import Scope, show
from corral.gui.chat.panel import ChatPanel
from corral.gui.crash_notices import CrashNotices
from corral.gui.dialogs import ask_text, show_text
from corral.gui.hardware.panel import HardwarePanel
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.importing import Importing
from corral.gui.library.panel import LibraryPanel
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.rows import Row, RowKind
from corral.gui.modelfile.panel import ModelfilePanel
from corral.gui.notices import NoticeBoard
from corral.gui.status import StatusLine
from corral.gui.tabs import CHAT, Tabs
from corral.gui.theme.theme import Theme
from corral.gui.welcome import Welcome
from corral.gui.window_state import WindowState, read_window_state, write_window_state
from corral.library.model import StoredModel
from corral.settings import LanguageChoice, ThemeChoice
from corral.workbench.workbench import Workbench

ZOOM_STEP = 10
KEEP_MS = 3000
NEW_MODELFILE = "mymodel"


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
        self._kept = WindowState()
        self._keep_timer = QTimer(self)
        self._keep_timer.setInterval(KEEP_MS)
        self._keep_timer.timeout.connect(self._keep)
        self._notices = NoticeBoard(theme)
        self._scope = Scope(on_error=self._notices.tell_error)
        self._crashes = CrashNotices(workbench, self._notices, self._scope, self)
        self._library = LibraryPresenter(workbench, self)
        self._hardware = HardwarePresenter(workbench, self)
        self._importing = Importing(workbench.modelling, self)
        self._library_panel = LibraryPanel(self._library, theme)
        self._tabs = Tabs(workbench, theme)
        self._welcome = Welcome()
        self._centre = self._make_centre()
        self._library_dock = self._dock(
            self.tr("Library"), self._library_panel, Qt.DockWidgetArea.LeftDockWidgetArea
        )
        self._hardware_dock = self._dock(
            self.tr("Hardware"),
            HardwarePanel(self._hardware, theme),
            Qt.DockWidgetArea.RightDockWidgetArea,
        )
        self._actions = Actions(self, self._handlers())
        self._actions.fill(self.menuBar())
        chosen = workbench.settings.current
        for name in (f"theme_{chosen.theme}", f"language_{chosen.language}"):
            self._actions[name].setChecked(True)
        self._status = StatusLine(workbench, self)
        self.setStatusBar(self._status)
        self._connect()

    async def start(self, file: Path | None) -> None:
        """Show what was open last time, and import the file that the program was started with."""
        await self._library.register_starter()
        await self._restore(read_window_state(self._workbench.places.window_file))
        self._library.refresh()
        self._hardware.start()
        self._keep_timer.start()
        self._crashes.tell_suspect()
        if file:
            self._importing.import_file(file)

    @Slot(object)
    def take_over(self, file: Path | None) -> None:
        """Come to the front for a later start, and import its file."""
        self.show()
        self.raise_()
        self.activateWindow()
        if file:
            self._importing.import_file(file)

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

    def _dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock{panel.objectName()}")
        dock.setTitleBarWidget(QWidget(dock))  # the panel has its own heading
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        self.resizeDocks(
            [dock],
            [268 if area == Qt.DockWidgetArea.LeftDockWidgetArea else 318],
            Qt.Orientation.Horizontal,
        )
        return dock

    def _connect(self) -> None:
        library, panel, tabs = self._library, self._library_panel, self._tabs
        self._crashes.restart_requested.connect(self._on_restart_requested)
        library.failed.connect(self._notices.tell_error)
        library.model_removed.connect(self._on_model_removed)
        library.chat_deleted.connect(self._on_chat_deleted)
        library.chat_renamed.connect(self._on_chat_renamed)
        panel.model_selected.connect(self._on_model_selected)
        panel.chat_requested.connect(self._new_chat_with)
        panel.chat_opened.connect(self._on_chat_opened)
        panel.modelfile_opened.connect(self._on_modelfile_opened)
        panel.rename_requested.connect(self._on_rename_requested)
        panel.import_requested.connect(self._open_gguf)
        self._welcome.import_requested.connect(self._open_gguf)
        self._welcome.chat_requested.connect(self._new_chat)
        self._importing.imported.connect(self._on_imported)
        self._importing.failed.connect(self._notices.tell_error)
        self._hardware.failed.connect(self._notices.tell_error)
        tabs.tabCloseRequested.connect(self._on_tab_close_requested)
        tabs.chat_opened.connect(self._on_chat_panel_opened)
        tabs.modelfile_opened.connect(self._on_modelfile_panel_opened)
        tabs.panel_shown.connect(self._on_panel_shown)

    def _handlers(self) -> dict[str, Callable[[], None]]:
        tabs, theme = self._tabs, self._theme
        return {
            "new_chat": self._new_chat,
            "open_gguf": self._open_gguf,
            "close_tab": lambda: self._on_tab_close_requested(tabs.currentIndex()),
            "quit": self._quit,
            "choose_model": self._in_chat(ChatPanel.choose_model),
            "load": self._hardware.load,
            "unload": self._hardware.unload,
            "new_modelfile": lambda: self._open_modelfile(NEW_MODELFILE),
            "open_modelfile": self._open_current_modelfile,
            "create_model": self._in_modelfile(ModelfilePanel.create_model),
            "next_problem": self._in_modelfile(ModelfilePanel.next_problem),
            "save_as_model": self._in_chat(self._save_as_model),
            "regenerate": self._in_chat(ChatPanel.regenerate),
            "stop": self._in_chat(ChatPanel.stop),
            "previous_variant": self._in_chat(ChatPanel.previous_variant),
            "next_variant": self._in_chat(ChatPanel.next_variant),
            "copy_reply": self._in_chat(ChatPanel.copy_reply),
            "search": self._library_panel.focus_search,
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
            "toggle_library": lambda: _toggle(self._library_dock),
            "toggle_hardware": lambda: _toggle(self._hardware_dock),
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

    # -- what the window was --------------------------------------------------------------------

    async def _restore(self, state: WindowState) -> None:
        if state.geometry:
            self.restoreGeometry(QByteArray(b64decode(state.geometry)))
            self.restoreState(QByteArray(b64decode(state.layout)))
        for tab in state.tabs:
            if tab.kind == CHAT:
                chat_id = ConversationId(tab.key)
                if await self._library.has_chat(chat_id):
                    self._tabs.open_chat(chat_id, scroll=tab.scroll, is_shown=False)
            else:
                self._tabs.open_modelfile(tab.key, text=tab.text, is_shown=False)
        if self._tabs.count():
            self._tabs.setCurrentIndex(min(state.current, self._tabs.count() - 1))
        else:
            await self._open_first_chat()

    async def _open_first_chat(self) -> None:
        """Show the last chat, or begin one with the newest model."""
        chats = await self._workbench.chats.list_conversations()
        models = await self._workbench.modelling.list()
        usable = [model for model in models if not model.problem]
        if chats:
            self._tabs.open_chat(chats[0].id).focus_box()
        elif usable:
            await self._create_chat(usable[0].name)

    @Slot()
    def _keep(self) -> None:
        """Remember what is open; also now and then, as a crash does not ask."""
        state = WindowState(
            geometry=b64encode(bytes(self.saveGeometry().data())).decode(),
            layout=b64encode(bytes(self.saveState().data())).decode(),
            tabs=self._tabs.states(),
            current=max(0, self._tabs.currentIndex()),
        )
        if state != self._kept:
            write_window_state(self._workbench.places.window_file, state)
            self._kept = state

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep everything first, then go."""
        if self.closed.is_set():
            event.accept()
            return
        event.ignore()
        if not self._is_closing:
            self._is_closing = True
            self._keep_timer.stop()
            self._keep()
            self.hide()
            asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        await self._tabs.close_all()
        await self._importing.close()
        await self._library.close()
        await self._hardware.close()
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
                self._importing.import_file(Path(url.toLocalFile()))
        event.acceptProposedAction()

    # -- chats ----------------------------------------------------------------------------------

    @Slot()
    def _new_chat(self) -> None:
        chat = self._tabs.current_chat
        models = self._library.models
        if chat and chat.model:
            self._new_chat_with(chat.model)
        elif models:
            self._new_chat_with(models[0].name)
        else:
            self._open_gguf()

    @Slot(str)
    def _new_chat_with(self, model: str) -> None:
        self._scope.start(self._create_chat(model))

    async def _create_chat(self, model: str) -> None:
        stored = self._library.model(model)
        name = stored.name if stored else model
        conversation = await self._workbench.chats.create_conversation(name)
        self._tabs.open_chat(conversation.id).focus_box()
        self._library.refresh()

    @Slot(str)
    def _on_chat_opened(self, chat_id: str) -> None:
        self._tabs.open_chat(ConversationId(chat_id)).focus_box()

    @Slot(object)
    def _on_chat_panel_opened(self, panel: ChatPanel) -> None:
        panel.save_as_model_requested.connect(lambda: self._save_as_model(panel))
        panel.plan_wanted.connect(self._on_plan_wanted)
        panel.conversation_changed.connect(self._library.refresh)
        panel.chat_forked.connect(self._on_chat_opened)

    @Slot(str)
    def _on_chat_deleted(self, chat_id: str) -> None:
        panel = self._tabs.chat(chat_id)
        if panel:
            self._scope.start(self._tabs.close_tab(self._tabs.indexOf(panel)))
        self._notices.tell(
            self.tr("The chat was deleted."),
            (self.tr("Undo"), lambda: self._library.restore_chat(chat_id)),
        )

    @Slot(str)
    def _on_chat_renamed(self, chat_id: str) -> None:
        if panel := self._tabs.chat(chat_id):
            panel.refresh()

    def _save_as_model(self, panel: ChatPanel) -> None:
        self._scope.start(self._ask_and_save(panel))

    async def _ask_and_save(self, panel: ChatPanel) -> None:
        name = await ask_text(
            self,
            title=self.tr("Save conversation as model"),
            label=self.tr("Name of the new model"),
            text=panel.suggested_model_name,
            button=self.tr("Save"),
        )
        if name:
            model = await panel.save_as_model(name)
            self._tell_made(model)

    def _tell_made(self, model: StoredModel) -> None:
        name = model.name
        self._notices.tell(
            self.tr("%1 is in the library.").replace("%1", name),
            (self.tr("Chat with it"), lambda: self._new_chat_with(name)),
        )

    # -- models ---------------------------------------------------------------------------------

    @Slot()
    def _open_gguf(self) -> None:
        self._scope.start(self._choose_file())

    async def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a GGUF file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("GGUF models (*.gguf)"), self.tr("All files (*)")])
        if await show(dialog) == QFileDialog.DialogCode.Accepted:
            for name in dialog.selectedFiles():
                self._importing.import_file(Path(name))
        dialog.deleteLater()

    @Slot(object)
    def _on_imported(self, model: StoredModel) -> None:
        self._tell_made(model)

    @Slot(str)
    def _on_model_removed(self, name: str) -> None:
        self._notices.tell(
            self.tr("%1 is in the trash for 7 days.").replace("%1", safe_line(name)),
            (self.tr("Undo"), lambda: self._library.restore_model(name)),
        )

    @Slot(str)
    def _on_model_selected(self, name: str) -> None:
        if model := self._library.model(name):
            self._hardware.show_model(model)

    @Slot(str)
    def _on_modelfile_opened(self, name: str) -> None:
        self._open_modelfile(name)

    def _open_current_modelfile(self) -> None:
        chat = self._tabs.current_chat
        if chat and chat.model:
            self._open_modelfile(chat.model)

    def _open_modelfile(self, name: str) -> None:
        stored = self._library.model(name)
        self._tabs.open_modelfile(stored.name if stored else name)

    @Slot(object)
    def _on_modelfile_panel_opened(self, panel: ModelfilePanel) -> None:
        panel.model_created.connect(self._tell_made)
        panel.failed.connect(self._notices.tell_error)

    @Slot(object)
    def _on_rename_requested(self, row: Row) -> None:
        self._scope.start(self._rename(row))

    async def _rename(self, row: Row) -> None:
        name = await ask_text(
            self,
            title=self.tr("Rename"),
            label=self.tr("New name"),
            text=row.title,
            button=self.tr("Rename"),
        )
        if name and row.kind is RowKind.CHAT:
            self._library.rename_chat(row.key, name)
        elif name:
            self._library.rename_model(row.key, name)

    # -- the panel in front ---------------------------------------------------------------------

    @Slot(int)
    def _on_tab_close_requested(self, index: int) -> None:
        if 0 <= index < self._tabs.count():
            self._scope.start(self._tabs.close_tab(index))

    @Slot(object)
    def _on_panel_shown(self, panel: QWidget | None) -> None:
        self._centre.setCurrentWidget(self._tabs if panel else self._welcome)
        if isinstance(panel, ChatPanel):
            self._library_panel.select(RowKind.CHAT, panel.key)
            panel.tell_plan()

    @Slot(object, object)
    def _on_plan_wanted(self, model: StoredModel, conversation: Conversation | None) -> None:
        if self._tabs.current_chat is self.sender():
            self._hardware.show_model(model, conversation)

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
        rows = [(s.text.replace("&", ""), s.shortcut) for s in self._actions.specs if s.shortcut]
        rows.append((self.tr("Send / new line"), "Enter / Shift+Enter"))
        self._scope.start(show_text(self, title=self.tr("Keys"), rows=rows))

    def _show_about(self) -> None:
        rows = [
            ("Corral", __version__),
            (self.tr("Files"), str(self._workbench.places.data)),
            (self.tr("Log"), str(self._workbench.places.log_file)),
        ]
        self._scope.start(show_text(self, title=self.tr("About Corral"), rows=rows))


def _toggle(dock: QDockWidget) -> None:
    dock.setVisible(not dock.isVisible())
