"""The window's texts in other languages: brought up to date with the code, and compiled.

`python packaging/translations.py` compiles each .ts file that is newer than its .qm file;
with `--update` it looks for new texts in the code first, which then wait for their translation.
The folder is `resources/translations`, or the one named behind `--folder`.
hatch compiles them into the wheel by the class at the end.
"""

import argparse
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
# No line numbers: a file changes only with its texts.
UPDATE = ("-silent", "-locations", "none", "-no-obsolete", "-extensions", "py")


def update(folder: Path) -> None:
    """Add the code's new texts to the .ts files, and take those away that are gone."""
    for file in sorted(folder.glob("*.ts")):
        # English needs its plurals only; the rest is what stands in the code.
        plurals = ["-pluralonly"] if file.stem.endswith("_en") else []
        _run("lupdate", *UPDATE, *plurals, "app/corral/gui", "-ts", str(file))


def compile_new(folder: Path) -> None:
    """Compile the .ts files that are newer than their .qm file."""
    for file in sorted(folder.glob("*.ts")):
        compiled = file.with_suffix(".qm")
        if not compiled.exists() or compiled.stat().st_mtime < file.stat().st_mtime:
            _run("lrelease", "-silent", str(file), "-qm", str(compiled))


def _run(tool: str, *arguments: str) -> None:
    import PySide6  # lazy: not there yet while Corral itself is being installed

    subprocess.run([Path(PySide6.__file__).parent / tool, *arguments], cwd=ROOT, check=True)


class TranslationsHook(BuildHookInterface[Any]):
    """Compiles before hatch packs a wheel; an editable install takes them from the checkout."""

    def initialize(self, version: str, _build_data: dict[str, Any]) -> None:
        """Compile what is new, but not for an editable install."""
        if version != "editable":
            compile_new(FOLDER)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compile the window's translations.")
    parser.add_argument("--update", action="store_true", help="look for new texts first")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    if asked.update:
        update(asked.folder)
    compile_new(asked.folder)
