"""Commands that reach other computers: pull and push. Nothing else of the command line does."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from corral.cli.output import write_line_over
from corral.foreign import safe_line
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.naming import is_reference
from corral.hub.pace import Pace
from corral.hub.registry.registry import Registry
from corral.hub.registry.status import Status
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.library import Library
from corral.places import find_places
from corral.settings import SettingsFile
from corral.units import duration, file_size
from corral.workbench.hub_login import HubLogin
from corral.workbench.hub_transfers import download_from_hub
from corral.workbench.modelling import open_library_with_starter
from corral.workbench.registries import open_registry

PLAIN_EVERY_S = 10.0


def pull(options: argparse.Namespace) -> int:
    """Pull a model from its registry."""
    library = _library()
    model = library.get(pull_model(library, options.model, options))
    print(f"pulled {model.name}, {file_size(model.size_bytes)}")
    return 0


def push(options: argparse.Namespace) -> int:
    """Push a model to the registry that its name says."""
    library = _library()
    with _shown("push", options.model) as (ticket, on_status):
        name = _registry(library, options).push(
            options.model, ticket, insecure=options.insecure, on_status=on_status
        )
    print(f"pushed {name.short}")
    return 0


def pull_model(library: Library, name: str, options: argparse.Namespace) -> str:
    """Pull a model and show how it goes; one that is named hf.co/… comes from Hugging Face.

    Args:
        library: Where it goes.
        name: Its name.
        options: Whether to do without encryption, and which key to sign in with.

    Returns:
        Its name in the library.

    Raises:
        CorralError: If it cannot be had.
    """
    with _shown("pull", name) as (ticket, on_status):
        if is_reference(name):
            return download_from_hub(_hub(), library, name, ticket).name
        pulled = _registry(library, options).pull(
            name, ticket, insecure=options.insecure, on_status=on_status
        )
    return pulled.short


def _library() -> Library:
    return open_library_with_starter(find_places())


def _registry(library: Library, options: argparse.Namespace) -> Registry:
    places = find_places()
    settings = SettingsFile(places.settings_file).current
    return open_registry(places, settings, library, options.key)


def _hub() -> HuggingFace:
    places = find_places()
    return HubLogin(SettingsFile(places.settings_file), places.tokens_file).open_hub()


@contextmanager
def _shown(verb: str, name: str) -> Iterator[tuple[Ticket, Callable[[Status], None]]]:
    line = TransferLine()
    try:
        yield Ticket(line.show), line.tell
    except (KeyboardInterrupt, Cancelled):
        line.clear()
        shown = safe_line(name)
        print(
            f"What has arrived is kept: `corral {verb} {shown}` goes on from it.", file=sys.stderr
        )
        raise
    finally:
        line.clear()


class TransferLine:
    """Progress with rate and time left: one line on a terminal, elsewhere a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._pace = Pace()
        self._told = ""
        self._printed_at = time.monotonic()

    def tell(self, status: Status) -> None:
        """Print what Ollama would tell, each once; a terminal is shown the progress instead."""
        if not self._is_terminal and status.status != self._told:
            self._told = status.status
            size = f" {file_size(status.total)}" if status.total else ""
            self._print(status.status + size)

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if progress.unit == "bytes":
            self._pace.note(progress.done, now)
        if self._is_terminal:
            write_line_over(self._text(progress))
        elif progress.unit == "bytes" and now - self._printed_at >= PLAIN_EVERY_S:
            self._print(self._text(progress))

    def clear(self) -> None:
        """Take the line away."""
        if self._is_terminal:
            write_line_over("")

    def _print(self, text: str) -> None:
        print(safe_line(text), file=sys.stderr, flush=True)
        self._printed_at = time.monotonic()

    def _text(self, progress: Progress) -> str:
        if progress.unit != "bytes" or not progress.total:
            return progress.phase
        done, total = progress.done, progress.total
        text = f"{progress.phase} {100 * done // total} %, {file_size(done)} of {file_size(total)}"
        if rate := self._pace.bytes_per_s:
            text += f", {file_size(int(rate))}/s"
        left = self._pace.seconds_left(total)
        return text if left is None else f"{text}, {duration(left)} left"
