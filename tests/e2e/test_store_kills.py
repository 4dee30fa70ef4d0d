"""The store after SIGKILL at any moment of any work: whole, and the work can be done again."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import corral
from corral.library.library import Library
from corral.library.manifest import parse_manifest
from helpers.file_server import Fault, FileServer
from helpers.store_work import KINDS, REGISTRY, furnish, names, open_library, resume

KILLS = 500
IN_EVERY_RUN = 25
WITH_A_NEIGHBOUR = 0.2
APP = Path(corral.__file__).parents[1]
TESTS = Path(__file__).parents[1]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serves a model by the registry protocol, slowly; host and port of it."""
    root = tmp_path_factory.mktemp("served")
    furnish(root)
    library = open_library(root)
    library.import_file(root / "files" / "big.gguf", "served")
    manifest = library.exchange().read("served")[1]
    server = FileServer()
    prefix = "/v2/library/served"
    server.files[f"{prefix}/manifests/latest"] = manifest
    for digest in parse_manifest(manifest).digests:
        path = library.exchange().blob_path(digest)
        server.files[f"{prefix}/blobs/{digest}"] = path.read_bytes()
    server.misbehave = lambda _: Fault(pause_s=0.002)
    with server.running():
        yield server.url.removeprefix("http://")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, registry: str) -> Path:
    root = tmp_path_factory.mktemp("furnished")
    furnish(root)
    (root / "files" / REGISTRY).write_text(registry)
    return root


@pytest.fixture
def root(furnished: Path, tmp_path: Path) -> Path:
    """A store of this test's own."""
    return Path(shutil.copytree(furnished, tmp_path / "root"))


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts work, which waits to be told; it ends with the tests at the latest."""
    with ExitStack() as stack:

        def start(root: Path, kind: str, stop: int) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "helpers.store_work", str(root), kind, str(stop)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (APP, TESTS)))},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        yield start


class Lengths:
    """How long each kind of work is, in calls and in seconds; measured once."""

    def __init__(self, furnished: Path, folder: Path, start: Start) -> None:
        self._furnished, self._folder, self._start = furnished, folder, start
        self._known: dict[str, tuple[int, float]] = {}

    def of(self, kind: str) -> tuple[int, float]:
        if kind not in self._known:
            root = Path(shutil.copytree(self._furnished, self._folder / kind))
            process = self._start(root, kind, 0)
            began = time.perf_counter()
            answer, _ = process.communicate("go\n", timeout=60)
            assert process.returncode == 0
            assert KINDS[kind].is_done(open_library(root))
            self._known[kind] = int(answer), time.perf_counter() - began
        return self._known[kind]


@pytest.fixture(scope="module")
def lengths(furnished: Path, tmp_path_factory: pytest.TempPathFactory, start: Start) -> Lengths:
    return Lengths(furnished, tmp_path_factory.mktemp("lengths"), start)


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Counter[tuple[str, bool]]]:
    """Counts the kills by kind of work and whether they came before its end; told at the end."""
    counts: Counter[tuple[str, bool]] = Counter()
    yield counts
    capture = request.config.pluginmanager.getplugin("capturemanager")
    in_time = {kind: counts[kind, True] for kind in KINDS}
    with capture.global_and_fixture_disabled():
        print(f"\n{counts.total()} kills, {sum(in_time.values())} in time: {in_time}", end="")


def is_killed(start: Start, root: Path, kind: str, lengths: Lengths, chance: random.Random) -> bool:
    """Do work and kill it, before one of its calls or at a moment; return whether in time."""
    calls, seconds = lengths.of(kind)
    if chance.random() < 0.7:
        process = start(root, kind, chance.randint(1, calls))
        process.communicate("go\n", timeout=60)
    else:
        process = start(root, kind, 0)
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        process.communicate(timeout=60)
    assert process.returncode in {0, -signal.SIGKILL}
    return process.returncode != 0


def assert_whole(library: Library, before: dict[str, str]) -> None:
    """The store passes the check, no model is broken, and what was not worked on is as it was."""
    report = library.upkeep.check()
    assert report.is_sound, report.faults
    models = {model.name: model for model in library.list()}
    assert [model.problem for model in models.values() if model.problem] == []
    assert models["base:latest"].digest == before["base:latest"]
    for entry in library.trash():
        assert entry.digest
    assert library.upkeep.check(fast=True).is_sound


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[] if seed < IN_EVERY_RUN else pytest.mark.slow)
        for seed in range(KILLS)
    ],
)
def test_a_kill_at_any_moment_leaves_the_store_whole_and_the_work_to_be_done_again(
    start: Start, root: Path, lengths: Lengths, tally: Counter[tuple[str, bool]], seed: int
) -> None:
    chance = random.Random(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    library = open_library(root)
    before = {model.name: model.digest for model in library.list()}
    neighbour = None
    if chance.random() < WITH_A_NEIGHBOUR:
        neighbour = start(root, "neighbour", 3)
        assert neighbour.stdin is not None
        neighbour.stdin.write("go\n")
        neighbour.stdin.flush()
    tally[kind, is_killed(start, root, kind, lengths, chance)] += 1
    assert_whole(library, before)
    if neighbour:
        neighbour.communicate(timeout=60)
        assert neighbour.returncode == 0
    library.tidy()
    assert library.upkeep.check().faults == (), "the next start removes what was left"

    resume(KINDS[kind], library, root / "files")
    assert KINDS[kind].is_done(library)
    assert_whole(library, before)
    assert library.upkeep.check().faults == ()


def test_the_kills_hit_the_work_and_not_only_its_ends(
    start: Start, furnished: Path, tmp_path: Path, lengths: Lengths
) -> None:
    """Of kills before every call of one work, some come before anything changed, some after."""
    calls, _ = lengths.of("create")
    outcomes = set()
    for stop in range(1, calls + 1, 4):
        root = Path(shutil.copytree(furnished, tmp_path / str(stop)))
        process = start(root, "create", stop)
        process.communicate("go\n", timeout=60)
        assert process.returncode == -signal.SIGKILL
        library = open_library(root)
        blobs = len(list((root / "models" / "blobs").iterdir()))
        outcomes.add((blobs, "made" in names(library)))
        assert library.upkeep.check().is_sound
    assert len(outcomes) >= 4, outcomes
