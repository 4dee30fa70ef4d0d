"""Work on a model store in a process of its own, which ends in the middle as if the power failed.

    python -m helpers.store_work ROOT KIND STOP

does the work KIND once told to on stdin, and kills itself before its STOP-th call that touches the
file system; 0 never. A new kind of work (a pull, say) is a function and a line in `KINDS`.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from corral.errors import UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.jobs import Ticket
from corral.library.library import Library
from corral.library.store import Store
from corral.library.taking import ImportHow
from corral.modelfile.parser import parse
from helpers.gguf_files import tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.splits import split_gguf

# What Python tells of before it does it, of all that changes or locks files.
TOUCHING = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate",
     "os.chmod", "os.utime", "fcntl.flock", "fcntl.ioctl", "tempfile.mkstemp", "os.scandir")
)  # fmt: skip
BIG_ROWS = 1 << 14
# The file that names the registry to pull from, by host and port.
REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work.

    Attributes:
        act: Does it, with the folder of the files.
        is_done: Whether it was done.
        prepare: Imports what it needs late, which must not count as its work.
    """

    act: Callable[[Library, Path], object]
    is_done: Callable[[Library], bool]
    prepare: Callable[[], object] = lambda: None


def names(library: Library) -> set[str]:
    """Return the names of the models, without the tag."""
    return {model.name.removesuffix(":latest") for model in library.list()}


def _replace(library: Library, files: Path) -> None:
    library.create("mine", parse("FROM big.gguf\nSYSTEM Two\nLICENSE MIT"), files)


def _hub() -> tuple[ModuleType, ...]:
    names = ("downloading", "network", "registry.keys", "registry.pulling")
    return tuple(importlib.import_module(f"corral.hub.{name}") for name in names)


def _pull(library: Library, files: Path) -> None:
    downloading, network, keys, pulling = _hub()
    downloader = downloading.Downloader(network.Network(timeout_s=5, connect_timeout_s=5))
    pull = pulling.Pulling(library.exchange(), downloader, keys.Key(files / "id_ed25519"))
    host = (files / REGISTRY).read_text()
    try:
        pull.run(f"{host}/library/served", Ticket(), insecure=True)
    finally:
        downloader.client.close()


KINDS = {
    "import": Kind(
        lambda library, files: library.import_file(files / "big.gguf", "imported", ImportHow.COPY),
        lambda library: "imported" in names(library),
    ),
    "import by link": Kind(
        lambda library, files: library.import_file(files / "big.gguf", "linked", ImportHow.LINK),
        lambda library: "linked" in names(library),
    ),
    "import of shards": Kind(
        lambda library, files: library.import_file(
            files / "split" / "big-00001-of-00003.gguf", "joined"
        ),
        lambda library: "joined" in names(library),
    ),
    "create": Kind(
        lambda library, files: library.create(
            "made", parse("FROM base\nSYSTEM Hi\nPARAMETER top_k 3\nMESSAGE user Ho\nLICENSE MIT")
        ),
        lambda library: "made" in names(library),
    ),
    "create over another": Kind(_replace, lambda library: library.get("mine").system == "Two"),
    "cp": Kind(
        lambda library, files: library.copy("base", "copied"),
        lambda library: "copied" in names(library),
    ),
    "rename": Kind(
        lambda library, files: library.rename("mine", "renamed"),
        lambda library: "renamed" in names(library) and "mine" not in names(library),
    ),
    "rm": Kind(
        lambda library, files: library.remove("mine"),
        lambda library: "mine" not in names(library),
    ),
    "restore": Kind(
        lambda library, files: library.restore("gone"),
        lambda library: "gone" in names(library),
    ),
    "pull": Kind(
        _pull,
        lambda library: any(name.endswith("/library/served") for name in names(library)),
        prepare=_hub,
    ),
    "empty the trash": Kind(
        lambda library, files: library.empty_trash(before=float("inf")),
        lambda library: not library.trash(),
    ),
}


def open_library(root: Path) -> Library:
    """Return the library of a root that `furnish` has furnished."""
    return Library(Store(root / "models"), HeaderCache(root / "headers"))


def furnish(root: Path) -> None:
    """Make a store with models `base` and `mine`, `gone` and `lost` in the trash, and files."""
    files = root / "files"
    tensors = tiny_tensors() | {"extra.weight": ([64, BIG_ROWS], TensorType.F32)}
    big = write_gguf(files / "big.gguf", tiny_metadata(general__name="Big"), tensors)
    split_gguf(big, files / "split", 3)
    library = open_library(root)
    library.import_file(tiny_model(files / "base.gguf"), "base")
    library.import_file(tiny_model(files / "lost.gguf", general__name="Lost"), "lost")
    for name in ("mine", "gone"):
        library.create(name, parse(f"FROM base\nSYSTEM {name}\nPARAMETER top_k 1"))
    library.remove("gone")
    library.remove("lost")


def resume(kind: Kind, library: Library, files: Path) -> None:
    """Do the work again if it was not done."""
    if not kind.is_done(library):
        kind.act(library, files)


class _Killer:
    """Ends this process before a certain call."""

    def __init__(self, stop: int) -> None:
        self.calls = 0
        self._stop = stop

    def __call__(self, event: str, _arguments: object) -> None:
        if event in TOUCHING:
            self.calls += 1
            if self.calls == self._stop:
                os.kill(os.getpid(), signal.SIGKILL)


def _stay_busy(library: Library, rounds: int) -> None:
    """Copy and remove models beside the one who is killed; what it makes is never touched."""
    for _ in range(rounds):
        library.copy("base", "neighbour")
        library.create("neighbours-own", parse("FROM base\nSYSTEM beside"))
        library.remove("neighbour")
        library.tidy()
        library.remove("neighbours-own")


def main() -> None:
    """Do one kind of work when told to; print how many calls it took."""
    root, kind_name, stop = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    library = open_library(root)
    if kind_name != "neighbour":
        KINDS[kind_name].prepare()
        KINDS[kind_name].is_done(library)  # what is imported late must not count
    print("ready", flush=True)
    sys.stdin.readline()
    if kind_name == "neighbour":
        _stay_busy(library, rounds=stop)
        return
    killer = _Killer(stop)
    sys.addaudithook(killer)
    try:
        KINDS[kind_name].act(library, root / "files")
    except UserError as error:
        sys.exit(f"{kind_name}: {error}")
    print(killer.calls, flush=True)


if __name__ == "__main__":
    main()
