import subprocess
import sys

SWITCHES = (
    "HF_HUB_DISABLE_XET",
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_DISABLE_PROGRESS_BARS",
)


def run(program: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return result.stdout.strip()


def test_whatever_is_imported_first_the_switches_are_set() -> None:
    told = run(
        "import corral.hub.huggingface.files, huggingface_hub.constants as c\n"
        f"print(all(getattr(c, name) for name in {SWITCHES!r}))"
    )
    assert told == "True"


def test_nothing_heavy_is_imported_before_the_first_question() -> None:
    told = run(
        "import sys, corral.hub.huggingface.hub, corral.hub.huggingface.tokens\n"
        "import corral.hub.huggingface.downloading, corral.hub.huggingface.uploading\n"
        "import corral.workbench.discovering, corral.workbench.fitting\n"
        "heavy = ('huggingface_hub', 'httpx2', 'keyring', 'numpy', 'llama_cpp')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    assert told == "[]"
