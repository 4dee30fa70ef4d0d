"""Finds or builds the wheel of llama-cpp-python for this machine and prints its path.

The wheel is compiled for this very CPU and with the user's own `CMAKE_ARGS`; pip's cache cannot
tell such wheels apart. They are kept in `CORRAL_WHEELS`, in one folder for each version, flags, CPU
features and compiler, so none is built twice. Runs with the Python of `.venv`.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OWN_FLAGS = "-DGGML_RPC=ON"
# GCC 12 drops most of the tile configuration that ggml's AMX code loads (it takes the operand of
# `ldtilecfg` for 8 bytes of its 64), so every prompt of more than 32 tokens ends in a general
# protection fault on CPUs that have AMX. Without AMX ggml repacks the weights for AVX-512 instead.
WITHOUT_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
REPORT_INTERVAL_S = 30
PIP = (sys.executable, "-m", "pip")


def main() -> None:
    """Print the wheel's key, or find or build the wheel and print its path."""
    facts = build_facts()
    key = wheel_key(facts)
    if sys.argv[1:] == ["--key"]:
        print(key)
        return
    folder = wheels_folder() / key
    with locked(folder.with_name(f"{key}.lock")):
        print(find_wheel(folder) or build_wheel(folder, facts))


def build_facts() -> dict[str, str]:
    """Return everything that makes one build differ from another."""
    flags = " ".join([OWN_FLAGS, *os.environ.get("CMAKE_ARGS", "").split()])
    return {
        "version": pinned_version(),
        "flags": flags,
        "cflags": compiler_flags("CFLAGS"),
        "cxxflags": compiler_flags("CXXFLAGS"),
        "compiler": first_line_of([compiler(), "--version"]),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu_features": cpu_features(),
    }


def compiler_flags(variable: str) -> str:
    """Return the user's flags for a compiler, and ours behind them."""
    is_x86 = platform.machine().lower() in {"x86_64", "amd64"}
    return " ".join([*os.environ.get(variable, "").split(), *([WITHOUT_AMX] if is_x86 else [])])


def wheel_key(facts: dict[str, str]) -> str:
    """Return the name of the folder for such a build."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return f"llama-{facts['version']}-{digest[:16]}"


def pinned_version() -> str:
    """Return the version of llama-cpp-python that `pyproject.toml` asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = [re.fullmatch(r"llama-cpp-python==(\S+)", name) for name in project["dependencies"]]
    return next(pin[1] for pin in pins if pin)


def cpu_features() -> str:
    """Return the features of the CPU in one order, or its name where the system hides them."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return " ".join(sorted(found[1].split())) if found else platform.processor()


def compiler() -> str:
    """Return the name of the C++ compiler that will be used."""
    return os.environ.get("CXX") or "c++"


def first_line_of(command: list[str]) -> str:
    """Return the first line that a command prints, "" when there is no such command."""
    if shutil.which(command[0]) is None:
        return ""
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return output.partition("\n")[0]


def wheels_folder() -> Path:
    """Return where built wheels are kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("CORRAL_WHEELS") or cache / "corral" / "wheels").absolute()


def find_wheel(folder: Path) -> Path | None:
    """Return the wheel in a folder, if it was built."""
    return next(folder.glob("*.whl"), None)


def build_wheel(folder: Path, facts: dict[str, str]) -> Path:
    """Compile the wheel and put it into its folder, whole or not at all."""
    require_compiler(facts)
    tell("Compiling llama.cpp for this machine: about 10 minutes on two cores, once.")
    run_quietly([*PIP, "install", "-qq", "-c", str(CONSTRAINTS), "scikit-build-core"])
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="building-") as building:
        compile_into(Path(building), folder.with_name(f"{folder.name}.log"), facts)
        built = find_wheel(Path(building))
        if built is None:
            sys.exit("pip built no wheel of llama-cpp-python.")
        folder.mkdir(exist_ok=True)
        (folder / "built-with.json").write_text(json.dumps(facts, indent=1), "utf-8")
        return built.rename(folder / built.name)


def require_compiler(facts: dict[str, str]) -> None:
    """Leave with the name of a tool that is missing."""
    missing = [tool for tool in ("cmake", "ninja") if shutil.which(tool) is None]
    if not facts["compiler"]:
        missing.insert(0, compiler())
    if missing:
        sys.exit(
            f"Missing on this machine: {', '.join(missing)}. See packaging/system-packages.sh."
        )


def compile_into(folder: Path, log: Path, facts: dict[str, str]) -> None:
    """Run the build, telling now and then how far it is."""
    command = [
        *PIP, "wheel", "-v", "--no-deps", "--no-build-isolation", "--no-cache-dir",
        "--no-binary", "llama-cpp-python", "-w", str(folder),
        f"llama-cpp-python=={facts['version']}",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "CMAKE_ARGS": facts["flags"],
        "CFLAGS": facts["cflags"],
        "CXXFLAGS": facts["cxxflags"],
    }
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as build,
    ):
        assert build.stdout
        report_steps(build.stdout, file)
    if build.returncode:
        tell("".join(log.read_text("utf-8").splitlines(keepends=True)[-40:]))
        sys.exit(f"llama.cpp could not be compiled. The whole log: {log}")
    log.unlink()


def report_steps(lines: Iterable[str], log: TextIO) -> None:
    """Write the lines to the log and tell the step of the build, at most every half minute."""
    told_at = time.monotonic()
    for line in lines:
        log.write(line)
        step = re.match(r"\s*\[(\d+)/(\d+)\]", line[:40])
        if step and time.monotonic() - told_at >= REPORT_INTERVAL_S:
            told_at = time.monotonic()
            tell(f"  step {step[1]} of {step[2]}")


def run_quietly(command: list[str]) -> None:
    """Run a command, its output beside ours on the error stream."""
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        sys.exit(f"This failed: {' '.join(command)}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, so that two runs do not build the same wheel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Another run is compiling llama.cpp; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def tell(text: str) -> None:
    """Say something to the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
