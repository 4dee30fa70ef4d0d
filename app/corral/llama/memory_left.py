"""How much memory is left where a buffer was to be made."""

import re
from pathlib import Path

from corral.llama.devices import free_bytes, gpu_pointers
from corral.llama.ggml import Ggml
from corral.llama.library import LlamaLibrary

_STATUS = Path("/proc/self/status")


def memory_left(library: LlamaLibrary, buffer: str) -> int:
    """Return the free bytes of a device, by the name of one of its buffer types.

    Args:
        library: llama.cpp.
        buffer: Such as "CUDA0", "CPU_REPACK" or "" for main memory.
    """
    for name, pointer in gpu_pointers(library).items():
        if buffer == name:
            return free_bytes(Ggml(library), pointer)
    import psutil  # lazy: only a load that failed asks

    return min(int(psutil.virtual_memory().available), _address_space_left())


def _address_space_left() -> int:
    """Return what the limit of this process leaves (`ulimit -v`); without one, very much."""
    try:
        import resource  # lazy: not on every system
    except ImportError:
        return 2**63
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or not _STATUS.exists():
        return 2**63
    used = re.search(r"VmSize:\s+(\d+) kB", _STATUS.read_text())
    return max(0, limit - int(used[1]) * 1024) if used else limit
