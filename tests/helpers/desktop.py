"""The real program in a real window, driven by real keys and mouse events."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar

from helpers.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "e2e" / "program.py"
DRAG_SOURCE = ROOT / "tests" / "e2e" / "drag_source.py"
ANSWER_S = 60.0
LOUD = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) ")

Facts = dict[str, Any]
T = TypeVar("T")


def until(get: Callable[[], T], what: str, timeout_s: float = 60.0, every_s: float = 0.05) -> T:
    """Ask again and again until the answer is true, and return it."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = get()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(every_s)


@dataclass
class Program:
    """One run of the window program.

    Attributes:
        screen: Where its window is.
        home: Its `CORRAL_HOME`.
        pictures: Folder for pictures of its window.
        allowed: Patterns of lines of the log that are expected to be warnings or errors.
    """

    screen: Screen
    home: Path
    pictures: Path
    allowed: list[str] = field(default_factory=list)

    def start(self, file: Path | None = None) -> None:
        """Start it and wait until its window has the keyboard."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._noise = (self.home / "noise.txt").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *([str(file)] if file else [])],
            env={
                **self.screen.environment,
                "CORRAL_HOME": str(self.home),
                "PYTHONPATH": str(ROOT / "app"),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            text=True,
        )
        self._answers: Queue[str] = Queue()
        Thread(target=self._listen, args=(self.process, self._answers), daemon=True).start()
        self.wait_for("the window has the keyboard", lambda: self.ask("focus") is not None)

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, question: str, **details: object) -> Any:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it ended; the answer says so
            self.process.stdin.write(json.dumps({"ask": question, **details}) + "\n")
            self.process.stdin.flush()
        try:
            answer = self._answers.get(timeout=ANSWER_S)
        except Empty:
            raise AssertionError(f"no answer to {question!r} within {ANSWER_S:.0f} s") from None
        if not answer:
            self._answers.put("")  # it ended: so says the next question too
            end = self.process.wait(10)
            raise AssertionError(f"the program ended with {end}\n{self.left_behind()}")
        return json.loads(answer)

    def find(self, **where: object) -> list[Facts]:
        """Return what is seen of the widgets with these facts (name, kind, text, spoken, …)."""
        found: list[Facts] = self.ask("widgets", **where)
        return found

    def one(self, **where: object) -> Facts:
        """Wait until one such widget is seen, and return it."""
        return self.wait_for(f"one {where}", lambda: self._only(self.find(**where)))

    def words(self, **where: object) -> list[list[str]]:
        """Return the words on each such widget, as they are read."""
        found: list[list[str]] = self.ask("texts", **where)
        return found

    def rows(self, name: str = "libraryList") -> list[Facts]:
        """Return the rows of a list."""
        found: list[Facts] = self.ask("rows", name=name)
        return found

    def tabs(self) -> list[str]:
        return [tab["text"] for tab in self.ask("tabs")]

    def wait_for(
        self, what: str, get: Callable[[], T], timeout_s: float = 60.0, every_s: float = 0.05
    ) -> T:
        """Wait until something is so; a picture is left when it does not come to be."""
        try:
            return until(get, what, timeout_s, every_s)
        except AssertionError:
            with suppress(AssertionError):
                self.picture("failed")
            print(self.left_behind())
            raise

    def messages(self) -> list[list[str]]:
        """Return the words on each message that is seen: header, text, figures."""
        return self.words(kind="MessageView")

    def answer(self) -> str:
        """Return all words on the last message."""
        seen = self.messages()
        return "\n".join(seen[-1]) if seen else ""

    def answer_text(self) -> str:
        """Return what the model said last, as far as it is seen."""
        parts = ("ProseSegment", "_CodeText")
        last = self.find(kind="MessageView")[-1:]
        top = last[0]["rect"][1] if last else 0
        seen = [w for kind in parts for w in self.find(kind=kind) if w["rect"][1] >= top]
        return "\n".join(w["text"] for w in seen)

    def is_busy(self) -> bool:
        """Whether an answer is under way: Send is Stop."""
        return bool(self.find(text="Stop", kind="TextButton"))

    def ask_model(self, text: str) -> None:
        """Type a question into the message box and send it."""
        self.click(kind="_MessageField")
        self.screen.type(text)
        self.screen.key("Return")
        self.wait_for(
            "the question is shown, with an answer below",
            lambda: any(text in words for words in self.messages()[-2:-1]),
        )

    def wait_for_end(self, every_s: float = 0.2, longest_s: float = 20.0) -> None:
        """Wait until the answer has ended; small models like to go on for ever and are stopped."""
        try:
            until(lambda: not self.is_busy(), "the answer ends", longest_s, every_s)
        except AssertionError:
            self.screen.key("Escape")
            self.wait_for("the answer is stopped", lambda: not self.is_busy(), every_s=every_s)

    @staticmethod
    def _only(found: list[Facts]) -> Facts | None:
        return found[0] if len(found) == 1 else None

    # -- doing -----------------------------------------------------------------------------------

    def click(self, **where: object) -> None:
        """Click the one enabled widget with these facts."""
        self.click_on(self.one(enabled=True, **where))

    def click_on(self, facts: Facts, button: int = 1) -> None:
        x, y, width, height = facts["rect"]
        self.screen.click(x + width // 2, y + height // 2, button)

    def click_row(self, text: str, button: int = 1) -> None:
        """Click the row of the library with this title."""
        self.click_on(self.row(text), button)

    def row(self, text: str) -> Facts:
        return self.wait_for(
            f"the row {text!r}",
            lambda: self._only([r for r in self.rows() if r["text"] == text and r["rect"]]),
        )

    def click_tab(self, text: str) -> None:
        tabs = [tab for tab in self.ask("tabs") if tab["text"] == text]
        assert len(tabs) == 1, self.tabs()
        self.click_on(tabs[0])

    def choose(self, *path: str) -> None:
        """Open menus with the mouse and choose an entry: "Model", "New Modelfile"."""
        for text in path:
            entry = self.wait_for(
                f"the entry {text!r}",
                lambda text=text: self._only(
                    [a for a in self.ask("actions") if a["text"] == text and a["rect"]]
                ),
            )
            self.click_on(entry)

    def picture(self, name: str) -> Path:
        """Keep a picture of the window."""
        path = self.pictures / f"{name}.png"
        self.ask("picture", path=str(path))
        return path

    # -- ending ----------------------------------------------------------------------------------

    def wait_end(self) -> None:
        """Wait until it has ended by itself, and look at what it left."""
        code = self.process.wait(60)
        self.kill()  # only closes the pipes
        assert code == 0, f"exit code {code}\n{self.left_behind()}"
        assert self.surprises() == []

    def kill(self) -> None:
        if not hasattr(self, "process"):
            return  # it was never started
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=30)
        self._noise.close()

    # -- what it left ----------------------------------------------------------------------------

    def log(self) -> str:
        path = self.home / "state" / "corral.log"
        return path.read_text("utf-8") if path.exists() else ""

    def noise(self) -> str:
        return (self.home / "noise.txt").read_text("utf-8")

    def left_behind(self) -> str:
        """Return all that it wrote and did not show."""
        return "\n".join((self.noise(), self.crash_log(), self.log()))

    def crash_log(self) -> str:
        path = self.home / "state" / "crash.log"
        return path.read_text("utf-8") if path.exists() else ""

    def surprises(self) -> list[str]:
        """Return warnings and errors of the log and all that was printed, but what is allowed."""
        loud = [line for line in self.log().splitlines() if LOUD.match(line)]
        return [
            line
            for line in (*loud, *self.crash_log().splitlines(), *self.noise().splitlines())
            if not any(re.search(pattern, line) for pattern in self.allowed)
        ]

    @staticmethod
    def _listen(process: subprocess.Popen[str], answers: "Queue[str]") -> None:
        assert process.stdout
        for line in process.stdout:
            answers.put(line)
        answers.put("")


@contextmanager
def file_to_drag(screen: Screen, file: Path) -> Iterator[tuple[tuple[int, int], Callable[[], str]]]:
    """Show a file in a window of another program.

    Yields:
        Where to grab it, and what tells how the drag ended ("dropped" or "refused").
    """
    x, y, width, height = 1440, 880, 150, 60
    with subprocess.Popen(
        [sys.executable, str(DRAG_SOURCE), str(file), f"{x},{y},{width},{height}"],
        env=screen.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        said = process.stdout
        try:
            assert said.readline().strip() == "ready"
            until(lambda: screen.has_window("drag_source"), "the file is on the screen")
            yield (x + width // 2, y + height // 2), lambda: said.readline().strip()
        finally:
            process.terminate()
