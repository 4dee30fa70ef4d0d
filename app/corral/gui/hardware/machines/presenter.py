"""A machine that is being put together, and the saved ones; knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QObject, Signal

from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.plan.cards import Card, MemoryKind
from corral.plan.description import Description
from corral.plan.machine import Device, DeviceKind, Machine
from corral.units import memory_size
from corral.workbench.machines import Machines

translate = QCoreApplication.translate


class MachinePresenter(QObject):
    """Words for a machine, what they say, and what is wrong with them.

    Signals:
        changed: The words, or what they say, are others now.
        saved_changed: The saved machines are others now.
        forgotten: A machine was forgotten; carries its name and what brings it back.
        failed: Something could not be done; carries the `CorralError`.

    Attributes:
        words: The words; "" for this machine.
        description: What they say; None while they cannot be understood.
        problem: Why not, "" when they can.
        preview: The machine's devices in words.
    """

    changed = Signal()
    saved_changed = Signal()
    forgotten = Signal(str, object)
    failed = Signal(object)

    def __init__(self, machines: Machines, here: Machine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._machines = machines
        self._here = here
        self.words = ""
        self.description: Description | None = Description()
        self.problem = ""
        self.preview = ""
        self.set_words(self.saved.get(machines.chosen, machines.chosen))

    @property
    def saved(self) -> dict[str, str]:
        """The words of the saved machines, by name."""
        return self._machines.saved

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards and chips that are known."""
        return self._machines.cards

    @property
    def memory_kinds(self) -> tuple[MemoryKind, ...]:
        """The kinds of main memory that are known."""
        return self._machines.catalogue.memory

    @property
    def saved_name(self) -> str:
        """Under which name these words are saved, "" if they are not."""
        words = self.words.strip()
        return next((name for name, each in self.saved.items() if each == words), "")

    def cards_like(self, text: str) -> list[Card]:
        """Return the cards whose name has a text in it; all for none."""
        parts = text.lower().split()
        return [card for card in self.cards if all(part in card.name.lower() for part in parts)]

    # -- putting together -----------------------------------------------------------------------

    def set_words(self, words: str) -> None:
        """Take other words."""
        self.words = words
        try:
            known = self._machines.read(words) if words.strip() else Description()
            machine = self._machines.imagine(words, self._here) if words.strip() else self._here
        except UserError as error:
            self.description, self.problem, self.preview = None, str(error), ""
        else:
            self.description, self.problem = known, ""
            self.preview = "\n".join(_in_words(device, machine) for device in machine.devices)
        self.changed.emit()

    def add_card(self, card: Card) -> None:
        """Put one more card into the machine."""
        self._change(lambda known: known.with_card(card))

    def take_card(self, card: Card) -> None:
        """Take one card out."""
        self._change(lambda known: known.without_card(card))

    def set_ram(self, gib: float, kind: MemoryKind | None) -> None:
        """Give it other main memory, 0 for this machine's."""
        self._change(lambda known: replace(known, ram_gib=gib, ram_kind=kind if gib else None))

    def set_free(self, gib: float) -> None:
        """Let only so much be free, 0 for what is usual."""
        self._change(lambda known: known.with_free(gib))

    def _change(self, change: Callable[[Description], Description]) -> None:
        made = change(self.description or Description())
        if made != self.description:
            self.set_words(made.words)

    # -- keeping --------------------------------------------------------------------------------

    def choose(self) -> None:
        """Plan for it from now on."""
        self._machines.choose(self.saved_name or self.words, self._here)

    async def save(self, name: str) -> None:
        """Save it under a name that no other has.

        Raises:
            CorralError: If that cannot be.
        """
        if name in self.saved and self.saved[name] != self.words.strip():
            text = translate("Machines", "Another machine is called '%1'.").replace("%1", name)
            raise UserError(text, hint=translate("Machines", "Choose another name."))
        self._machines.save(name, self.words.strip(), self._here)
        self.saved_changed.emit()

    async def rename(self, name: str, new_name: str) -> None:
        """Give a saved machine another name.

        Raises:
            CorralError: If that cannot be.
        """
        self._machines.rename(name, new_name)
        self.saved_changed.emit()

    def forget(self, name: str) -> None:
        """Forget a saved machine; it can be had back."""
        words = self.saved.get(name)
        if words is None:
            return
        try:
            self._machines.forget(name)
        except CorralError as error:
            self.failed.emit(error)
            return
        self.saved_changed.emit()
        self.forgotten.emit(name, lambda: self._bring_back(name, words))

    def _bring_back(self, name: str, words: str) -> None:
        try:
            self._machines.save(name, words, self._here)
        except CorralError as error:
            self.failed.emit(error)
        self.saved_changed.emit()


def _in_words(device: Device, machine: Machine) -> str:
    is_main = device.kind is DeviceKind.CPU
    if is_main:
        text = translate("Machines", "Main memory: %2, %3 free")
    elif machine.is_unified:
        text = translate("Machines", "%1: computes from main memory, %2 usable, %3 free")
    else:
        text = translate("Machines", "%1: %2, %3 free")
    text = text.replace("%1", safe_line(device.description))
    text = text.replace("%2", memory_size(device.total_bytes))
    text = text.replace("%3", memory_size(device.free_bytes))
    if not device.bandwidth_gb_s:
        return text
    return f"{text}, {device.bandwidth_gb_s:g} GB/s"
