"""The window as a whole, on a real workbench."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from corral.gui import async_bridge
from corral.gui.main_window import MainWindow
from corral.gui.theme.theme import Theme
from corral.places import find_places
from corral.workbench.modelling import open_library
from corral.workbench.workbench import open_workbench
from helpers.gguf_files import tiny_model


def test_asking_for_new_chats_again_and_again_leaves_one_empty_chat(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    file = tmp_path / "tiny.gguf"
    tiny_model(file)
    open_library(find_places()).import_file(file, "tiny:f32")

    async def main() -> int:
        async with open_workbench(find_places()) as workbench:
            window = MainWindow(workbench, theme)
            window.show()
            await window.start(None)
            for _ in range(3):
                QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
                await asyncio.sleep(0.1)
            found = await workbench.chats.list_conversations()
            window.close()
            await window.closed.wait()
            return len(found)

    assert async_bridge.run(qapp, main()) == 1
