import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corral.errors import CorralError
from corral.llama.library import LlamaLibrary, load_library
from corral.llama.log import Level, LogLine
from corral.llama.model import load_model
from corral.plan.options import LoadOptions

LISTEN = """
import os, sys
assert "llama_cpp" not in sys.modules
import corral.llama.library, corral.engine.engine
assert not {"llama_cpp", "numpy"} & set(sys.modules)
library = corral.llama.library.load_library()
library.install_nets(print)
print(os.environ["GGML_NO_BACKTRACE"], os.environ["GOMP_SPINCOUNT"], *library.nets)
"""


def test_the_environment_is_set_before_the_lazy_import_and_the_users_own_stays() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "GOMP_SPINCOUNT": "77"}
    env.pop("GGML_NO_BACKTRACE", None)
    said = subprocess.run(
        [sys.executable, "-c", LISTEN], env=env, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["1", "77", "abort", "terminate"]
    assert said.stderr == ""


def test_short_calls_have_the_types_of_the_long_ones(library: LlamaLibrary) -> None:
    assert library.short_call("llama_max_devices")() == library.api.llama_max_devices()
    assert library.version


def test_fragments_of_the_log_become_lines_with_their_level(library: LlamaLibrary) -> None:
    mark = library.log.mark()
    for level, text in [
        (Level.INFO, b"loading"),
        (Level.CONTINUE, b" ..."),
        (Level.CONTINUE, b" done\n"),
        (Level.WARN, b"odd: \xff\n"),
        (99, b"new\nlevel\n"),
        (Level.ERROR, b"no line feed"),
    ]:
        library.log._append(level, text, None)
    assert library.log.since(mark) == [
        LogLine(level=Level.INFO, text="loading ... done"),
        LogLine(level=Level.WARN, text="odd: \ufffd"),
        LogLine(level=Level.INFO, text="new"),
        LogLine(level=Level.INFO, text="level"),
        LogLine(level=Level.ERROR, text="no line feed"),
    ]
    assert library.log.complaints(mark) == "odd: \ufffd\nno line feed"
    assert library.log.complaints(mark, limit=1) == "no line feed"


def test_another_library_of_the_process_leaves_the_first_its_log(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    """The callback of one that is gone would be called all the same, and end the process."""
    load_library()
    gc.collect()
    mark = library.log.mark()
    with pytest.raises(CorralError):
        load_model(library, tmp_path / "nothing.gguf", LoadOptions(), lambda _percent: True)
    assert "nothing.gguf" in library.log.complaints(mark)
