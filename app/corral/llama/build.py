"""Which build of llama.cpp is installed, without loading it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "llama_cpp"
_DISTRIBUTION = "llama-cpp-python"
# Those whose internal records are known, and whose C++ functions are called.
KNOWN_RELEASES = ("0.3.36",)
# Where `llama_cpp` looks for its libraries first.
_LIBRARY_FOLDER = "LLAMA_CPP_LIB_PATH"
# Backends that compute in main memory or on another machine.
_WITHOUT_DRIVER = ("base", "cpu", "rpc", "blas")


def engine_release() -> str:
    """Return the release of the package ("0.3.36"), "unknown" where that cannot be told."""
    from importlib.metadata import PackageNotFoundError, version  # lazy: asked once, slow to import

    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:  # frozen programs carry no metadata
        return str(getattr(sys.modules.get(_PACKAGE), "__version__", "unknown"))


def engine_build() -> str:
    """Return a text that changes with every other build: version, sizes and times of libraries."""
    states = [library.stat() for library in _libraries()]
    size_bytes = sum(state.st_size for state in states)
    changed_ns = max((state.st_mtime_ns for state in states), default=0)
    return f"{engine_release()} {size_bytes} {changed_ns}"


def has_gpu_backend() -> bool:
    """Whether the build brings a backend that talks to a graphics driver."""
    names = [library.name.partition("ggml-")[2] for library in _libraries()]
    return any(name and not name.startswith(_WITHOUT_DRIVER) for name in names)


def _libraries() -> list[Path]:
    spec = find_spec(_PACKAGE)
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    folder = Path(os.environ.get(_LIBRARY_FOLDER) or package / "lib")
    return [file for file in folder.glob("*") if "ggml" in file.name or "llama" in file.name]
