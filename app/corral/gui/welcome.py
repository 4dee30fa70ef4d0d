"""What stands in the middle while no tab is open: what belongs there, and one action."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel


class Welcome(QWidget):
    """An empty middle.

    Signals:
        chat_requested: A new chat.
        import_requested: A file is to be chosen.
    """

    chat_requested = Signal()
    import_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("welcome")
        title = PlainLabel(self.tr("Chats and Modelfiles open here."), look="strong")
        text = PlainLabel(
            self.tr("Drop a .gguf file on the window, or talk to a model of the library."),
            look="quiet",
        )
        chat = QPushButton(self.tr("New chat"))
        chat.setProperty("look", "primary")
        chat.clicked.connect(self.chat_requested)
        choose = QPushButton(self.tr("Open GGUF…"))
        choose.clicked.connect(self.import_requested)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(chat)
        buttons.addWidget(choose)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * GRID)
        layout.addStretch(1)
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addLayout(buttons)
        layout.addStretch(2)
