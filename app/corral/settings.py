"""The user's settings: a frozen record, one JSON file, written whole."""

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from corral.errors import UserError


class ThemeChoice(StrEnum):
    """Which palette the window uses."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user can set.

    Attributes:
        theme: Light, dark, or as the system is.
        zoom_percent: Size of the text, 50 to 300.
    """

    theme: ThemeChoice = ThemeChoice.SYSTEM
    zoom_percent: int = 100


class SettingsFile:
    """Keeps the settings on disk.

    Thread: the event loop's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.current = self._read()

    def change(self, **changes: Any) -> Settings:
        """Change some settings and write the file.

        Raises:
            UserError: If a value is out of its range.
        """
        changed = replace(self.current, **changes)
        if not 50 <= changed.zoom_percent <= 300:
            raise UserError(f"The zoom is {changed.zoom_percent} %; it can be 50 to 300 %.")
        self.current = changed
        write_atomically(self._path, json.dumps(asdict(changed), indent=1))
        return changed

    def _read(self) -> Settings:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            known = {f.name for f in fields(Settings)}
            values = {name: value for name, value in stored.items() if name in known}
            settings = Settings(**values)
            return replace(settings, theme=ThemeChoice(settings.theme))
        except (OSError, ValueError, TypeError, AttributeError):
            return Settings()  # a settings file that cannot be read is not worth a dialog


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Write `text` so that a crash leaves either the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
