"""The Modelfile tab as widgets: header, editor, problems."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.modelfile.editor import ModelfileEditor
from corral.gui.modelfile.hint_wording import hint_text
from corral.gui.modelfile.presenter import ModelfilePresenter
from corral.gui.modelfile.prompt_view import PromptView
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.icon_mark import IconMark
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline
from corral.gui.window_state import TabState
from corral.library.names import parse_name, without_latest
from corral.modelfile.hint import Fix, Hint, Severity

CHECK_AFTER_MS = 120
MOST_PROBLEMS = 50


class ModelfilePanel(QWidget):
    """One Modelfile.

    Signals:
        title_changed: The tab is to be called otherwise.
        model_created: A model was made; carries its `StoredModel`.
        failed: It could not be made; carries the `CorralError`.
    """

    title_changed = Signal(str)
    model_created = Signal(object)
    failed = Signal(object)

    def __init__(self, presenter: ModelfilePresenter, theme: Theme) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._name = QLineEdit(without_latest(presenter.model))
        self._name.setObjectName("modelName")
        self._name.setAccessibleName(self.tr("Name of the model"))
        self._state = PlainLabel(look="small")
        self._state.setObjectName("nameState")
        self._create = TextButton(self.tr("Create model"), look=Look.PRIMARY)
        self._create.setObjectName("createModel")
        self._show_prompt = TextButton(self.tr("Prompt"))
        self._show_prompt.setObjectName("showPrompt")
        self._show_prompt.setCheckable(True)
        self._prompt = PromptView(presenter.prompts, theme)
        self._prompt.hide()
        self._editor = ModelfileEditor(theme)
        self._about = ElidedLabel(look="small")
        self._about.setObjectName("aboutLine")
        self._about.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        self._problems = _Problems(theme)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_AFTER_MS)
        self._arrange()
        self._timer.timeout.connect(self._on_timeout)
        self._editor.textChanged.connect(self._on_text_changed)
        self._name.textChanged.connect(self._on_name_changed)
        self._create.clicked.connect(self.create_model)
        self._show_prompt.toggled.connect(self._on_prompt_toggled)
        self._editor.spec_changed.connect(self._on_spec_changed)
        self._on_spec_changed("")
        self._editor.completer.find_files = presenter.find_files
        presenter.models_changed.connect(self._on_models_changed)
        self._problems.hint_chosen.connect(self._editor.go_to)
        self._problems.fix_chosen.connect(self._editor.apply_fix)
        presenter.text_loaded.connect(self._editor.setPlainText)
        presenter.hints_changed.connect(self._on_hints_changed)
        presenter.model_created.connect(self._on_model_created)
        presenter.failed.connect(self._on_failed)
        presenter.start()

    @property
    def key(self) -> str:
        """Name of the model whose Modelfile it is."""
        return self._presenter.model

    @property
    def title(self) -> str:
        """Words for the tab."""
        name = safe_line(self._name.text())
        return self.tr("Modelfile: %1").replace("%1", name)

    @property
    def is_unsaved(self) -> bool:
        """Whether no model was made of what stands in the editor."""
        return self._editor.toPlainText() != self._presenter.stored_text

    def tab_state(self) -> TabState:
        """Return what is needed to open it again."""
        name = self._name.text().strip()
        key = self.key if name in ("", without_latest(self.key)) else name
        return TabState(kind="modelfile", key=key, text=self._editor.toPlainText())

    async def close_panel(self) -> None:
        """End what runs."""
        self._timer.stop()
        await self._presenter.close()

    @Slot()
    def create_model(self) -> None:
        """Make the model from what stands in the editor."""
        self._on_timeout()
        if not self._create.isEnabled():
            self._name.setFocus()
        elif self._presenter.can_create:
            self._presenter.create(self._name.text().strip(), self._editor.toPlainText())
        else:
            self.next_problem()

    def suggest(self) -> None:
        """Show what can be written at the cursor."""
        self._editor.setFocus()
        self._editor.completer.open()

    def next_problem(self) -> None:
        """Go to the next problem behind the cursor, or to the first."""
        offset = self._editor.offset
        found = self._presenter.hints
        following = next((hint for hint in found if hint.start > offset), None)
        if found:
            self._editor.go_to(following or found[0])

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.setSpacing(GRID)
        head.addWidget(self._name)
        head.addWidget(self._state, 1)
        head.addWidget(self._show_prompt)
        head.addWidget(self._create)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(hairline())
        layout.addWidget(self._editor, 1)
        layout.addWidget(self._prompt, 1)
        layout.addWidget(self._about)
        layout.addWidget(hairline())
        layout.addWidget(self._problems)

    @Slot()
    def _on_text_changed(self) -> None:
        self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        self._presenter.check(self._editor.toPlainText())
        self._problems.show_hints(self._presenter.hints)
        self._editor.show_hints(self._presenter.hints)
        self._show_state()

        if self._show_prompt.isChecked():
            self._prompt.show_for(self._editor.toPlainText())

    @Slot(bool)
    def _on_prompt_toggled(self, is_shown: bool) -> None:  # noqa: FBT001 (a slot)
        self._prompt.setVisible(is_shown)
        if is_shown:
            self._prompt.show_for(self._editor.toPlainText())

    @Slot()
    def _on_hints_changed(self) -> None:
        if not self._timer.isActive():  # else the text is another one already
            self._problems.show_hints(self._presenter.hints)
            self._editor.show_hints(self._presenter.hints)

    @Slot(str)
    def _on_spec_changed(self, text: str) -> None:
        self._about.setText(text or self.tr("Ctrl+Space shows what can be written here."))

    @Slot()
    def _on_models_changed(self) -> None:
        self._editor.completer.models = self._presenter.models

    @Slot(str)
    def _on_name_changed(self, name: str) -> None:
        self._show_state()
        self._create.setEnabled(bool(name.strip()) and not name_problem(name))
        self.title_changed.emit(self.title)

    @Slot(object)
    def _on_model_created(self, model: object) -> None:
        self._show_state()
        self.title_changed.emit(self.title)
        self.model_created.emit(model)

    @Slot(object)
    def _on_failed(self, error: CorralError) -> None:
        """Go where the error lies, if it tells."""
        place = error.place if isinstance(error, UserError) else None
        if place:
            self._editor.go_to_place(place)
        self.failed.emit(error)

    def _show_state(self) -> None:
        problem = name_problem(self._name.text())
        unsaved = self.tr("not saved") if self.is_unsaved else ""
        self._state.set_look("bad" if problem else "small")
        self._state.setText(problem or unsaved)
        self._name.setAccessibleDescription(problem)


def name_problem(name: str) -> str:
    """Return why no model can have a name, "" when one can; none at all is none yet."""
    try:
        if name.strip():
            parse_name(name.strip())
    except UserError as error:
        return str(error)
    return ""


class _Problems(QFrame):
    """The list of problems with their mending buttons.

    Signals:
        hint_chosen: A problem was clicked; carries the `Hint`.
        fix_chosen: A problem is to be mended; carries the `Fix`.
    """

    hint_chosen = Signal(object)
    fix_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("problems")
        self._theme = theme
        self._heading = PlainLabel(look="heading")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GRID // 2)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        inner.addWidget(self._heading)
        inner.addLayout(self._rows)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setFixedHeight(14 * GRID)
        self.show_hints(())

    def show_hints(self, hints: tuple[Hint, ...]) -> None:
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        count = str(len(hints))
        self._heading.setText(self.tr("Problems · %1").replace("%1", count))
        for hint in hints[:MOST_PROBLEMS]:
            self._rows.addWidget(self._row(hint))
        self.setVisible(bool(hints))

    def _row(self, hint: Hint) -> QWidget:
        is_error = hint.severity is Severity.ERROR
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            IconMark(
                self._theme,
                "circle-alert" if is_error else "triangle-alert",
                Role.BAD if is_error else Role.TIGHT,
            )
        )
        where = self.tr("Line %1: ").replace("%1", str(hint.place.line))
        text = PlainLabel(where + hint_text(hint))
        text.setWordWrap(True)
        layout.addWidget(text, 1)
        if hint.fix:
            layout.addWidget(self._fix_button(hint.fix))
        go = TextButton(self.tr("Show"), look=Look.FLAT)
        go.clicked.connect(lambda: self.hint_chosen.emit(hint))
        layout.addWidget(go)
        return row

    def _fix_button(self, fix: Fix) -> TextButton:
        button = TextButton(safe_line(translated(fix.title)))
        button.setObjectName("fix")
        button.clicked.connect(lambda: self.fix_chosen.emit(fix))
        return button
