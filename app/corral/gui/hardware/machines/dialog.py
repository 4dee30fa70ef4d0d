"""What if…: the dialog in which a machine that is not there is chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.async_bridge import Scope, show
from corral.gui.dialogs import ask_name, resize_for_text
from corral.gui.hardware.machines.cards_view import CardsView
from corral.gui.hardware.machines.presenter import MachinePresenter
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.notices import NoticeBoard
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.number_fields import NumberField
from corral.gui.widgets.plain_label import PlainLabel, plain_tool_tip

_NAME = Qt.ItemDataRole.UserRole
_MOST_GIB = 4096.0
_PARTS_OF_THREE = (1, 3)


async def ask_machine(parent: QWidget, hardware: HardwarePresenter, theme: Theme) -> None:
    """Let the user choose the machine that is planned for."""
    planning = hardware.workbench.planning
    here = hardware.here or await planning.machine_when_free()
    presenter = MachinePresenter(planning.machines, here)
    dialog = MachineDialog(presenter, theme, parent)
    try:
        if await show(dialog) == QDialog.DialogCode.Accepted:
            presenter.choose()
    finally:
        await dialog.scope.close()
        dialog.deleteLater()
        presenter.deleteLater()


class MachineDialog(QDialog):
    """Saved machines at the left; at the right words, and what they are put together from.

    Attributes:
        scope: What runs in it.
    """

    def __init__(
        self, presenter: MachinePresenter, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What if…"))
        self._presenter = presenter
        self._notices = NoticeBoard(theme)
        self.scope = Scope(on_error=self._notices.tell_error)
        self._saved = QListWidget()
        self._saved.setObjectName("savedMachines")
        self._saved.setAccessibleName(self.tr("Saved machines"))
        self._rename = TextButton(self.tr("Rename…"), look=Look.FLAT)
        self._forget = TextButton(self.tr("Forget"), look=Look.FLAT)
        self._words = QLineEdit()
        self._words.setObjectName("machineWords")
        self._words.setAccessibleName(self.tr("Machine"))
        self._words.setClearButtonEnabled(True)
        self._words.setPlaceholderText('2x"RTX 3090"+64GB')
        self._save = TextButton(self.tr("Save as…"))
        self._preview = PlainLabel(look="small")
        self._preview.setObjectName("machinePreview")
        self._preview.setWordWrap(True)
        self._search = QLineEdit()
        self._search.setObjectName("cardSearch")
        self._search.setAccessibleName(self.tr("Search graphics cards"))
        self._search.setPlaceholderText(self.tr("Search graphics cards"))
        self._search.setClearButtonEnabled(True)
        self._cards = CardsView(presenter.cards)
        self._add = TextButton(self.tr("Add"))
        self._take = TextButton(self.tr("Take one out"))
        self._ram = _gib_field(self.tr("Main memory"), self.tr("as on this machine"))
        self._ram.setObjectName("machineRam")
        self._kind = QComboBox()
        self._kind.setObjectName("machineRamKind")
        self._kind.setAccessibleName(self.tr("Kind of main memory"))
        self._free = _gib_field(self.tr("Free memory"), self.tr("as usual"))
        self._free.setObjectName("machineFree")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._arrange()
        self._fill()
        self._connect()
        self._show_saved()
        resize_for_text(self, letters=110, lines=40)

    def accept(self) -> None:
        """Plan on the machine, if its words can be understood."""
        if self._presenter.description is not None:
            super().accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter for the part that it is pressed in; it ends the dialog in few of them."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif isinstance(button := self.focusWidget(), QPushButton):
            button.click()

    # -- placing --------------------------------------------------------------------------------

    def _arrange(self) -> None:
        parts = QSplitter()
        parts.addWidget(self._saved_part())
        parts.addWidget(self._making_part())
        for index, stretch in enumerate(_PARTS_OF_THREE):
            parts.setStretchFactor(index, stretch)
        parts.setChildrenCollapsible(False)
        here = self._buttons.addButton(
            self.tr("This machine"), QDialogButtonBox.ButtonRole.ResetRole
        )
        here.setObjectName("thisMachine")
        here.clicked.connect(self._on_here_clicked)
        role = QDialogButtonBox.ButtonRole.AcceptRole
        self._accept = self._buttons.addButton(self.tr("Plan on this"), role)
        self._accept.setObjectName("planOnThis")
        self._accept.setProperty("look", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._notices)
        layout.addWidget(parts, 1)
        layout.addWidget(self._buttons)

    def _saved_part(self) -> QWidget:
        part = QWidget()
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(PlainLabel(self.tr("Saved machines"), look="heading"))
        layout.addWidget(self._saved, 1)
        row = QHBoxLayout()
        row.addWidget(self._rename)
        row.addWidget(self._forget)
        row.addStretch(1)
        layout.addLayout(row)
        return part

    def _making_part(self) -> QWidget:
        part = QWidget()
        words = QHBoxLayout()
        words.addWidget(self._words, 1)
        words.addWidget(self._save)
        buttons = QHBoxLayout()
        buttons.addWidget(self._search, 1)
        buttons.addWidget(self._add)
        buttons.addWidget(self._take)
        ram = QHBoxLayout()
        ram.addWidget(self._ram)
        ram.addWidget(self._kind, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.addRow(self.tr("Main memory"), ram)
        form.addRow(self.tr("Free memory"), self._free)
        layout = QVBoxLayout(part)
        layout.setContentsMargins(GRID, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(PlainLabel(self.tr("Machine"), look="heading"))
        layout.addLayout(words)
        layout.addWidget(self._preview)
        layout.addLayout(buttons)
        layout.addWidget(self._cards, 1)
        layout.addLayout(form)
        return part

    def _fill(self) -> None:
        self._kind.addItem(self.tr("as on this machine"), None)
        for kind in self._presenter.memory_kinds:
            self._kind.addItem(f"{kind.name} · {kind.bandwidth_gb_s:g} GB/s", kind.name)

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.changed.connect(self._show)
        presenter.saved_changed.connect(self._show_saved)
        presenter.forgotten.connect(self._on_forgotten)
        presenter.failed.connect(self._notices.tell_error)
        self._words.textEdited.connect(presenter.set_words)
        self._words.returnPressed.connect(self.accept)
        self._search.textChanged.connect(self._on_search_changed)
        self._search.returnPressed.connect(self._on_add_clicked)
        self._cards.card_activated.connect(presenter.add_card)
        self._cards.card_selected.connect(self._show_buttons)
        self._add.clicked.connect(self._on_add_clicked)
        self._take.clicked.connect(self._on_take_clicked)
        self._ram.valueChanged.connect(self._on_ram_changed)
        self._kind.currentIndexChanged.connect(self._on_ram_changed)
        self._free.valueChanged.connect(presenter.set_free)
        self._saved.currentItemChanged.connect(self._on_saved_chosen)
        self._saved.itemActivated.connect(self.accept)
        self._save.clicked.connect(self._on_save_clicked)
        self._rename.clicked.connect(self._on_rename_clicked)
        self._forget.clicked.connect(self._on_forget_clicked)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # -- showing --------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        presenter, known = self._presenter, self._presenter.description
        if self._words.text() != presenter.words:
            self._words.setText(presenter.words)
        self._preview.set_look("bad" if presenter.problem else "small")
        self._preview.setText(presenter.problem or presenter.preview)
        self._words.setAccessibleDescription(self._preview.text())
        blockers = [QSignalBlocker(field) for field in (self._ram, self._kind, self._free)]
        if known:
            self._ram.setValue(known.ram_gib)
            kind = known.ram_kind.name if known.ram_kind else None
            self._kind.setCurrentIndex(max(0, self._kind.findData(kind)))
            self._free.setValue(known.free_gib[0][1] if known.free_gib else 0)
        self._kind.setEnabled(bool(known and known.ram_gib and not known.is_unified))
        del blockers
        self._mark_saved()
        self._show_buttons()

    @Slot()
    def _show_buttons(self) -> None:
        presenter, known = self._presenter, self._presenter.description
        card = self._cards.card
        self._accept.setEnabled(known is not None)
        self._add.setEnabled(card is not None)
        self._take.setEnabled(bool(known and card in {each for each, _ in known.cards}))
        is_new = bool(known and presenter.words.strip()) and not presenter.saved_name
        self._save.setEnabled(is_new)
        for button in (self._rename, self._forget):
            button.setEnabled(bool(self._chosen_name()))

    @Slot()
    def _show_saved(self) -> None:
        blocker = QSignalBlocker(self._saved)
        self._saved.clear()
        for name, words in {"": "", **self._presenter.saved}.items():
            item = QListWidgetItem(safe_line(name, 60) if name else self.tr("This machine"))
            item.setData(_NAME, name)
            item.setToolTip(plain_tool_tip(words))
            self._saved.addItem(item)
        del blocker
        self._show()

    def _mark_saved(self) -> None:
        """Mark the saved machine that the words describe, or none."""
        chosen, blocker = self._presenter.saved_name, QSignalBlocker(self._saved)
        is_here = not self._presenter.words.strip()
        for item in (self._saved.item(row) for row in range(self._saved.count())):
            if item.data(_NAME) == chosen and (chosen or is_here):
                self._saved.setCurrentItem(item)
                break
        else:
            self._saved.setCurrentRow(-1)
        del blocker

    def _chosen_name(self) -> str:
        item = self._saved.currentItem()
        return str(item.data(_NAME)) if item else ""

    # -- what is done ---------------------------------------------------------------------------

    @Slot(str)
    def _on_search_changed(self, text: str) -> None:
        self._cards.show_only(self._presenter.cards_like(text))

    @Slot()
    def _on_add_clicked(self) -> None:
        if card := self._cards.card:
            self._presenter.add_card(card)

    @Slot()
    def _on_take_clicked(self) -> None:
        if card := self._cards.card:
            self._presenter.take_card(card)

    @Slot()
    def _on_ram_changed(self) -> None:
        name = self._kind.currentData()
        kinds = {kind.name: kind for kind in self._presenter.memory_kinds}
        self._presenter.set_ram(self._ram.value(), kinds.get(name))

    @Slot(QListWidgetItem)
    def _on_saved_chosen(self, item: QListWidgetItem | None) -> None:
        if item:
            self._presenter.set_words(self._presenter.saved.get(str(item.data(_NAME)), ""))

    @Slot()
    def _on_here_clicked(self) -> None:
        self._presenter.set_words("")
        self.accept()

    @Slot()
    def _on_save_clicked(self) -> None:
        work = ask_name(
            self,
            title=self.tr("Save the machine"),
            label=self.tr("Name of the machine"),
            text=self._presenter.words[:60],
            button=self.tr("Save"),
            do=self._presenter.save,
        )
        self.scope.start(work)

    @Slot()
    def _on_rename_clicked(self) -> None:
        name = self._chosen_name()
        work = ask_name(
            self,
            title=self.tr("Rename the machine"),
            label=self.tr("Name of the machine"),
            text=name,
            button=self.tr("Rename"),
            do=lambda new_name: self._presenter.rename(name, new_name),
        )
        self.scope.start(work)

    @Slot()
    def _on_forget_clicked(self) -> None:
        self._presenter.forget(self._chosen_name())

    @Slot(str, object)
    def _on_forgotten(self, name: str, bring_back: Callable[[], None]) -> None:
        text = self.tr("'%1' was forgotten.").replace("%1", safe_line(name, 60))
        self._notices.tell(text, (self.tr("Undo"), bring_back))


def _gib_field(name: str, nothing: str) -> NumberField:
    field = NumberField()
    field.setAccessibleName(name)
    field.setRange(0, _MOST_GIB)
    field.setDecimals(1)
    field.setSuffix(" GB")
    field.setSpecialValueText(nothing)
    field.setKeyboardTracking(False)
    return field
