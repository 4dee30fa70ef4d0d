"""How long a pull takes: beside curl to a file and hashlib over it, from the same registry."""

import hashlib
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from corral.jobs import Ticket
from corral.units import GIB
from helpers.registry import DockerRegistry
from helpers.side import Side

pytestmark = pytest.mark.perf

ROUNDS = 3


def pull_s(folder: Path, name: str) -> float:
    side = Side(folder)
    started = time.perf_counter()
    side.pulling.run(name, Ticket(), insecure=True)
    took = time.perf_counter() - started
    side.downloader.client.close()
    assert side.library.get(name).problem == ""
    shutil.rmtree(folder)
    return took


def curl_and_digest_s(curl: str, url: str, target: Path) -> tuple[float, float]:
    started = time.perf_counter()
    subprocess.run([curl, "-sSf", "-o", target, url], check=True)
    fetched = time.perf_counter()
    with target.open("rb") as file:
        assert url.endswith(hashlib.file_digest(file, "sha256").hexdigest())
    ended = time.perf_counter()
    target.unlink()
    return fetched - started, ended - fetched


def test_a_gibibyte_is_pulled_about_as_fast_as_curl_and_hashlib_take(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    with DockerRegistry(tmp_path / "registry").running() as registry:
        name = f"{registry.host}/flock/whale"
        there = Side(tmp_path / "there")
        there.make(name, ballast=GIB)
        there.pushing.run(name, Ticket(), insecure=True)
        weights = there.library.get(name).weights.name.replace("-", ":")
        there.downloader.client.close()
        shutil.rmtree(tmp_path / "there")
        url = f"http://{registry.host}/v2/flock/whale/blobs/{weights}"
        ratios = []
        print("\npull of 1 GiB over loopback, digest verified and synced to the drive:")
        for number in range(ROUNDS):
            pulled = pull_s(tmp_path / f"here-{number}", name)
            fetched, hashed = curl_and_digest_s(curl, url, tmp_path / "by-curl")
            ratios.append(pulled / (fetched + hashed))
            print(
                f"  {pulled:.2f} s; curl {fetched:.2f} s and hashlib {hashed:.2f} s; "
                f"ratio {ratios[-1]:.2f}"
            )
    assert statistics.median(ratios) <= 1.5
