"""The command and the environment that start this program as a child of itself."""

import os
import sys

from corral.places import PACKAGE_FOLDER


def child_command(role: str) -> list[str]:
    """Return the command line of a child.

    A frozen program is its own interpreter. Otherwise `-P` keeps the current folder out of the
    import path: it may hold anybody's files.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "--child", role]
    return [sys.executable, "-P", "-m", "corral", "--child", role]


def child_environment() -> dict[str, str]:
    """Return the environment of a child: ours, and the way to this package.

    An installed package is found without help, and its folder must not come before the standard
    library; a checkout needs it.
    """
    environment = dict(os.environ)
    folder = PACKAGE_FOLDER.parent
    if folder.name not in {"site-packages", "dist-packages"}:
        paths = [str(folder), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment
