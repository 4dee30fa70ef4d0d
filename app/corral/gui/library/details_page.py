"""All there is to know of one model, as a page in the middle."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout

from corral.foreign import safe_line
from corral.gui.library import homes
from corral.gui.library.details_presenter import DetailsPresenter
from corral.gui.library.header_panes import MetadataPane, TensorPane
from corral.gui.library.overview import Overview
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowAction, RowActions
from corral.gui.library.rows import Selection
from corral.gui.library.text_pane import TextPane
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel
from corral.library.names import without_latest


class DetailsPage(Page):
    """A head with the commands, and below it what the model is, part by part.

    Args:
        name: Name of the model.
        library: The library.
        actions: What can be done with rows.
        theme: Colours and fonts.
    """

    def __init__(
        self, name: str, library: LibraryPresenter, actions: RowActions, theme: Theme
    ) -> None:
        super().__init__("details", name, safe_line(without_latest(name)))
        self.setObjectName("detailsPage")
        self.title = self.tr("Details: %1").replace("%1", self.title)
        self._presenter = DetailsPresenter(name, library, self)
        self._actions = actions
        self._gone = QLabel(self.tr("There is no such model any more."))
        self._gone.setProperty("look", "quiet")
        self._buttons: dict[RowAction, TextButton] = {}
        self._overview = Overview(theme)
        self._metadata = MetadataPane(theme)
        self._tensors = TensorPane(theme)
        self._template = TextPane(self.tr("Template"), theme)
        self._system = TextPane(self.tr("System text"), theme)
        self._parameters = TextPane(self.tr("Parameters"), theme)
        self._licence = TextPane(self.tr("Licence"), theme)
        self._parts = self._make_parts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_head())
        column.addWidget(self._gone)
        column.addWidget(self._parts, 1)
        self._presenter.changed.connect(self._on_changed)
        self._presenter.header_read.connect(self._on_header_read)
        self._presenter.files_read.connect(self._on_files_read)
        self.setFocusProxy(self._parts.tabBar())
        self._on_changed()

    @property
    def planned_model(self) -> str:
        """The model that it tells of."""
        return self.key

    async def close_panel(self) -> None:
        """End what runs."""
        await self._presenter.close()

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID + 4, GRID, 2 * GRID, GRID)
        name = ElidedLabel(safe_line(without_latest(self.key)), look="strong")
        head.addWidget(name, 1)
        commands = (
            (RowAction.COPY_NAME, self.tr("Copy name"), Look.FLAT),
            (RowAction.MODELFILE, self.tr("Modelfile"), Look.FLAT),
            (RowAction.MAKE_MINE, self.tr("Make it mine…"), Look.FLAT),
            (RowAction.EXPORT, self.tr("Save as GGUF file…"), Look.FLAT),
            (RowAction.CHAT, self.tr("New chat"), Look.PRIMARY),
        )
        selection = Selection(models=(self.key,))
        for action, text, look in commands:
            button = TextButton(text, look=look)
            button.clicked.connect(lambda _=False, do=action: self._actions.do(do, selection))
            head.addWidget(button)
            self._buttons[action] = button
        return head

    def _make_parts(self) -> QTabWidget:
        parts = QTabWidget()
        parts.setObjectName("detailsParts")
        parts.setAccessibleName(self.tr("Parts of the model"))
        parts.setDocumentMode(True)
        for widget, title in (
            (self._overview, self.tr("Overview")),
            (self._metadata, self.tr("Metadata")),
            (self._tensors, self.tr("Tensors")),
            (self._template, self.tr("Template")),
            (self._system, self.tr("System")),
            (self._parameters, self.tr("Parameters")),
            (self._licence, self.tr("Licence")),
        ):
            parts.addTab(widget, title)
        return parts

    @Slot()
    def _on_changed(self) -> None:
        model = self._presenter.model
        self._gone.setVisible(model is None and self._presenter.is_read)
        self._parts.setVisible(model is not None)
        for button in self._buttons.values():
            button.setEnabled(model is not None and not model.problem)
        is_found = model is not None and not homes.is_own(model)
        self._buttons[RowAction.MAKE_MINE].setVisible(is_found)
        self._buttons[RowAction.COPY_NAME].setVisible(not is_found)  # the name needs the room
        if model is None:
            return
        self._overview.show_facts(self._presenter.facts())
        self._show_text(self._system, model.system or "", self.tr("It has no system text."))
        self._show_text(
            self._parameters, self._presenter.parameters(), self.tr("It sets no parameters.")
        )
        self._show_texts_of_header()

    @Slot()
    def _on_files_read(self) -> None:
        self._overview.show_files(self._presenter.files)

    @Slot()
    def _on_header_read(self) -> None:
        header, error = self._presenter.header, self._presenter.header_error
        self._metadata.show_header(header, error)
        self._tensors.show_header(header, error)
        self._show_texts_of_header()

    def _show_texts_of_header(self) -> None:
        self._template.show_text(*self._presenter.template())
        text = self._presenter.license()
        self._show_text(self._licence, text, self.tr("It names no licence."))

    def _show_text(self, pane: TextPane, text: str, none: str) -> None:
        pane.show_text("" if text else none, text)
