"""Says what is missing before the window can open, then opens it."""

import gc
import os
import sys
from pathlib import Path

from corral.errors import CorralError
from corral.places import find_places

NO_DISPLAY = """\
corral: there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).
  Start it from a desktop, over `ssh -X`, or under Xvfb: xvfb-run corral
  Without a window: corral run smollm2:135m, corral list, corral --help"""
EXIT_NO_DISPLAY = 3


def start_window(file: Path | None) -> int:
    """Open the window with a file to import, or None.

    Returns:
        The exit code.
    """
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if sys.platform == "linux" and not has_display:
        sys.stderr.write(NO_DISPLAY + "\n")
        return EXIT_NO_DISPLAY
    gc.disable()  # nothing is garbage while the program starts; then the window collects
    from corral.gui.application import run_window  # lazy: Qt is of no use without a display
    from corral.gui.refusal import refuse  # lazy: so is it

    try:
        return run_window(find_places(), file)
    except CorralError as error:
        return refuse(error)
