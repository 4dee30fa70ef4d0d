"""How the answers of one chat are made: their form, adapters, biases, what is told of them."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gui.theme.palette import GRID
from corral.gui.widgets.number_fields import NumberField, WholeField
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.prompt.answering import (
    ANY_JSON,
    LARGEST_SCALE,
    MOST_CHOICES,
    Answering,
)
from corral.settings import Overflow

_FREE, _JSON, _SCHEMA, _GRAMMAR = "free", "json", "schema", "grammar"
_ROWS_SHOWN = 3


class AnsweringFields(QWidget):
    """Fields for all of an `Answering`.

    Signals:
        adapter_wanted: The person wants to add an adapter from a file.
    """

    adapter_wanted = Signal()

    def __init__(self, answering: Answering, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = self._form_box(answering)
        self._text = QPlainTextEdit(answering.grammar or _schema(answering.form))
        self._text.setObjectName("formText")
        self._text.setAccessibleName(self.tr("JSON schema or grammar"))
        self._text.setFixedHeight(12 * GRID)
        self._overflow = self._overflow_box(answering.overflow)
        self._choices = WholeField()
        self._choices.setObjectName("choices")
        self._choices.setRange(-1, MOST_CHOICES)
        self._choices.setSpecialValueText(self.tr("off"))
        self._choices.setValue(answering.n_choices)
        self._biases = QLineEdit(" | ".join(f"{t}={b:g}" for t, b in answering.logit_bias))
        self._biases.setObjectName("biases")
        self._biases.setPlaceholderText(self.tr("such as: yes=2 | 1234=-inf"))
        self._own = QCheckBox(self.tr("Other adapters than the model's own"))
        self._own.setObjectName("ownAdapters")
        self._own.setChecked(answering.adapters is not None)
        self._adapters = self._table(answering.adapters or ())
        self._add = QPushButton(self.tr("Add an adapter…"))
        self._remove = QPushButton(self.tr("Remove"))
        self._add.clicked.connect(self.adapter_wanted)
        self._remove.clicked.connect(self._on_remove_clicked)
        for widget in (self._adapters, self._add, self._remove):
            widget.setEnabled(self._own.isChecked())
            self._own.toggled.connect(widget.setEnabled)
        self._form.currentIndexChanged.connect(self._on_form_changed)
        self._on_form_changed()
        self._arrange()

    @property
    def answering(self) -> Answering:
        """What the fields say.

        Raises:
            UserError: If a field has no value that can be.
        """
        kind, text = self._form.currentData(), self._text.toPlainText().strip()
        if kind in (_SCHEMA, _GRAMMAR) and not text:
            raise UserError(self.tr("The JSON schema or the grammar is missing."))
        rows = range(self._adapters.rowCount())
        answering = Answering(
            form={_JSON: ANY_JSON, _SCHEMA: text}.get(kind, ""),
            grammar=text if kind == _GRAMMAR else "",
            adapters=tuple(self._adapter(row) for row in rows) if self._own.isChecked() else None,
            logit_bias=tuple(self._bias(part) for part in self._biases.text().split("|") if part),
            n_choices=self._choices.value(),
            overflow=Overflow(chosen) if (chosen := self._overflow.currentData()) else None,
        )
        answering.check()
        return answering

    def add_adapter(self, path: Path) -> None:
        """Take one more adapter."""
        self._own.setChecked(True)
        self._add_row(str(path), 1.0)

    def _form_box(self, answering: Answering) -> QComboBox:
        box = QComboBox()
        box.setObjectName("answerForm")
        box.addItem(self.tr("Free text"), _FREE)
        box.addItem(self.tr("Any JSON object"), _JSON)
        box.addItem(self.tr("By a JSON schema"), _SCHEMA)
        box.addItem(self.tr("By a grammar (GBNF)"), _GRAMMAR)
        kind = _FREE
        if answering.grammar:
            kind = _GRAMMAR
        elif answering.form:
            kind = _JSON if answering.form == ANY_JSON else _SCHEMA
        box.setCurrentIndex(box.findData(kind))
        return box

    def _overflow_box(self, overflow: Overflow | None) -> QComboBox:
        box = QComboBox()
        box.setObjectName("overflow")
        box.addItem(self.tr("As the settings say"), "")
        box.addItem(self.tr("Leave out the oldest messages"), Overflow.STOP.value)
        box.addItem(self.tr("Also drop the middle of a long answer"), Overflow.SHIFT.value)
        box.addItem(self.tr("Refuse what does not fit whole"), Overflow.REFUSE.value)
        box.setCurrentIndex(box.findData(overflow.value if overflow else ""))
        return box

    def _table(self, adapters: tuple[tuple[str, float], ...]) -> QTableWidget:
        self._adapters = table = QTableWidget(0, 2)
        table.setObjectName("adapters")
        table.setAccessibleName(self.tr("Adapters"))
        table.setHorizontalHeaderLabels([self.tr("Adapter"), self.tr("Scale")])
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setMaximumHeight((_ROWS_SHOWN + 1) * 4 * GRID)
        for path, scale in adapters:
            self._add_row(path, scale)
        return table

    def _add_row(self, path: str, scale: float) -> None:
        row = self._adapters.rowCount()
        self._adapters.insertRow(row)
        item = QTableWidgetItem(safe_line(Path(path).name))
        item.setToolTip(plain_tool_tip(safe_line(path)))
        item.setData(0x0100, path)  # Qt.ItemDataRole.UserRole
        self._adapters.setItem(row, 0, item)
        field = NumberField()
        field.setRange(-LARGEST_SCALE, LARGEST_SCALE)
        field.setSingleStep(0.1)
        field.setValue(scale)
        field.setAccessibleName(self.tr("Scale"))
        self._adapters.setCellWidget(row, 1, field)

    def _adapter(self, row: int) -> tuple[str, float]:
        item, field = self._adapters.item(row, 0), self._adapters.cellWidget(row, 1)
        assert item
        assert isinstance(field, NumberField)
        return str(item.data(0x0100)), field.value()

    def _bias(self, part: str) -> tuple[str, float]:
        token, _, value = part.strip().rpartition("=")
        try:
            return token, float(value)
        except ValueError:
            words = self.tr("“%1” is no bias: write TOKEN=VALUE.")
            raise UserError(words.replace("%1", safe_line(part.strip(), 40))) from None

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.addRow(self.tr("Form of answers"), self._form)
        form.addRow("", self._text)
        form.addRow(self.tr("When the context is full"), self._overflow)
        form.addRow(self.tr("Alternatives of each token"), self._choices)
        form.addRow(self.tr("Bias of tokens"), self._biases)
        buttons = QHBoxLayout()
        buttons.addWidget(self._add)
        buttons.addWidget(self._remove)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self._own)
        layout.addWidget(self._adapters)
        layout.addLayout(buttons)
        layout.addStretch(1)

    @Slot()
    def _on_form_changed(self) -> None:
        self._text.setVisible(self._form.currentData() in (_SCHEMA, _GRAMMAR))

    @Slot()
    def _on_remove_clicked(self) -> None:
        if (row := self._adapters.currentRow()) >= 0:
            self._adapters.removeRow(row)


def _schema(form: str) -> str:
    return "" if form == ANY_JSON else form
