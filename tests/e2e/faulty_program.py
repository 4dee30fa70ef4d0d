"""The real window program in which llama.cpp breaks when the tests say so.

Nothing of the engine is replaced: the next call of `llama_decode` gets what makes the real library
abort, throw or crash, in the thread and at the moment in which it would.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

from program import Mouth
from PySide6.QtWidgets import QApplication

from corral.engine import session
from corral.gui.main_window import MainWindow
from corral.gui.start import start_window
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.workbench.workbench import Workbench

KEPT_MOUTH = "CORRAL_TEST_MOUTH"
THROW_BAD_ALLOC = "_ZSt17__throw_bad_allocv"

Fault = Callable[[Any, Context], object]


def abort(api: Any, context: Context) -> object:
    """Decode more tokens than a batch may have: ggml's own assertion fails."""
    count = api.llama_n_batch(context.pointer) + 1
    batch = api.llama_batch_init(count, 0, 1)
    batch.n_tokens = count
    for number in range(count):
        batch.token[number] = 1
        batch.pos[number] = context.last_position(0) + 1 + number
        batch.n_seq_id[number] = 1
        batch.seq_id[number][0] = 0
        batch.logits[number] = 0
    return api.llama_decode(context.pointer, batch)


def terminate(_api: Any, _context: Context) -> object:
    """Throw a C++ exception that nobody catches."""
    return ctypes.CDLL("libstdc++.so.6")[THROW_BAD_ALLOC]()


def segfault(_api: Any, _context: Context) -> object:
    """Read from where nothing is."""
    return ctypes.string_at(0)


FAULTS: dict[str, Fault] = {"abort": abort, "terminate": terminate, "segfault": segfault}


class FaultyMouth(Mouth):
    """Also tells what the workbench holds, and breaks llama.cpp."""

    def _on_break(self, how: str) -> None:
        """Let the next decode break."""
        (runner,) = workbench().engine.loaded
        context, api = runner._session.context, runner._session.library.api
        decode = context._decode

        def broken(*_arguments: object) -> object:
            context._decode = decode
            return FAULTS[how](api, context)

        context._decode = broken

    def _on_break_load(self) -> None:
        """Let the next load break."""
        load_model = session.load_model

        def broken(library: LlamaLibrary, *_arguments: object) -> None:
            session.load_model = load_model
            library.cdll.ggml_abort(b"test.c", 1, b"provoked")

        session.load_model = broken

    def _on_streamed(self) -> str:
        """All that has come of the running answer."""
        return "".join(generation.answer for generation in workbench().conversing.running)

    def _on_loaded(self) -> list[str]:
        return [runner.info.path.name for runner in workbench().engine.loaded]


def workbench() -> Workbench:
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
    return windows[0]._workbench


def mouth_descriptor() -> int:
    """The way to the tests, also for the program that this one makes of itself at a restart."""
    if KEPT_MOUTH not in os.environ:
        os.environ[KEPT_MOUTH] = str(os.dup(1))
        os.set_inheritable(int(os.environ[KEPT_MOUTH]), True)
    return int(os.environ[KEPT_MOUTH])


if __name__ == "__main__":
    to_tests = os.fdopen(mouth_descriptor(), "w", encoding="utf-8")
    os.dup2(2, 1)
    mouth = FaultyMouth(sys.stdin, to_tests)
    sys.exit(start_window(None))
