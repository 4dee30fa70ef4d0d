"""Nets below llama.cpp: where it would end the process, its thread is parked for ever instead.

ggml calls `abort` after a failed check, C++ calls `terminate` for an exception that nobody caught.
Both ask a callback first. Ours records what happened, tells the engine and never returns, so the
window and all other threads live on. A segmentation fault is not caught here.
"""

import ctypes
import sys
import time
from collections.abc import Callable
from typing import Any

OnAbort = Callable[[str], None]

# Names of std::set_terminate(void (*)()) and of what it needs, as the Itanium ABI spells them.
_CPP_RUNTIMES = {"linux": "libstdc++.so.6", "darwin": "libc++.1.dylib"}
_SET_TERMINATE = "_ZSt13set_terminatePFvvE"
_CURRENT_TYPE = "__cxa_current_exception_type"
_DEMANGLE = "__cxa_demangle"

_AbortCallback = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
_TerminateCallback = ctypes.CFUNCTYPE(None)


class Nets:
    """The two nets of one process.

    Attributes:
        installed: Which nets hold: "abort", "terminate".

    Thread: `on_abort` is called in whatever thread failed, also in OpenMP's own.
    """

    def __init__(self, cdll: ctypes.CDLL, on_abort: OnAbort) -> None:
        self._on_abort = on_abort
        # Kept here: the C side holds only the bare pointers.
        self._abort_callback = _AbortCallback(self._aborted)
        self._terminate_callback = _TerminateCallback(self._terminated)
        self._runtime = _cpp_runtime()
        self.installed = (*self._install_abort(cdll), *self._install_terminate())

    def _install_abort(self, cdll: ctypes.CDLL) -> tuple[str, ...]:
        # Through libllama: opening libggml-base by its path would load a second, unconnected copy.
        setter: Any = cdll.ggml_set_abort_callback
        setter.argtypes = [_AbortCallback]
        setter.restype = ctypes.c_void_p
        setter(self._abort_callback)
        return ("abort",)

    def _install_terminate(self) -> tuple[str, ...]:
        if self._runtime is None:
            return ()
        setter: Any = self._runtime[_SET_TERMINATE]
        setter.argtypes = [_TerminateCallback]
        setter.restype = ctypes.c_void_p
        setter(self._terminate_callback)
        return ("terminate",)

    def _aborted(self, message: bytes | None) -> None:
        self._park((message or b"").decode("utf-8", "replace").strip())

    def _terminated(self) -> None:
        self._park(f"an exception that nobody caught: {self._exception_name()}")

    def _exception_name(self) -> str:
        assert self._runtime is not None
        current: Any = self._runtime[_CURRENT_TYPE]
        current.restype = ctypes.c_void_p
        type_info = current()
        if not type_info:
            return "unknown"
        # A type_info is a vtable pointer and then a pointer to the mangled name.
        name = ctypes.c_char_p.from_address(type_info + ctypes.sizeof(ctypes.c_void_p)).value
        demangle: Any = self._runtime[_DEMANGLE]
        demangle.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        demangle.restype = ctypes.c_char_p  # never freed: this happens once
        return (demangle(name, None, None, None) or name or b"unknown").decode("ascii", "replace")

    def _park(self, message: str) -> None:
        try:
            self._on_abort(message)
        finally:
            while True:  # returning would end the process
                time.sleep(3600)


def _cpp_runtime() -> ctypes.CDLL | None:
    name = _CPP_RUNTIMES.get(sys.platform)
    if name is None:
        return None
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
