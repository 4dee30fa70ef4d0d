"""A guard against a fault of PySide6 6.12: it loses references and kills Python 3.11."""

import sys

from PySide6.QtCore import QObject, Signal, Slot

EMITS = 5000


class Sender(QObject):
    said = Signal(str)


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard = 0

    @Slot(str)
    def hear(self, text: str) -> None:
        self.heard += len(text)


def test_signals_lose_no_references() -> None:
    sender, receiver = Sender(), Receiver()
    sender.said.connect(receiver.hear)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(EMITS):
        sender.said.emit("x")
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert receiver.heard == EMITS
    lost = [was - now for was, now in zip(before, after, strict=True)]
    assert max(lost) < EMITS // 100
