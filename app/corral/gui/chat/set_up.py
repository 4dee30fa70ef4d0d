"""System text and parameters of one chat; the fields are built from the catalogue."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from corral.chats.store import Conversation
from corral.errors import UserError
from corral.foreign import safe_line
from corral.gui.chat.answering_fields import AnsweringFields
from corral.gui.dialogs import resize_for_text
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel, plain_tool_tip
from corral.library.model import StoredModel
from corral.modelfile.catalogue import PARAMETERS, ParameterSpec, ParameterType, ParameterValue
from corral.modelfile.values import format_value, parse_value
from corral.prompt.answering import Answering
from corral.prompt.choice import TemplateSource


class SetUpDialog(QDialog):
    """Asks for the system text and the parameters.

    Signals:
        adapter_wanted: The person wants to add an adapter from a file.

    An empty field means the model's own value; what that is stands greyed in the field.
    """

    adapter_wanted = Signal()

    def __init__(
        self,
        parent: QWidget,
        *,
        chat: Conversation,
        model: StoredModel | None,
        templates: Sequence[TemplateSource],
    ) -> None:
        """Show what is set.

        Args:
            parent: The window.
            chat: What is set.
            model: Whose values stand where the chat sets none.
            templates: Whose templates there are to choose from.
        """
        super().__init__(parent)
        system, model_parameters = chat.system, model.parameters if model else {}
        self.setObjectName("setUp")
        self.setWindowTitle(self.tr("System text and parameters"))
        self._own_system = QCheckBox(self.tr("Use another system text in this chat"))
        self._own_system.setChecked(system is not None)
        self._system = QPlainTextEdit(_own_system(model) if system is None else system)
        self._system.setObjectName("system")
        self._system.setAccessibleName(self.tr("System text"))
        self._system.setEnabled(system is not None)
        self._own_system.toggled.connect(self._system.setEnabled)
        self._fields = {
            spec.name: self._field(spec, chat.parameters, model_parameters)
            for spec in PARAMETERS.values()
        }
        self._template = self._template_box(chat.template, templates)
        self._answers = AnsweringFields(chat.answering)
        self._answers.adapter_wanted.connect(self.adapter_wanted)
        self._problem = PlainLabel(look="bad")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._arrange()
        resize_for_text(self, letters=72, lines=38)

    @property
    def system(self) -> str | None:
        """System text of the chat; None is the model's own."""
        return self._system.toPlainText() if self._own_system.isChecked() else None

    @property
    def template(self) -> TemplateSource | None:
        """Whose template makes the prompts; None is the usual order."""
        chosen: str = self._template.currentData()
        return TemplateSource(chosen) if chosen else None

    @property
    def answering(self) -> Answering:
        """How the answers of the chat are made.

        Raises:
            UserError: If a field has no value that can be.
        """
        return self._answers.answering

    def add_adapter(self, path: Path) -> None:
        """Take one more adapter."""
        self._answers.add_adapter(path)

    @property
    def parameters(self) -> dict[str, ParameterValue]:
        """Parameters that the chat sets.

        Raises:
            UserError: If a field has no value of its parameter's type.
        """
        return {
            name: parse_value(name, _values(name, field.text()))
            for name, field in self._fields.items()
            if field.text().strip()
        }

    def accept(self) -> None:
        """Close only with values that can be."""
        try:
            self.parameters  # noqa: B018 (reading checks)
            self._check_answering()
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()
            return
        super().accept()

    def _check_answering(self) -> None:
        from corral.workbench.answering import grammar_of  # lazy: most chats answer freely

        grammar_of(self.answering)

    def _template_box(
        self, template: TemplateSource | None, templates: Sequence[TemplateSource]
    ) -> QComboBox:
        """Return the choice of templates; one that the model lost stays until another is taken."""
        names = {
            TemplateSource.MODELFILE: self.tr("The Modelfile's TEMPLATE"),
            TemplateSource.GGUF: self.tr("The GGUF's own chat template"),
            TemplateSource.PLAIN: self.tr("None: the model goes on with the text"),
        }
        box = QComboBox()
        box.setObjectName("template")
        box.setAccessibleName(self.tr("Prompt template"))
        box.addItem(self.tr("As usual: in Ollama's order"), "")
        for source, name in names.items():
            if source in templates or source is template:
                box.addItem(name, source.value)
        box.setCurrentIndex(box.findData(template.value if template else ""))
        return box

    def _field(
        self,
        spec: ParameterSpec,
        parameters: Mapping[str, ParameterValue],
        model_parameters: Mapping[str, ParameterValue],
    ) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(spec.name)
        field.setAccessibleName(spec.name)
        field.setToolTip(plain_tool_tip(translated(spec.help)))
        default = model_parameters.get(spec.name, spec.default)
        if spec.is_automatic(default):
            field.setPlaceholderText(self.tr("automatic"))
        else:
            field.setPlaceholderText(safe_line(_text(default)) or self.tr("none"))
        if spec.name in parameters:
            field.setText(_text(parameters[spec.name]))
        return field

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name, field in self._fields.items():
            label = PlainLabel(name)
            label.setBuddy(field)
            label.setToolTip(field.toolTip())
            form.addRow(label, field)
        content = QWidget()
        content.setLayout(form)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._own_system)
        layout.addWidget(self._system, 1)
        layout.addWidget(PlainLabel(self.tr("Prompt template"), look="heading"))
        layout.addWidget(self._template)
        tabs = QTabWidget()
        tabs.setObjectName("setUpTabs")
        tabs.addTab(_scrolled(content), self.tr("Parameters"))
        tabs.addTab(_scrolled(self._answers), self.tr("Answers"))
        layout.addWidget(tabs, 2)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area


def _own_system(model: StoredModel | None) -> str:
    return (model.system if model else None) or ""


def _text(value: ParameterValue | None) -> str:
    return "" if value is None else " | ".join(format_value(value))


def _values(name: str, text: str) -> list[str]:
    is_list = PARAMETERS[name].type is ParameterType.STRINGS
    return [part.strip() for part in text.split("|")] if is_list else [text.strip()]
