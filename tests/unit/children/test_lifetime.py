"""A child does not outlive its parent, and works on the window's event loop too."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from corral.children.command import child_command, child_environment

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"

PARENT = f"""
import asyncio
from corral.children.limits import Limits, MIB
from corral.children.render_client import Renderer

async def main():
    renderer = Renderer(Limits(memory_bytes=None, call_s=600, output_bytes=MIB))
    await renderer.prewarm()
    print(renderer._child.pid, flush=True)
    await renderer.render({ENDLESS!r}, NOTHING, bos_token="", eos_token="")

asyncio.run(main())
"""

WINDOW = f"""
import asyncio, sys
import qasync
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from corral.children.limits import Limits, MIB
from corral.children.render_client import Renderer
from corral.errors import UserError
from corral.prompt.conversation import Conversation

NOTHING = Conversation(messages=())

async def main():
    ticks = []
    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start()
    renderer = Renderer(Limits(memory_bytes=512 * MIB, call_s=0.6, output_bytes=MIB))
    for _ in range(3):
        assert await renderer.render("a", NOTHING, bos_token="", eos_token="") == "a"
        try:
            await renderer.render({ENDLESS!r}, NOTHING, bos_token="", eos_token="")
        except UserError as error:
            print(error.summary)
    await renderer.close()
    assert len(ticks) > 20, len(ticks)
    print("done")

app = QApplication(sys.argv)
loop = qasync.QEventLoop(app)
asyncio.set_event_loop(loop)
with loop:
    loop.run_until_complete(main())
"""


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child still runs"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_busy_child_dies_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=child_environment()
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.communicate()
    wait_until_gone(child)


def test_an_idle_child_ends_when_its_pipe_closes() -> None:
    child = subprocess.Popen(
        child_command("render"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=child_environment(),
    )
    greeting = b'{"memory_bytes": null, "output_bytes": 100, "niceness": 0}\n'
    answer, _ = child.communicate(greeting, timeout=20)
    assert (answer, child.returncode) == (b'{"result":true}\n', 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only there memory is bounded so")
def test_a_limit_that_the_person_has_set_is_kept() -> None:
    """It cannot be raised; asking for more must not cost the child its life."""
    shell = ["bash", "-c", 'ulimit -v 800000; exec "$@"', "bash"]
    ended = subprocess.run(
        [*shell, *child_command("render")],
        env=child_environment(),
        input=b'{"memory_bytes": 8589934592, "output_bytes": 100, "niceness": 0}\n',
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (ended.stdout, ended.returncode) == (b'{"result":true}\n', 0), ended.stderr


def test_an_unknown_role_is_refused() -> None:
    ended = subprocess.run(
        child_command("nonsense"),
        env=child_environment(),
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 1
    assert b"no such child: nonsense" in ended.stderr


def test_a_file_in_the_current_folder_is_never_taken_for_a_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    ended = subprocess.run(
        child_command("render"),
        env=child_environment(),
        cwd=tmp_path,
        input=b'{"memory_bytes": null, "output_bytes": 100, "niceness": 0}\n',
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert ended.stdout == b'{"result":true}\n'


def test_children_work_and_are_killed_on_the_event_loop_of_the_window() -> None:
    environment = {**child_environment(), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", WINDOW],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        *["The chat template did not come to an end within 0.6 seconds."] * 3,
        "done",
    ], ended.stderr
