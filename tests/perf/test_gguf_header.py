"""How long a header takes: ours, from the cache, and the gguf package's."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.gguf.check import check_file
from corral.gguf.reader import read_header
from helpers.models import gemma3_path

pytestmark = pytest.mark.perf


def _best_ms(work: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best * 1000


def test_a_vocabulary_of_262144_tokens_is_passed_in_a_moment(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    path, cache = gemma3_path(), HeaderCache(tmp_path)
    ours = _best_ms(lambda: read_header(path), 5)
    first = _best_ms(lambda: cache.read(path), 1)
    kept = _best_ms(lambda: cache.read(path), 5)
    checked = _best_ms(lambda: check_file(path), 3)
    theirs = _best_ms(lambda: gguf.GGUFReader(path), 1)
    print(f"\nGemma 3 270M, header of 262,144 tokens: read_header {ours:.1f} ms")
    print(f"  through the cache: first {first:.1f} ms, then {kept:.2f} ms")
    print(f"  check_file {checked:.1f} ms")
    print(f"  gguf.GGUFReader {theirs:.0f} ms, {theirs / ours:.0f} times as long")
    assert ours <= 300
    assert kept < ours
