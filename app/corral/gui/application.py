"""The window program: one process a home, logs set, services opened, window shown."""

import faulthandler
import logging
import os
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from corral import __version__
from corral.gui import async_bridge
from corral.gui.ending import Ending, close_on_signals, leave
from corral.gui.garbage import GarbageCollector
from corral.gui.language import install_language
from corral.gui.main_window import MainWindow
from corral.gui.theme.theme import Theme
from corral.ollama_variables import read_variables
from corral.places import Places, resource_path
from corral.settings import SettingsFile
from corral.workbench.workbench import open_workbench

logger = logging.getLogger(__name__)

LOG_BYTES = 2_000_000
LEVELS_PER_OLLAMAS = 10  # Python counts by ten what Ollama counts by four


def run_window(places: Places, file: Path | None) -> int:
    """Show the window until it is closed.

    Args:
        places: Where the files live.
        file: A GGUF file to import, None for none.

    Returns:
        The exit code; a restart, or an end after llama.cpp failed, does not return.
    """
    places.make()
    if sys.platform == "win32" or places.socket_file.exists():
        from corral.gui.handover import hand_over  # lazy: Qt's network part is slow to load

        if hand_over(places.socket_file, file):
            return 0
    _start_log(places.log_file, read_variables(os.environ).log_level)
    with places.crash_log_file.open("a", encoding="utf-8") as crash_log:
        faulthandler.enable(crash_log)
        app = _make_application()
        settings = SettingsFile(places.settings_file).current
        install_language(app, settings.language)
        theme = Theme(app, settings.theme, settings.zoom_percent)
        ending = async_bridge.run(app, _main(theme, places, file))
        faulthandler.disable()
    leave(ending)
    return 0


async def _main(theme: Theme, places: Places, file: Path | None) -> Ending:
    server = None
    try:
        async with open_workbench(places) as workbench:
            window = MainWindow(workbench, theme)
            sys.excepthook = _report_bugs(window)
            close_on_signals(window.close)
            window.show()
            await window.start(file)
            from corral.gui.handover import HandoverServer  # lazy: the window is usable first

            server = HandoverServer(places.socket_file)
            server.handed_over.connect(window.take_over)
            collector = GarbageCollector()
            await window.closed.wait()
            collector.close()
    finally:
        sys.excepthook = sys.__excepthook__
        if server:
            server.close()
    if window.wants_restart:
        return Ending.RESTART
    return Ending.HARD if workbench.engine.has_lost_threads else Ending.PLAIN


def _make_application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("corral")
    app.setApplicationDisplayName("Corral")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("corral")
    app.setWindowIcon(QIcon(str(resource_path("icons/corral.svg"))))
    return app


def _start_log(path: Path, level: int) -> None:
    """Log to a file; the level is Ollama's: 0 for what happens, -4 for details, 4 for warnings."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    level = max(logging.DEBUG, logging.INFO + level * LEVELS_PER_OLLAMAS // 4)
    logging.basicConfig(level=level, handlers=[handler])
    logging.captureWarnings(capture=True)
    qInstallMessageHandler(_log_qt)


def _log_qt(kind: QtMsgType, _context: object, message: str) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    logging.getLogger("qt").log(level, "%s", message)


def _report_bugs(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        logger.error("unexpected error", exc_info=(kind, error, traceback))
        window.report_bug(error)

    return report
