"""One computer with a store, as the tests of registries need several."""

import random
from pathlib import Path

from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.hub.downloading import Downloader
from corral.hub.network import Network
from corral.hub.registry.keys import Key
from corral.hub.registry.pulling import Pulling
from corral.hub.registry.pushing import Pushing
from corral.library.library import Library
from corral.library.store import Store
from corral.modelfile.parser import parse
from corral.units import MIB
from helpers.gguf_files import tiny_metadata, tiny_tensors, write_gguf

BALLAST = 12 * MIB
LARGEST_WRITTEN = 16 * MIB

MODELFILE = """FROM base
TEMPLATE {{ .Prompt }}
SYSTEM Answer as a shepherd.
PARAMETER temperature 0.5
LICENSE Free
"""


class Side:
    """One computer: a store with its library, and the way to registries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "models")
        self.library = Library(self.store, HeaderCache(folder / "headers"))
        self.exchange = self.library.exchange()
        network = Network(timeout_s=0.6, connect_timeout_s=5)
        self.downloader = Downloader(network, first_pause_s=0.02)
        self.key = Key(folder / "id_ed25519")
        self.pulling = Pulling(self.exchange, self.downloader, self.key)
        self.pushing = Pushing(self.exchange, self.downloader, self.key, folder / "uploads")

    def make(self, name: str, ballast: int = BALLAST) -> None:
        """Make a model whose weights are large enough for several parts."""
        path = self.folder / "base.gguf"
        tensors = {**tiny_tensors(), "ballast.weight": ([256, ballast // 512], TensorType.F16)}
        whole = write_gguf(path, tiny_metadata(), tensors).stat().st_size
        chance = random.Random(2)
        with path.open("r+b") as file:
            # The last tensor's data; large ones are left out by `write_gguf`.
            file.seek(whole - ballast if ballast // 2 <= LARGEST_WRITTEN else whole)
            for _ in range(ballast // MIB):
                file.write(chance.randbytes(MIB))
        self.library.import_file(path, "base")
        self.library.create(name, parse(MODELFILE))

    def manifest(self, name: str) -> bytes:
        """Return a manifest as it lies in the store."""
        return self.exchange.read(name)[1]
