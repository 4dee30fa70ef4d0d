import asyncio
import gc
import threading
import weakref

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from corral.gui import garbage
from corral.gui.garbage import GarbageCollector
from helpers.window import on_the_loop, until


class Cycle(QObject):
    """A Qt object that only the collector can free, and that tells in which thread it was."""

    def __init__(self, freed_in: list[int]) -> None:
        super().__init__()
        self.myself = self
        weakref.finalize(self, lambda: freed_in.append(threading.get_ident()))


def make_garbage() -> None:
    for _ in range(20_000):
        cycle: list[object] = []
        cycle.append(cycle)


@on_the_loop
async def test_qt_objects_are_freed_in_the_thread_of_the_window_only(qapp: QApplication) -> None:
    collector = GarbageCollector()
    freed_in: list[int] = []
    try:
        Cycle(freed_in)
        await asyncio.to_thread(make_garbage)
        assert freed_in == []
        await until(lambda: freed_in, "the collector comes", 5 * garbage.INTERVAL_MS / 1000)
        assert freed_in == [threading.get_ident()]
    finally:
        collector.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
