"""Takes caches of chats to disk when they lose their place, and brings them back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from corral.engine.kv_store import KvStore, StoredCache
from corral.llama.build import engine_build
from corral.llama.context import Context
from corral.plan.options import LoadOptions

# Less is read again faster than a file is found.
LEAST_TOKENS = 128
# These do not change what a token's keys and values are.
_OF_NO_MATTER = (
    *("n_ctx", "n_batch", "n_ubatch", "n_threads", "n_threads_batch"),
    *("n_outputs_max", "n_seq_max", "op_offload"),
)


class Keeper:
    """The disk side of one context's sequences.

    Thread: the engine thread.
    """

    def __init__(self, store: KvStore, context: Context, family: bytes) -> None:
        self._store = store
        self._context = context
        self._family = family

    def keep(self, owner: str, sequence: int, tokens: Sequence[int]) -> None:
        """Write what a sequence holds, if it is worth that."""
        if owner and len(tokens) >= LEAST_TOKENS:
            state = self._context.save(sequence)
            if state:
                self._store.write(owner, self._family, tokens, state)

    def look(self, owner: str) -> StoredCache | None:
        """Return what is kept for an owner."""
        return self._store.look(owner, self._family) if owner else None

    def bring_back(self, stored: StoredCache, sequence: int) -> bool:
        """Put what was kept into an empty sequence; False when that cannot be done."""
        state = self._store.read(stored)
        return state is not None and self._context.restore(sequence, state)


def family_of(path: Path, options: LoadOptions, projector: Path | None = None) -> bytes:
    """Return what tells caches apart that other weights, contexts or builds have computed.

    Blobs are named by their digest; other files are known by size and time.
    """
    files = [_identity(file) for file in (path, projector) if file]
    context = asdict(options.context)
    for name in _OF_NO_MATTER:
        del context[name]
    text = json.dumps([files, context, options.n_gpu_layers, engine_build()])
    return hashlib.sha256(text.encode()).digest()


def _identity(path: Path) -> list[str | int]:
    real = path.resolve()
    if real.name.startswith("sha256-"):
        return [real.name]
    state = real.stat()
    return [str(real), state.st_size, state.st_mtime_ns]
