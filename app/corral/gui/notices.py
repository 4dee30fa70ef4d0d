"""The window's message bar, with a handler behind each of its buttons."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from corral.errors import CorralError
from corral.gui.theme.theme import Theme
from corral.gui.widgets.message_bar import MessageBar, Notice, notice_of

Handler = Callable[[], None]


class NoticeBoard(MessageBar):
    """Shows one notice at a time and calls what its buttons stand for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.setObjectName("notices")
        self._handlers: dict[str, Handler] = {}
        self.action_chosen.connect(self._on_action_chosen)

    def tell(self, summary: str, *buttons: tuple[str, Handler], detail: str = "") -> None:
        """Say that something happened, with buttons such as "Undo"."""
        actions = self._remember(buttons)
        self.show_notice(Notice(summary=summary, detail=detail, actions=actions, is_error=False))

    def tell_error(self, error: CorralError, *buttons: tuple[str, Handler]) -> None:
        """Say what went wrong, with the buttons that mend it."""
        self.show_notice(notice_of(error, *self._remember(buttons)))

    def _remember(self, buttons: tuple[tuple[str, Handler], ...]) -> tuple[tuple[str, str], ...]:
        self._handlers = {str(number): handler for number, (_, handler) in enumerate(buttons)}
        return tuple((str(number), text) for number, (text, _) in enumerate(buttons))

    @Slot(str)
    def _on_action_chosen(self, key: str) -> None:
        self._handlers[key]()
