"""What the window does not load before a message can be typed: it would cost its start."""

import subprocess
import sys

import pytest

# Rooms and modules that come with the first model, plan, import, Modelfile or download.
LATE = (
    "PySide6.QtNetwork",
    "corral.engine.runner",
    "corral.gguf",
    "corral.gui.hardware",
    "corral.gui.library.panel",
    "corral.gui.modelfile",
    "corral.hub",
    "corral.library.library",
    "corral.library.store",
    "corral.llama",
    "corral.modelfile.parser",
    "corral.plan.plan",
    "corral.workbench.prompting",
    "cryptography",
    "difflib",
    "httpx2",
    "huggingface_hub",
    "keyring",
    "llama_cpp",
    "numpy",
    "psutil",
    "pygments",
    "urllib.request",
)
LIST_MODULES = "import sys, corral.gui.application; print(*sys.modules, sep='\\n')"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", LATE)
def test_the_window_starts_without(module: str, loaded: set[str]) -> None:
    assert "corral.gui.main_window" in loaded
    assert not {name for name in loaded if name == module or name.startswith(f"{module}.")}
