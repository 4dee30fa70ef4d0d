"""`corral pull` and `corral push` as their users start them, with a real registry on loopback."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.hub.registry.keys import Key
from corral.jobs import Ticket
from corral.settings import SettingsFile
from helpers.command_line import CommandLine
from helpers.file_server import Fault
from helpers.front import Front
from helpers.homes import places_of
from helpers.registry import DockerRegistry, TokenServer
from helpers.side import Side


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    registry = DockerRegistry(tmp_path / "registry")
    with registry.running(), Front(registry.port).running() as front:
        yield front


@pytest.fixture
def name(front: Front, tmp_path: Path) -> str:
    name = f"{front.host}/flock/shepherd:small"
    there = Side(tmp_path / "there")
    there.make(name)
    there.pushing.run(name, Ticket(), insecure=True)
    there.downloader.client.close()
    front.requests.clear()
    return name


def test_a_model_is_pulled_listed_and_pushed(corral: CommandLine, name: str) -> None:
    pulled = corral("pull", name, "--insecure")
    assert pulled.exit_code == 0, pulled.err
    assert pulled.out == f"pulled {name}, 12 MB\n"
    lines = pulled.err.splitlines()
    assert lines[0] == "pulling manifest"
    assert lines[1].startswith("pulling ")
    assert lines[-1] == "success"
    assert name in corral("list").out
    assert "Answer as a shepherd." in corral("show", name).out
    mine = name.replace("flock", "mine")
    assert corral("cp", name, mine).exit_code == 0
    pushed = corral("push", mine, "--insecure")
    assert (pushed.exit_code, pushed.out) == (0, f"pushed {mine}\n"), pushed.err


def test_ctrl_c_keeps_what_arrived_and_says_so(
    corral: CommandLine, front: Front, name: str
) -> None:
    front.misbehave = lambda _: Fault(pause_s=0.02)
    process = corral.start("pull", name, "--insecure", stderr=subprocess.PIPE)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(b"pulling ") and b"MB" in line:
            break
    partials = lambda: list(corral.home.rglob("*-partial"))  # noqa: E731
    while not partials():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 130
    assert f"What has arrived is kept: `corral pull {name}` goes on from it." in said
    assert "Traceback" not in said
    assert partials()
    front.misbehave = lambda _: None
    assert corral("pull", name, "--insecure").exit_code == 0
    assert not partials()


def test_a_terminal_is_shown_one_line_with_rate_and_time_left(
    corral: CommandLine, front: Front, name: str
) -> None:
    front.misbehave = lambda _: Fault(pause_s=0.02)
    master, slave = pty.openpty()
    with corral.start("pull", name, "--insecure", stderr=slave) as process:
        os.close(slave)
        shown = b""
        while process.poll() is None or b"pulled" not in shown:
            try:
                shown += os.read(master, 4096)
            except OSError:  # the other end is closed
                break
    os.close(master)
    assert process.returncode == 0
    assert b"\n" not in shown
    lines = [text.decode() for text in shown.split(b"\r\x1b[K")]
    assert any("/s, " in line and line.endswith(" s left") for line in lines), lines
    assert lines[-1] == ""


def test_what_a_modelfile_builds_on_is_pulled_when_asked(
    corral: CommandLine, name: str, tmp_path: Path
) -> None:
    modelfile = tmp_path / "Modelfile"
    modelfile.write_text(f"FROM {name}\nSYSTEM Bark.\n")
    alone = corral("create", "dog", "-f", modelfile)
    assert alone.exit_code == 2
    assert "not found" in alone.err
    made = corral("create", "dog", "-f", modelfile, "--pull", "--insecure")
    assert made.exit_code == 0, made.err
    assert "Bark." in corral("show", "dog").out


def test_errors_have_their_exit_codes(corral: CommandLine, front: Front) -> None:
    absent = corral("pull", f"{front.host}/flock/nobody", "--insecure")
    assert absent.exit_code == 2
    assert "pull model manifest: file does not exist" in absent.err
    assert corral("pull", f"http://{front.host}/flock/shepherd").exit_code == 2
    assert corral("pull", "127.0.0.1:1/flock/shepherd", "--insecure").exit_code == 3
    assert corral("push", "nobody").exit_code == 2


def test_a_key_that_the_user_names_signs_in_and_no_other(
    corral: CommandLine, tmp_path: Path
) -> None:
    mine = Key(tmp_path / "mine")
    with TokenServer(tmp_path / "tokens").running() as tokens:
        tokens.known = {mine.public_text}
        guarded = DockerRegistry(tmp_path / "guarded", tokens.realm, tokens.bundle)
        name = f"{guarded.host}/flock/tiny"
        assert corral("cp", "tiny:f32", name).exit_code == 0
        with guarded.running():
            alone = corral("push", name, "--insecure")
            assert alone.exit_code == 3
            own = Key(places_of(corral.home).key_file, is_own=False).public_text
            assert f"Add this key to your account there: {own}" in alone.err
            assert corral("push", name, "--insecure", "--key", tmp_path / "mine").exit_code == 0
            settings = SettingsFile(places_of(corral.home).settings_file)
            settings.change(registry_key=str(tmp_path / "mine"))
            assert corral("pull", name, "--insecure").exit_code == 0
