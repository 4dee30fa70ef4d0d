"""An RPC worker on this machine: ggml's own server function in a process of its own."""

import ctypes
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

READY_S = 60


@contextmanager
def rpc_worker() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a worker until the end of the block.

    Yields:
        Its address, and its process.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, __file__, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_up(port, process)
        yield address, process
    finally:
        process.kill()
        process.wait()


def _wait_until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while True:
        assert process.poll() is None, "the worker ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the worker does not come up"
            time.sleep(0.05)
        else:
            return


def _serve(address: str) -> None:
    os.environ["GGML_NO_BACKTRACE"] = "1"
    from llama_cpp import llama_cpp

    library = llama_cpp._lib
    by_type = library["ggml_backend_dev_by_type"]
    by_type.restype = ctypes.c_void_p
    devices = (ctypes.c_void_p * 1)(by_type(0))
    start = library["ggml_backend_rpc_start_server"]
    size, text = ctypes.c_size_t, ctypes.c_char_p
    start.argtypes = [text, text, size, size, ctypes.c_void_p]
    start(address.encode(), None, 1, 1, devices)


if __name__ == "__main__":
    _serve(sys.argv[1])
