"""Tests of panels on a real workbench: coroutines on the event loop of the window."""

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine
from typing import ParamSpec, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListView, QWidget

from corral.gui.async_bridge import run

P = ParamSpec("P")
W = TypeVar("W", bound=QWidget)
T = TypeVar("T")


def on_the_loop(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    """Run a test where Qt and asyncio meet, as the program does."""

    @functools.wraps(test)
    def run_test(*arguments: P.args, **names: P.kwargs) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        run(app, test(*arguments, **names))

    return run_test


async def until(get: Callable[[], T], what: str, timeout_s: float = 30.0) -> T:
    """Let the window live until the answer is true, and return it."""
    deadline = time.monotonic() + timeout_s
    while not (value := get()):
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        await asyncio.sleep(0.01)
    return value


def part(widget: QWidget, kind: type[W], name: str = "", *, text: str = "") -> W:
    """Return the one visible part of a kind, by its object name or its words."""
    found = [
        child
        for child in widget.findChildren(kind)
        if child.isVisibleTo(widget)
        and (not name or child.objectName() == name)
        and (not text or getattr(child, "text", str)() == text)
    ]
    assert len(found) == 1, [(type(child).__name__, child.objectName()) for child in found]
    return found[0]


def words(widget: QWidget) -> str:
    """Return all words that labels show on a widget."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return "\n".join(label.text() for label in labels if label.text())


def click(widget: QWidget, position: QPoint | None = None) -> None:
    assert widget.isEnabled()
    at = position or widget.rect().center()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)


def press(widget: QWidget, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    QTest.keyClick(widget, key, held)


def write(widget: QWidget, text: str) -> None:
    """Type text; what no key has comes by the clipboard."""
    for line, part_of_text in enumerate(text.split("\n")):
        if line:
            press(widget, Qt.Key.Key_Return)
        if part_of_text.isascii():
            QTest.keyClicks(widget, part_of_text)
        else:
            QGuiApplication.clipboard().setText(part_of_text)
            press(widget, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def rows(view: QListView) -> list[str]:
    model = view.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def click_row(view: QListView, text: str) -> None:
    index = view.model().index(rows(view).index(text), 0)
    click(view.viewport(), view.visualRect(index).center())


def discard(*objects: QObject) -> None:
    """Destroy Qt objects here and now: the garbage collector may run in any thread."""
    for thing in objects:
        if isinstance(thing, QWidget):
            thing.hide()
        thing.deleteLater()
        QCoreApplication.sendPostedEvents(thing, QEvent.Type.DeferredDelete)
