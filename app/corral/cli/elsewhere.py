"""Commands about the models of other programs: where they lie, and what is there twice."""

import argparse
from pathlib import Path

from corral.cli.output import ProgressLine, print_table
from corral.errors import UserError
from corral.foreign import safe_line
from corral.jobs import Ticket
from corral.library.elsewhere.duplicates import Duplicate
from corral.places import find_places
from corral.settings import SettingsFile
from corral.units import file_size
from corral.workbench.modelling import open_library


def duplicates(options: argparse.Namespace) -> int:
    """Print the content that lies in several places."""
    library = open_library(find_places())
    if options.hash:
        line = ProgressLine()
        try:
            count = library.hash_suspects(Ticket(line.show))
        finally:
            line.clear()
        print(f"read {count} files that are as large as another")
    found = library.duplicates()
    for duplicate in found:
        _print_duplicate(duplicate)
    freed = sum(duplicate.freed_bytes for duplicate in found)
    noun = "duplicate" if len(found) == 1 else "duplicates"
    print(f"{len(found)} {noun}; keeping one of each would free {file_size(freed)}")
    return 0


def _print_duplicate(duplicate: Duplicate) -> None:
    print(f"{duplicate.digest[:19]}  {file_size(duplicate.size_bytes)} each")
    for copy in duplicate.copies:
        linked = "  (hard link, takes no room)" if copy.is_linked else ""
        names = safe_line(", ".join(copy.models))
        print(f"  {names}  {safe_line(copy.home.label)}{linked}")
        print(f"    {safe_line(str(copy.path), 1000)}")


def list_folders(options: argparse.Namespace) -> int:  # noqa: ARG001 (all commands take them)
    """Print the folders in which models are looked for, and how many each has."""
    library = open_library(find_places())
    counts: dict[Path, int] = {}
    for model in library.list():
        counts[model.home.folder] = counts.get(model.home.folder, 0) + 1
    added = SettingsFile(find_places().settings_file).current.model_folders
    homes = [(home.label, home.folder) for home in library.homes()]
    rows = [
        (label, str(counts.get(folder, 0)), safe_line(str(folder), 1000), _state(folder))
        for label, folder in homes
    ]
    shown = {folder for _, folder in homes}
    rows += [
        ("", "", safe_line(folder, 1000), "is not there")
        for folder in added
        if Path(folder).resolve() not in shown
    ]
    print_table(("WHOSE", "MODELS", "FOLDER", ""), rows)
    return 0


def add_folder(options: argparse.Namespace) -> int:
    """Look for models in one more folder."""
    folder = options.folder.expanduser().resolve()
    if not folder.is_dir():
        raise UserError(f"There is no folder {safe_line(str(folder), 1000)}.")
    settings = SettingsFile(find_places().settings_file)
    settings.change(model_folders=(*settings.current.model_folders, str(folder)))
    print(f"models are now looked for in {safe_line(str(folder), 1000)}")
    return 0


def remove_folder(options: argparse.Namespace) -> int:
    """Look for models in one folder less; what is in it stays."""
    folder = str(options.folder.expanduser().resolve())
    settings = SettingsFile(find_places().settings_file)
    if folder not in settings.current.model_folders:
        raise UserError(
            f"{safe_line(folder, 1000)} is not among the folders that were added.",
            hint="`corral folders` lists them.",
        )
    left = tuple(each for each in settings.current.model_folders if each != folder)
    settings.change(model_folders=left)
    print(f"models are no longer looked for in {safe_line(folder, 1000)}")
    return 0


def _state(folder: Path) -> str:
    """Return why a folder cannot be read, "" when it can."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        return error.strerror or str(error)
    return ""
