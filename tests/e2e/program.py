"""The real window program with a mouth: it tells the tests what is on the screen.

Starts Corral as `python -m corral` does. It only answers questions, one JSON line each way, on the
window's own event loop; whatever the tests *do* is a real key or mouse event from outside.
"""

import asyncio
import json
import os
import sys
import threading
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from corral.engine.bare import run_bare
from corral.engine.session import Session
from corral.gui.main_window import MainWindow
from corral.gui.start import start_window
from corral.llama.sampler_settings import SamplerSettings

TICK_MS = 5
Facts = dict[str, Any]
W = TypeVar("W", bound=QWidget)


class Mouth(QObject):
    """Hears questions in a thread and answers them on the event loop."""

    asked = Signal(str)

    def __init__(self, questions: TextIO, answers: TextIO) -> None:
        super().__init__()
        self._questions = questions
        self._answers = answers
        self._ticks: list[float] = []
        self._timer: QTimer | None = None
        self._bare: asyncio.Future[float]
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(RuntimeError):  # the program ends
            for line in self._questions:
                self.asked.emit(line)

    def _answer(self, line: str) -> None:
        question = json.loads(line)
        answer = getattr(self, "_on_" + question.pop("ask"))(**question)
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()

    def _on_widgets(self, **where: Any) -> list[Facts]:
        return [facts for _, facts in matching(where)]

    def _on_texts(self, **where: Any) -> list[list[str]]:
        """The words on each of the matching widgets, as they are read."""
        return [words_on(widget) for widget, _ in matching(where)]

    def _on_rows(self, **where: Any) -> list[Facts]:
        rows = []
        for view, _ in matching(where):
            assert isinstance(view, QListView)
            model = view.model()
            for number in range(model.rowCount()):
                index = model.index(number, 0, QModelIndex())
                rows.append(
                    {
                        "text": index.data(),
                        "spoken": index.data(Qt.ItemDataRole.AccessibleTextRole),
                        "rect": on_screen(view.viewport(), view.visualRect(index)),
                        "current": view.currentIndex() == index,
                    }
                )
        return rows

    def _on_tabs(self) -> list[Facts]:
        return [
            {
                "text": bar.tabText(number),
                "rect": on_screen(bar, bar.tabRect(number)),
                "current": bar.currentIndex() == number,
            }
            for bar in visible(QTabBar)
            for number in range(bar.count())
        ]

    def _on_actions(self) -> list[Facts]:
        """The entries of the menu bar and of all open menus."""
        return [
            {
                "text": action.text().replace("&", ""),
                "rect": on_screen(menu, menu.actionGeometry(action)),
                "checked": action.isChecked(),
                "enabled": action.isEnabled(),
            }
            for kind in (QMenu, QMenuBar)
            for menu in visible(kind)
            for action in menu.actions()
            if not action.isSeparator()
        ]

    def _on_focus(self) -> Facts | None:
        widget = QApplication.focusWidget()
        return facts_of(widget) if widget else None

    def _on_picture(self, path: str) -> list[int]:
        """Photograph the window as it is on the screen, menus and all."""
        window = next(window for window in visible(QMainWindow) if window.isWindow())
        area = window.geometry()
        shot = window.screen().grabWindow(0, area.x(), area.y(), area.width(), area.height())
        shot.save(path)
        return [shot.width(), shot.height()]

    def _on_start_ticking(self) -> None:
        """Let a timer of 5 ms write down when the loop comes round."""
        self._ticks = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._ticks.append(time.perf_counter()))
        self._timer.start(TICK_MS)

    def _on_stop_ticking(self) -> list[float]:
        """The times between two rounds, in milliseconds."""
        assert self._timer is not None
        self._timer.stop()
        self._timer.deleteLater()
        return [(later - earlier) * 1000 for earlier, later in pairwise(self._ticks)]

    def _on_begin_bare(self) -> float:
        """Let the barest loop generate after the last answer's prompt; return the answer's rate."""
        window = next(window for window in visible(QMainWindow) if isinstance(window, MainWindow))
        workbench = window._workbench
        usage = workbench.conversing.last_usage
        (runner,) = workbench.loading._engine.loaded
        assert usage
        assert usage.tokens_per_second

        def bare(session: Session) -> float:
            prompt = session.slots._all[0].tokens[: usage.prompt_tokens]
            run = run_bare(session, prompt, SamplerSettings(seed=1), usage.generated_tokens)
            return len(run.tokens) / run.generation_s

        self._bare = asyncio.ensure_future(runner.on_session(bare))
        return usage.tokens_per_second

    def _on_bare_rate(self) -> float | None:
        """The rate of the barest loop, when it is done."""
        return self._bare.result() if self._bare.done() else None


def visible(kind: type[W]) -> list[W]:
    return [w for w in QApplication.allWidgets() if isinstance(w, kind) and w.isVisible()]


def matching(where: Facts) -> list[tuple[QWidget, Facts]]:
    """Return the widgets that are seen and have these facts, from top to bottom."""
    found = [(widget, facts_of(widget)) for widget in visible(QWidget)]
    seen = [pair for pair in found if pair[1]["rect"] and where.items() <= pair[1].items()]
    return sorted(seen, key=lambda pair: (pair[1]["rect"][1], pair[1]["rect"][0]))


def facts_of(widget: QWidget) -> Facts:
    return {
        "name": widget.objectName(),
        "kind": type(widget).__name__,
        "text": text_of(widget),
        "spoken": widget.accessibleName(),
        "enabled": widget.isEnabled(),
        "focus": widget.hasFocus(),
        "rect": on_screen(widget, widget.rect()),
    }


def text_of(widget: QWidget) -> str:
    match widget:
        case QLabel() | QAbstractButton() | QLineEdit():
            return widget.text()
        case QPlainTextEdit() | QTextEdit():
            return widget.toPlainText()
        case QComboBox():
            return widget.currentText()
    return ""


def words_on(widget: QWidget) -> list[str]:
    found = []
    for part in (widget, *widget.findChildren(QWidget)):
        words = text_of(part)
        if words and part.isVisibleTo(widget):
            corner = part.mapTo(widget, QPoint(0, 0)) if part is not widget else QPoint(0, 0)
            found.append((corner.y(), corner.x(), words))
    return [words for _, _, words in sorted(found)]


def on_screen(widget: QWidget, area: QRect) -> list[int]:
    """Return the part of an area that is not cut off by what the widget stands in."""
    rect = QRect(widget.mapToGlobal(area.topLeft()), area.size())
    around: QWidget | None = widget
    while around is not None:
        rect &= QRect(around.mapToGlobal(QPoint(0, 0)), around.size())
        around = None if around.isWindow() else around.parentWidget()
    return list(rect.getRect()) if rect.isValid() else []


if __name__ == "__main__":
    to_tests = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the program prints itself must not look like an answer
    mouth = Mouth(sys.stdin, to_tests)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.argv = ["corral"]
    sys.exit(start_window(file))
