"""Two processes at once, and processes that are killed: the store stays whole."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from corral.library.library import Library
from corral.library.store import Store
from helpers.models import smollm2_path

APP = Path(__file__).parents[3] / "app"

HEAD = """
import sys, time
from pathlib import Path
from corral.gguf.cache import HeaderCache
from corral.jobs import Ticket
from corral.library.library import Library
from corral.library.store import Store
from corral.modelfile.parser import parse

root, *files = map(Path, sys.argv[1:])
library = Library(Store(root / "models"), HeaderCache(root / "headers"))

def say(word):
    print(word, flush=True)
"""

IMPORT_WHEN_TOLD = (
    HEAD
    + """
say("ready")
sys.stdin.readline()
for file in files:
    say(library.import_file(file).weights.name)
"""
)

STOP_HALFWAY = (
    HEAD
    + """
def on_progress(progress):
    if progress.phase == "Copying" and progress.done > progress.total / 2:
        say("halfway")
        time.sleep(60)

library.import_file(files[0], ticket=Ticket(on_progress))
"""
)

WORK_FOR_EVER = (
    HEAD
    + """
say("ready")
while True:
    for file in files:
        library.import_file(file, "base")
        library.create("mine", parse("FROM base\\nSYSTEM " + str(time.time())))
        library.copy("mine", "copy")
        library.rename("copy", "renamed")
        for name in ("mine", "renamed", "base"):
            library.remove(name)
        library.restore("base")
        library.remove("base")
        library.empty_trash(before=time.time())
        library.tidy()
"""
)


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python code in a process of its own, which ends with the test at the latest."""
    with ExitStack() as stack:

        def start(code: str, *arguments: Path) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": str(APP)},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_two_processes_import_the_same_and_different_files_at_once(
    start: Start,
    library: Library,
    store: Store,
    tmp_path: Path,
    gguf: Path,
    other_gguf: Callable[[str], Path],
) -> None:
    second = other_gguf("second.gguf")
    smollm2 = smollm2_path()
    both = [
        start(IMPORT_WHEN_TOLD, tmp_path, smollm2, gguf, second),
        start(IMPORT_WHEN_TOLD, tmp_path, smollm2, second, gguf),
    ]
    assert [line(process) for process in both] == ["ready", "ready"]
    answers = [process.communicate("go\n", timeout=120)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert set(answers[0]) == set(answers[1])
    models = library.list()
    assert {model.name for model in models} == {
        "smollm2-135m-instruct:q4_1",
        "tiny:f32",
        "second:f32",
    }
    assert [model.problem for model in models] == ["", "", ""]
    assert len(list(store.blobs.iterdir())) == 3 + 2, "the two small models share their config"


def test_a_process_killed_in_the_middle_of_an_import_leaves_a_usable_store(
    start: Start,
    library: Library,
    store: Store,
    tmp_path: Path,
    gguf: Path,
    leftovers: Callable[[], list[str]],
) -> None:
    library.import_file(gguf)
    before = library.list()
    process = start(STOP_HALFWAY, tmp_path, smollm2_path())
    assert line(process) == "halfway"
    library.tidy()
    assert len(leftovers()) == 1, "what is still being written must stay"
    kill(process)
    assert library.list() == before
    library.tidy()
    assert leftovers() == []
    assert library.import_file(smollm2_path()).problem == ""


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 60))]
)
def test_kills_at_any_moment_leave_every_model_whole(
    start: Start,
    library: Library,
    tmp_path: Path,
    gguf: Path,
    other_gguf: Callable[[str], Path],
    leftovers: Callable[[], list[str]],
    seed: int,
) -> None:
    chance = random.Random(seed)
    process = start(WORK_FOR_EVER, tmp_path, gguf, other_gguf("second.gguf"))
    assert line(process) == "ready"
    time.sleep(chance.uniform(0.02, 0.4))
    assert process.poll() is None
    kill(process)
    assert [model.problem for model in library.list()] == [""] * len(library.list())
    library.tidy()
    assert leftovers() == []
    for entry in library.trash():
        if entry.name not in {model.name for model in library.list()}:
            assert library.restore(entry).problem == ""
    library.import_file(gguf, f"after-{seed}")
