"""llama.cpp's library for pictures and sounds."""

import ctypes
from types import ModuleType

from corral.errors import ExternalError
from corral.llama.library import LlamaLibrary


def mtmd_of(library: LlamaLibrary) -> ModuleType:
    """Return the module `llama_cpp.mtmd_cpp`; what it says goes into llama.cpp's log.

    Raises:
        ExternalError: If this build of llama.cpp has none.
    """
    try:
        from llama_cpp import mtmd_cpp  # lazy: comes with the first projector
    except (ImportError, OSError, RuntimeError) as error:
        raise ExternalError(
            f"This llama.cpp cannot see or hear: {error}.",
            hint="Install Corral again.",
        ) from error
    mtmd_cpp.mtmd_helper_log_set(library.log.callback, ctypes.c_void_p(0))
    return mtmd_cpp
