"""`corral settings`: what the user has set, for those without a window."""

import argparse
import sys
from dataclasses import asdict
from enum import StrEnum

from corral.cli.output import print_table
from corral.errors import UserError
from corral.foreign import safe_line
from corral.hardware.workers import WARNING
from corral.places import find_places
from corral.settings import Settings, SettingsFile

# These have commands of their own.
_ELSEWHERE = {"model_folders": "corral folders", "machines": "corral plan --save-machine"}


def settings(options: argparse.Namespace) -> int:
    """Print the settings, print one, or change one."""
    file = SettingsFile(find_places().settings_file)
    if options.name is None:
        shown = {name: _shown(value) for name, value in asdict(file.current).items()}
        rows = [(name, value) for name, value in shown.items() if name not in _ELSEWHERE]
        print_table(("SETTING", "VALUE"), rows)
        return 0
    name = _known(options.name)
    if options.value is not None:
        file.change(**{name: _value(name, options.value)})
        if name == "rpc_workers" and file.current.rpc_workers:
            print(f"corral: {WARNING}", file=sys.stderr)
    print(_shown(getattr(file.current, name)))
    return 0


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _known(name: str) -> str:
    wanted = name.replace("-", "_")
    names = [each for each in asdict(Settings()) if each not in _ELSEWHERE]
    begun = [each for each in names if each.startswith(f"{wanted}_")]
    if wanted not in names and len(begun) == 1:
        return begun[0]
    if wanted in _ELSEWHERE:
        raise UserError(f"'{wanted}' is set by another command.", hint=_ELSEWHERE[wanted])
    if wanted not in names:
        raise UserError(
            f"There is no setting '{safe_line(name, 60)}'.", hint=f"There are: {', '.join(names)}."
        )
    return wanted


def _value(name: str, text: str) -> object:
    """Return a value of the setting's own kind.

    Raises:
        UserError: If the text is none.
    """
    default = getattr(Settings(), name)
    if isinstance(default, tuple):
        return tuple(filter(None, text.split(",")))
    try:
        return type(default)(text)
    except ValueError:
        kinds = [*type(default)] if isinstance(default, StrEnum) else ["a number"]
        raise UserError(
            f"'{safe_line(text, 60)}' is no value of '{name}'.",
            hint=f"It can be: {', '.join(map(str, kinds))}.",
        ) from None
