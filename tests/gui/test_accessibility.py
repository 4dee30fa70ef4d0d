"""What a screen reader and a keyboard find in the window."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAction, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QTabWidget, QWidget

from corral.chats.store import TextPart
from corral.gui import async_bridge
from corral.gui.library.row_actions import RowActions
from corral.gui.main_window import MainWindow
from corral.gui.theme.theme import Theme
from corral.places import find_places
from corral.prompt.message import Role
from corral.workbench.workbench import Workbench, open_workbench
from helpers.models import smollm2_path
from helpers.window import discard

STARTER = "smollm2:135m"
LANGUAGES = {"English", "繁體中文", "简体中文"}
WAIT_S = 30.0


@asynccontextmanager
async def furnished_window(theme: Theme) -> AsyncIterator[MainWindow]:
    """A window with a chat of two messages, a Modelfile and a plan of the memory."""
    smollm2_path()  # skips where there is no starter model
    async with open_workbench(find_places()) as workbench:
        await add_chat(workbench)
        window = MainWindow(workbench, theme)
        window.show()
        await window.start(None)
        try:
            await until_named(window, "Context length", "Reply 1 of 1, smollm2:135m")
            yield window
        finally:
            window.close()
            await window.closed.wait()
            discard(window)


async def add_chat(workbench: Workbench) -> None:
    chats = workbench.chats
    chat = await chats.create_conversation(STARTER)
    question = await chats.add_message(chat.id, None, Role.USER, (TextPart(text="Who are you?"),))
    text = "See [this](https://example.org).\n\n```python\nprint(1)\n```"
    await chats.add_message(
        chat.id, question.id, Role.ASSISTANT, (TextPart(text=text),), model=STARTER
    )


async def until_named(window: MainWindow, *names: str) -> None:
    """Wait until things with these names are in the window."""
    async with asyncio.timeout(WAIT_S):
        while not set(names) <= {name_of(part) for part in parts_of(window)}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def parts_of(window: QWidget) -> Iterator[QAccessibleInterface]:
    """Walk the tree as a screen reader does, past what is not seen."""
    waiting = [QAccessible.queryAccessibleInterface(window)]
    while waiting:
        part = waiting.pop()
        if part is None or part.state().invisible:
            continue
        yield part
        waiting.extend(part.child(number) for number in range(part.childCount()))


def name_of(part: QAccessibleInterface) -> str:
    return part.text(QAccessible.Text.Name)


def described(part: QAccessibleInterface) -> tuple[str, str, str]:
    thing = part.object()
    return (type(thing).__name__, thing.objectName() if thing else "", part.role().name)


def takes_focus(widget: QWidget) -> bool:
    return widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def faults(window: MainWindow) -> list[tuple[str, str, str]]:
    """Return what takes the focus and does not say what it is."""
    found = [part for part in parts_of(window) if part.state().focusable]
    assert len(found) > 15
    return [
        described(part)
        for part in found
        if not name_of(part).strip() or part.role() == QAccessible.Role.NoRole
    ]


def unreachable(window: MainWindow) -> set[QWidget]:
    """Return widgets that take the focus and that a screen reader does not come upon."""
    told = {part.object() for part in parts_of(window)}
    wanted = {widget for widget in window.findChildren(QWidget) if takes_focus(widget)}
    return {
        widget
        for widget in wanted - told
        # The lines of a list or an editor are told by what they stand in.
        if widget.objectName() != "qt_scrollarea_viewport"
    }


def test_whatever_takes_the_focus_has_a_name_and_a_role(qapp: QApplication, theme: Theme) -> None:
    async def main() -> None:
        async with furnished_window(theme) as window:
            assert faults(window) == []
            assert unreachable(window) == set()
            window.findChild(QAction, "open_modelfile").trigger()
            await until_named(window, "Modelfile", "Name of the model")
            assert faults(window) == []
            assert unreachable(window) == set()
            window.findChild(QAction, "show_models").trigger()
            await until_named(window, "All models", f"Name: {STARTER}")
            assert faults(window) == []
            assert unreachable(window) == set()
            window.findChild(RowActions).details_opened.emit(STARTER)
            await until_named(window, "Parts of the model", "Copy path")
            parts = window.findChild(QTabWidget, "detailsParts")
            for number in range(parts.count()):
                parts.setCurrentIndex(number)
                await asyncio.sleep(0.05)
                assert faults(window) == []
                assert unreachable(window) == set()
            window.findChild(QAction, "show_picture").trigger()
            await until_named(window, "Map of layers", "Context lengths")
            assert faults(window) == []
            assert unreachable(window) == set()
            window.findChild(QAction, "show_duplicates").trigger()
            await until_named(window, "Content in several places")
            assert faults(window) == []
            assert unreachable(window) == set()

    async_bridge.run(qapp, main())


def test_no_key_means_two_things(qapp: QApplication, theme: Theme) -> None:
    async def main() -> list[str]:
        async with furnished_window(theme) as window:
            window.findChild(QAction, "open_modelfile").trigger()
            await until_named(window, "Modelfile")
            actions = [
                key.toString() for a in window.findChildren(QAction) for key in a.shortcuts()
            ]
            shortcuts = [s.key().toString() for s in window.findChildren(QShortcut)]
            return actions + shortcuts

    keys = async_bridge.run(qapp, main())
    assert len(keys) > 15
    assert [key for key, count in Counter(keys).items() if count > 1] == []


class Marker(QTranslator):
    """Marks all that goes through a translation."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, _context: str, text: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str:
        return "¶" + text


@pytest.fixture
def marker(qapp: QApplication) -> Iterator[None]:
    translator = Marker()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


@pytest.mark.usefixtures("marker")
def test_all_menus_can_be_translated(qapp: QApplication, theme: Theme) -> None:
    async def main() -> set[str]:
        async with open_workbench(find_places()) as workbench:
            window = MainWindow(workbench, theme)
            menus = window.findChildren(QMenu)
            texts = {a.text() for menu in menus for a in menu.actions() if not a.isSeparator()}
            texts |= {menu.title() for menu in menus}
            window.close()
            await window.closed.wait()
            discard(window)
            return texts

    texts = async_bridge.run(qapp, main())
    assert len(texts) > 25
    assert {text for text in texts if not text.startswith("¶")} == LANGUAGES
