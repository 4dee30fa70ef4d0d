"""The prompt of a message by a Modelfile: its text with special tokens marked, and its tokens."""

import json

from PySide6.QtCore import Slot
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout

from corral.foreign import safe_line, safe_text
from corral.gui.modelfile.prompt_presenter import PromptPresenter
from corral.gui.template_wording import template_words
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import TextButton
from corral.gui.widgets.plain_label import PlainLabel
from corral.workbench.prompt_showing import ShownPrompt

_TITLE_LENGTH = 30
MOST_TOKENS = 5000  # that are listed; the text is always whole


class PromptView(QFrame):
    """Shows what the model reads.

    Args:
        presenter: Makes prompts.
        theme: Gives colours and the font.
    """

    def __init__(self, presenter: PromptPresenter, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("prompt")
        self._presenter = presenter
        self._theme = theme
        self._text = ""
        self._chat = QComboBox()
        self._chat.setObjectName("promptChat")
        self._chat.setAccessibleName(self.tr("Chat that the message is said in"))
        self._chat.addItem(self.tr("a new chat"), "")
        self._message = QLineEdit(self.tr("Why is the sky blue?"))
        self._message.setObjectName("promptMessage")
        self._message.setAccessibleName(self.tr("Message to the model"))
        self._about = PlainLabel(look="small")
        self._about.setWordWrap(True)
        self._body = QPlainTextEdit()
        self._body.setObjectName("promptText")
        self._body.setAccessibleName(self.tr("What the model reads"))
        self._body.setReadOnly(True)
        self._body.setUndoRedoEnabled(False)
        self._body.setTabChangesFocus(True)
        self._body.setFont(theme.fonts.code)
        self._arrange()
        self._message.returnPressed.connect(self._ask)
        self._chat.activated.connect(self._ask)
        presenter.chats_listed.connect(self._on_chats_listed)
        presenter.shown.connect(self._on_shown)
        presenter.failed.connect(self._on_failed)

    def show_for(self, text: str) -> None:
        """Show the prompt by a Modelfile's text."""
        self._text = text
        self._presenter.list_chats()
        self._ask()

    def _arrange(self) -> None:
        again = TextButton(self.tr("Show prompt"))
        again.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(PlainLabel(self.tr("Message"), look="small"))
        row.addWidget(self._message, 1)
        row.addWidget(PlainLabel(self.tr("in"), look="small"))
        row.addWidget(self._chat)
        row.addWidget(again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout.setSpacing(GRID // 2)
        layout.addLayout(row)
        layout.addWidget(self._about)
        layout.addWidget(self._body, 1)

    @Slot()
    def _ask(self) -> None:
        self._presenter.ask(self._text, self._message.text(), self._chat.currentData())

    @Slot(object)
    def _on_chats_listed(self, chats: list[tuple[str, str]]) -> None:
        chosen = self._chat.currentData()
        while self._chat.count() > 1:
            self._chat.removeItem(1)
        for chat_id, title in chats:
            self._chat.addItem(safe_line(title, _TITLE_LENGTH) or self.tr("New chat"), chat_id)
        self._chat.setCurrentIndex(max(0, self._chat.findData(chosen)))

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self._about.set_look("bad")
        self._about.setText(reason)
        self._body.clear()

    @Slot(object)
    def _on_shown(self, shown: ShownPrompt) -> None:
        self._about.set_look("small")
        words = (
            template_words(shown.template),
            self._count(shown),
            self._other(shown),
            self._kept(shown),
        )
        self._about.setText(" · ".join(filter(None, words)))
        self._body.clear()
        for token in shown.tokens:
            self._write(safe_text(token.part), is_special=token.is_special)
        self._write("\n\n" + self.tr("Tokens") + "\n")
        for token in shown.tokens[:MOST_TOKENS]:
            shown_text = json.dumps(safe_text(token.text), ensure_ascii=False)
            self._write(f"{token.id:>8}  {shown_text}\n", is_special=token.is_special)
        if shown.difference:
            title = self.tr("Differences: + is the other template's prompt")
            self._write("\n" + title + "\n" + "\n".join(map(safe_text, shown.difference)) + "\n")
        self._body.moveCursor(QTextCursor.MoveOperation.Start)

    def _write(self, text: str, *, is_special: bool = False) -> None:
        look = QTextCharFormat()
        role = Role.KV if is_special else Role.TEXT
        look.setForeground(self._theme.palette.colour(role))
        cursor = self._body.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, look)

    def _count(self, shown: ShownPrompt) -> str:
        return self.tr("%1 tokens").replace("%1", str(len(shown.tokens)))

    def _kept(self, shown: ShownPrompt) -> str:
        if not shown.is_kept:
            return ""
        return self.tr("the template works on special tokens in the message; they stay as they are")

    def _other(self, shown: ShownPrompt) -> str:
        if shown.other is None:
            return ""
        if shown.problem:
            return self.tr("the other template fails: %1").replace("%1", shown.problem)
        if shown.difference:
            return self.tr("the other template writes another prompt, see below")
        return self.tr("the other template writes the same")
