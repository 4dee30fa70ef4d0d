"""The entry points: a child process, a command, or the window, each imported when meant."""

import sys
from pathlib import Path


def main() -> int:
    """Run what the command line asks for and return the exit code."""
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--child":
        from corral.children.serve import serve  # lazy: a child starts with nothing else

        return serve(arguments[1])
    if not arguments or _is_model_file(arguments):
        return main_window()
    try:
        from corral.cli.main import main as run_command  # lazy: a child does not need it

        return run_command(arguments)
    except KeyboardInterrupt:  # while something was being imported
        return 130


def main_window() -> int:
    """Open the window, with the GGUF file that the command line names, if it names one."""
    from corral.gui.start import start_window  # lazy: no command needs Qt

    arguments = sys.argv[1:]
    return start_window(Path(arguments[0]) if _is_model_file(arguments) else None)


def _is_model_file(arguments: list[str]) -> bool:
    return len(arguments) == 1 and arguments[0].lower().endswith(".gguf")
