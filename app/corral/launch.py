"""The entry points: a child process or a command, each imported only when it is meant."""

import sys


def main() -> int:
    """Run what the command line asks for and return the exit code."""
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--child":
        from corral.children.serve import serve  # lazy: a child starts with nothing else

        return serve(arguments[1])
    from corral.cli.main import main as run_command  # lazy: a child does not need it

    return run_command(arguments)
