import asyncio

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from corral.gui.async_bridge import run
from corral.gui.chat.links import open_link


def follow(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, address: str, answer: str
) -> tuple[list[str], list[str]]:
    """Return the addresses opened and the words shown when a reader presses a button."""
    opened, shown = [], []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))

    async def main() -> None:
        window = QWidget()
        task = asyncio.get_running_loop().create_task(open_link(window, address))
        await asyncio.sleep(0)
        box = window.findChild(QMessageBox)
        shown.append(box.informativeText())
        shown.extend(button.text() for button in box.buttons())
        next(button for button in box.buttons() if button.text() == answer).click()
        await task

    run(qapp, main())
    return opened, shown


def test_a_link_is_opened_after_its_whole_address_was_shown(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://example.org/" + "long/" * 60
    opened, shown = follow(qapp, monkeypatch, address, "Open in the browser")
    assert opened == [address]
    assert shown[0] == address


def test_a_link_to_a_file_can_only_be_copied(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, shown = follow(qapp, monkeypatch, "file:///etc/passwd", "Copy")
    assert opened == []
    assert "Open in the browser" not in shown
    assert QGuiApplication.clipboard().text() == "file:///etc/passwd"
