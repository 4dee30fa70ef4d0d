"""The commands for Hugging Face as their users start them, on a small hub of our own."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.gguf.types import TensorType
from helpers.command_line import CommandLine
from helpers.fake_hub import FakeHub, fake_hub
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_tensors

TINY = gguf_bytes(tiny_metadata(general__name="Elsewhere"), tiny_tensors())
LARGE = gguf_bytes(
    tiny_metadata(),
    {**tiny_tensors(), **{f"big.{n}": ([256, 60_000], TensorType.F16) for n in range(2)}},
)


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        hub.log_in("hf_secret", "ada")
        hub.log_in("hf_reader", "bob", role="read")
        yield hub


@pytest.fixture
def hub_line(corral: CommandLine, fake: FakeHub) -> CommandLine:
    """The command line with our hub in its settings."""
    state = corral.home / "state"
    state.mkdir(parents=True, exist_ok=True)
    (state / "settings.json").write_text(json.dumps({"hub_endpoint": fake.endpoint}))
    return corral


def log_in(line: CommandLine, token: str = "hf_secret") -> None:
    done = line("login", "--token-file", "-", "--keep-in-file", stdin=token.encode())
    assert done.exit_code == 0, done.err


def test_a_search_prints_a_table(hub_line: CommandLine, fake: FakeHub) -> None:
    fake.add(
        "ada/Tiny-GGUF",
        {},
        tags=["gguf", "license:mit"],
        downloads=1234,
        likes=5,
        gguf={"total": 8_030_261_248},
    )
    fake.add("bob/Tiny\x1b", {}, tags=["gguf"])
    fake.add("bob/tiny-2", {}, tags=["gguf"]).gated = True
    found = hub_line("search", "tiny")
    lines = found.out.splitlines()
    assert lines[0].split() == [
        "NAME", "PARAMETERS", "DOWNLOADS", "LIKES", "UPDATED", "LICENCE",
    ]  # fmt: skip
    assert lines[1].split() == ["hf.co/ada/Tiny-GGUF", "8.0B", "1", "234", "5", "mit"]
    assert lines[2].split() == ["hf.co/bob/tiny-2", "0", "0", "gated"]
    assert len(lines) == 3
    as_json = json.loads(hub_line("search", "tiny", "--json", "--limit", "1").out)
    assert [each["name"] for each in as_json] == ["hf.co/ada/Tiny-GGUF"]


def test_a_repository_is_shown_with_what_fits(hub_line: CommandLine, fake: FakeHub) -> None:
    repo = fake.add("ada/tiny", {"t-Q4_0.gguf": TINY, "t-F32.gguf": TINY + b"x"})
    told = repo.sibling("t-F32.gguf")
    repo.lies["t-F32.gguf"] = {"lfs": {**told["lfs"], "size": 1 << 48}}
    lines = hub_line("search", "hf.co/ada/tiny").out.splitlines()
    assert lines[0].split() == ["TAG", "SIZE", "FIT", "MEMORY", "HOW", "SURE"]
    assert lines[1].startswith("Q4_0")
    assert lines[1].endswith("formula")
    assert "fits" in lines[1]
    assert "too big" in lines[2]
    assert lines[2].endswith("estimated")
    (chosen,) = json.loads(hub_line("search", "hf.co/ada/tiny:q4_0", "--json").out)
    assert (chosen["kind"], chosen["fit"], chosen["is_here"]) == ("exact", "fits", False)


def test_a_model_of_the_hub_is_pulled_by_its_name_and_runs(
    hub_line: CommandLine, fake: FakeHub
) -> None:
    fake.add("ada/Tiny-GGUF", {"t-Q4_0.gguf": TINY, "t-Q8_0.gguf": TINY + b"x", "LICENSE": b"MIT"})
    pulled = hub_line("pull", "hf.co/ada/Tiny-GGUF:q4_0")
    assert (pulled.exit_code, pulled.out) == (0, "pulled hf.co/ada/Tiny-GGUF:Q4_0, 368 KB\n")
    assert "hf.co/ada/Tiny-GGUF:Q4_0" in hub_line("list").out
    assert "MIT" in hub_line("show", "hf.co/ada/Tiny-GGUF:Q4_0").out
    assert hub_line("pull", "hf.co/ada/Tiny-GGUF").out.startswith("pulled hf.co/ada/Tiny-GGUF:late")
    assert len(fake.asked("GET /storage/ada/Tiny-GGUF/t-Q4_0.gguf")) <= 2  # once, in parts


def test_create_pulls_a_base_from_the_hub(
    hub_line: CommandLine, fake: FakeHub, tmp_path: Path
) -> None:
    fake.add("ada/tiny", {"t-Q4_0.gguf": TINY})
    file = tmp_path / "Modelfile"
    file.write_text("FROM hf.co/ada/tiny\nSYSTEM Be brief.\n")
    made = hub_line("create", "brief", "-f", file, "--pull")
    assert made.exit_code == 0, made.err
    assert "Be brief." in hub_line("show", "brief").out


def test_ctrl_c_keeps_what_arrived_and_the_next_pull_goes_on(
    hub_line: CommandLine, fake: FakeHub
) -> None:
    fake.add("ada/big", {"b-F16.gguf": LARGE})
    fake.slow_bytes_per_s = 10_000_000
    process = hub_line.start("pull", "hf.co/ada/big:F16", stderr=subprocess.PIPE)
    try:
        while fake.sent_bytes < len(LARGE) // 3 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert b"corral pull hf.co/ada/big:F16` goes on from it" in err
    fake.slow_bytes_per_s = 0
    before = fake.sent_bytes
    assert hub_line("pull", "hf.co/ada/big:F16").exit_code == 0
    assert fake.sent_bytes - before < len(LARGE) * 0.9


def test_a_killed_pull_goes_on_too(hub_line: CommandLine, fake: FakeHub) -> None:
    fake.add("ada/big", {"b-F16.gguf": LARGE})
    fake.slow_bytes_per_s = 5_000_000
    process = hub_line.start("pull", "hf.co/ada/big:F16", stderr=subprocess.DEVNULL)
    journal = hub_line.home / "data" / "models" / "blobs"
    while not list(journal.glob("*-partial.json")) and process.poll() is None:
        time.sleep(0.01)  # the journal is written every other second
    process.kill()
    process.wait()
    fake.slow_bytes_per_s = 0
    before = fake.sent_bytes
    assert hub_line("pull", "hf.co/ada/big:F16").exit_code == 0
    assert fake.sent_bytes - before < len(LARGE) * 0.95


def test_login_keeps_a_checked_token_and_logout_forgets_it(
    hub_line: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("hf_secret\n")
    done = hub_line("login", "--token-file", file, "--keep-in-file")
    assert done.out == "logged in as ada; the token is in a file of mode 0600\n"
    assert hub_line("whoami").out == "ada\n  member of some-lab\n"
    kept = [
        path
        for path in hub_line.home.rglob("*")
        if path.is_file() and b"hf_secret" in path.read_bytes()
    ]
    assert [(path.name, path.stat().st_mode & 0o777) for path in kept] == [("tokens.json", 0o600)]
    assert hub_line("logout").out == "logged out\n"
    assert hub_line("logout").out == "nobody was logged in\n"
    assert hub_line("whoami").exit_code == 2


def test_a_wrong_token_is_refused_and_not_repeated(hub_line: CommandLine) -> None:
    done = hub_line("login", "--token-file", "-", "--keep-in-file", stdin=b"hf_wrong")
    assert done.exit_code == 2
    assert "does not accept the token" in done.err
    assert "hf_wrong" not in done.err + done.out


def test_without_a_keyring_nothing_is_kept_unasked(hub_line: CommandLine) -> None:
    done = hub_line("login", "--token-file", "-", stdin=b"hf_secret")
    assert done.exit_code == 2
    assert "--keep-in-file" in done.err
    assert not (hub_line.home / "state" / "tokens.json").exists()


def test_nobody_can_be_asked_without_a_terminal(hub_line: CommandLine) -> None:
    done = hub_line("login", "--keep-in-file")
    assert (done.exit_code, "nobody to ask" in done.err) == (2, True)


def test_on_a_terminal_the_token_is_asked_for_and_not_shown(hub_line: CommandLine) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        hub_line.command("login", "--keep-in-file"),
        env=hub_line.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while b"Access token" not in shown:
            shown += os.read(ours, 1024)
        os.write(ours, b"hf_secret\n")
        while b"logged in as ada" not in shown:
            shown += os.read(ours, 1024)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        os.close(ours)
    assert b"hf_secret" not in shown


def test_a_model_is_uploaded_and_pulled_again(hub_line: CommandLine, fake: FakeHub) -> None:
    log_in(hub_line)
    name = next(n for n in hub_line("list").out.split() if n.startswith("tiny"))
    done = hub_line("upload", name, "ada/mine")
    assert (done.exit_code, done.out) == (
        0, f"uploaded {name} to {fake.endpoint}/ada/mine\n",
    ), done.err  # fmt: skip
    assert done.err == ""
    repo = fake.repos["ada/mine"]
    assert repo.private
    assert b"# mine" in repo.files["README.md"]
    assert hub_line("pull", "hf.co/ada/mine").exit_code == 0


def test_an_upload_needs_a_token_that_may_write(hub_line: CommandLine) -> None:
    assert "log in first" in hub_line("upload", "quick", "ada/mine").err
    log_in(hub_line, "hf_reader")
    done = hub_line("upload", "quick", "bob/mine")
    assert (done.exit_code, "does not allow" in done.err) == (2, True)


def test_a_gated_model_tells_what_to_do(hub_line: CommandLine, fake: FakeHub) -> None:
    fake.add("bob/gated", {"g-Q4_0.gguf": TINY}).gated = True
    refused = hub_line("pull", "hf.co/bob/gated")
    assert refused.exit_code == 2
    assert "corral login" in refused.err
    log_in(hub_line)
    assert hub_line("pull", "hf.co/bob/gated").exit_code == 0


def test_a_hub_that_is_not_there_ends_the_command(corral: CommandLine) -> None:
    state = corral.home / "state"
    state.mkdir(parents=True, exist_ok=True)
    (state / "settings.json").write_text('{"hub_endpoint": "http://127.0.0.1:1"}')
    done = corral("search", "x")
    assert done.exit_code == 3
    assert "127.0.0.1:1 cannot be reached" in done.err


def test_a_model_on_the_hub_is_planned_on_a_machine_that_is_not_there(
    hub_line: CommandLine, fake: FakeHub
) -> None:
    fake.add("ada/Tiny-GGUF", {"tiny-Q4_0.gguf": LARGE})
    done = hub_line("plan", "hf.co/ada/Tiny-GGUF:Q4_0", "--on", "RTX 4090", "--json")
    made = json.loads(done.out)
    assert made["machine"] == "RTX 4090"
    assert made["model"] == "hf.co/ada/Tiny-GGUF:Q4_0"
    assert made["options"]["n_gpu_layers"] > 0
    ends = [seen.headers["range"].rpartition("-")[2] for seen in fake.asked("GET /storage")]
    assert ends
    assert max(map(int, ends)) < len(LARGE) // 10
    assert "Tiny-GGUF" not in hub_line("list").out


def test_a_model_that_is_not_on_the_hub_cannot_be_planned(
    hub_line: CommandLine, fake: FakeHub
) -> None:
    fake.add("ada/Tiny-GGUF", {"tiny-Q4_0.gguf": TINY})
    done = hub_line("plan", "hf.co/ada/Tiny-GGUF:Q8_0")
    assert done.exit_code == 2
    assert "It has: Q4_0" in done.err
