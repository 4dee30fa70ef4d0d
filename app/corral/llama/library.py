"""llama.cpp in this process: the one lazy import of `llama_cpp` and what hangs on it."""

import ctypes
from types import ModuleType
from typing import Any

from corral.errors import ExternalError
from corral.llama.environment import prepare_environment
from corral.llama.log import captured_log
from corral.llama.nets import Nets, OnAbort


class LlamaLibrary:
    """llama.cpp, loaded. Made once by the composition root and passed around.

    Attributes:
        api: The module `llama_cpp.llama_cpp`: structures, constants and typed functions that give
            the GIL away while they run (decode, load, state).
        cdll: The library itself, for exported functions that `api` does not bind; never open the
            ggml libraries by path, that loads second copies.
        short: The same library for calls of microseconds: they keep the GIL, as winning it back
            beside a busy window costs far more than the call.
        log: What llama.cpp has said.
    """

    def __init__(self, api: ModuleType) -> None:
        self.api: Any = api
        self.cdll: ctypes.CDLL = self.api._lib  # noqa: SLF001 (the only handle to the right copy)
        self.short = ctypes.PyDLL(self.cdll._name)  # noqa: SLF001
        self.log = captured_log(api)
        self._nets: Nets | None = None
        self.api.llama_backend_init()

    @property
    def version(self) -> str:
        """llama.cpp's own version text."""
        return str(self.api.llama_version().decode())

    @property
    def nets(self) -> tuple[str, ...]:
        """Names of the nets that hold."""
        return self._nets.installed if self._nets else ()

    def install_nets(self, on_abort: OnAbort) -> None:
        """Park failing threads from now on and tell `on_abort` what failed, in that thread."""
        self._nets = Nets(self.cdll, on_abort)

    def short_call(self, name: str) -> Any:
        """Return a function of `api` that keeps the GIL; for calls of microseconds only."""
        typed = getattr(self.api, name)
        function = self.short[name]
        function.argtypes, function.restype = typed.argtypes, typed.restype
        return function


def load_library() -> LlamaLibrary:
    """Bring llama.cpp into the process.

    Thread: any; takes up to a second, so not the event loop's.

    Raises:
        ExternalError: If it is not installed, or this system cannot load it.
    """
    prepare_environment()
    try:
        from llama_cpp import llama_cpp  # lazy: 0.2-0.6 s, and only those who run models need it
    except (ImportError, OSError, RuntimeError) as error:
        raise ExternalError(
            f"llama.cpp cannot be loaded: {error}.",
            hint="Install Corral again.",
        ) from error

    return LlamaLibrary(llama_cpp)
