"""The whole way once, as a person goes it, and all of it is there the next day."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.desktop import ROOT, Program, file_to_drag
from helpers.models import smollm2_path

README_PICTURES = ROOT / "resources" / "screenshots"
QUESTION = "Where do llamas live?"
LONG_QUESTION = "Tell me a long story about a llama that crosses the Andes."
CODE_QUESTION = "Write a short Python function that counts the llamas in a list of animals."
DRAFT = "And what do they eat?"
DROPPED = "little-llama:q4_1"
FAULTY_LINE = "PARAMETER temprature 0.5"


@dataclass(frozen=True)
class Shown:
    """What is on the screen: titles of the library, tabs, words of the messages."""

    rows: list[str]
    tabs: list[str]
    messages: list[list[str]]


def titles(program: Program) -> list[str]:
    return [row["text"] for row in program.rows()]


def notice(program: Program) -> str:
    return " ".join(" ".join(words) for words in program.words(name="notices"))


@pytest.fixture
def dropped_file(tmp_path: Path) -> Path:
    """A model file of one's own, somewhere on the disk."""
    path = tmp_path / "Downloads" / "Little-Llama.Q4_1.gguf"
    path.parent.mkdir()
    shutil.copyfile(smollm2_path(), path)
    return path


def test_the_whole_way_from_a_question_to_a_model_of_ones_own(
    program: Program, dropped_file: Path
) -> None:
    program.start()
    program.row("smollm2:135m")
    sees_an_answer_stream(program)
    stops_an_answer(program)
    drops_a_file(program, dropped_file)
    makes_a_model_and_mends_a_fault(program)
    saves_the_conversation_as_a_model(program)
    before = leaves_a_draft_and_closes(program)

    program.start()
    finds_everything_again(program, before)
    talks_to_the_model_made_of_the_conversation(program)
    takes_pictures_in_light_and_dark(program)
    program.screen.key("ctrl+q")
    program.wait_end()


def sees_an_answer_stream(program: Program) -> None:
    program.ask_model(QUESTION)
    lengths = set()

    def grew() -> bool:
        lengths.add(len(program.answer_text()))
        return len(lengths) >= 5

    program.wait_for("the answer grows before one's eyes", grew)
    program.picture("streaming")
    program.wait_for_end()
    program.wait_for("the figures are below the answer", lambda: "tokens/s" in program.answer())
    assert "to first token" in program.answer()
    program.wait_for(
        "the model is loaded", lambda: "loaded" in program.row("smollm2:135m")["spoken"]
    )


def stops_an_answer(program: Program) -> None:
    program.ask_model(LONG_QUESTION)
    program.wait_for(
        "the second answer begins", lambda: len(program.answer_text()) > 20 and program.is_busy()
    )
    program.screen.key("Escape")
    program.wait_for_end()
    program.wait_for("it says who stopped", lambda: "stopped by you" in program.answer())
    program.screen.key("ctrl+r")
    program.wait_for(
        "another answer begins", lambda: "2 of 2" in program.answer() and program.is_busy()
    )
    program.click(text="Stop", kind="TextButton")
    program.wait_for_end()
    program.wait_for("it stopped too", lambda: "stopped by you" in program.answer())


def drops_a_file(program: Program, file: Path) -> None:
    with file_to_drag(program.screen, file) as (source, outcome):
        x, y, width, height = program.one(name="dropArea")["rect"]
        program.screen.drag(source, (x + width // 2, y + height // 2))
        assert outcome() == "dropped"
        # On a disk that cannot share blocks the window asks; here a copy is as good.
        program.wait_for(
            "a question or the model", lambda: asks_how(program) or has(program, DROPPED)
        )
    if asks_how(program):
        program.picture("link-or-copy")
        program.click(text="Copy", kind="QPushButton")
    program.row(DROPPED)
    program.wait_for("it says so", lambda: f"{DROPPED} is in the library" in notice(program))


def asks_how(program: Program) -> bool:
    return bool(program.find(text="Copy", kind="QPushButton"))


def has(program: Program, title: str) -> bool:
    return title in titles(program)


def completes_a_parameter(program: Program) -> None:
    program.click(name="modelfileEditor")
    program.screen.key("ctrl+End")
    program.screen.type("PARAMETER repeat_p")
    program.screen.key("ctrl+space")
    program.wait_for("suggestions are shown", lambda: program.find(name="suggestions"))
    program.picture("modelfile-suggestions")
    program.screen.key("Return")
    program.wait_for(
        "the name is whole",
        lambda: program.one(name="modelfileEditor")["text"].endswith("PARAMETER repeat_penalty "),
    )
    program.screen.type("1.1\n")


def makes_a_model_and_mends_a_fault(program: Program) -> None:
    program.choose("Model", "New Modelfile")
    program.wait_for("its tab is there", lambda: "Modelfile: mymodel" in program.tabs())
    program.click(name="modelfileEditor")
    program.screen.key("ctrl+a")
    program.screen.type("FROM smollm2:135m\nSYSTEM You are a pirate.\n" + FAULTY_LINE + "\n")
    program.wait_for(
        "the fault is listed",
        lambda: any("temprature" in " ".join(words) for words in program.words(name="problems")),
    )
    program.picture("modelfile-problem")
    program.click(name="fix")
    program.wait_for(
        "the fault is mended",
        lambda: "PARAMETER temperature 0.5" in program.one(name="modelfileEditor")["text"],
    )
    program.wait_for("no problem is left", lambda: not program.find(name="problems"))
    completes_a_parameter(program)
    name = program.one(name="modelName")
    program.click_on(name)
    program.screen.key("ctrl+a")
    program.screen.type("pirate")
    program.click(name="createModel")
    program.row("pirate")
    program.picture("modelfile-created")


def saves_the_conversation_as_a_model(program: Program) -> None:
    program.click_tab(next(tab for tab in program.tabs() if not tab.startswith("Modelfile")))
    program.wait_for("the chat is in front", program.messages)
    program.screen.key("ctrl+shift+s")
    field = program.one(spoken="Name of the new model")
    assert field["focus"]
    program.screen.key("ctrl+a")
    program.screen.type("llama-talk")
    program.screen.key("Return")
    program.row("llama-talk")
    program.wait_for("it says so", lambda: "llama-talk is in the library" in notice(program))
    manifest = program.home.rglob("manifests/*/*/llama-talk/latest")
    assert "application/vnd.ollama.image.messages" in next(manifest).read_text("utf-8")


def leaves_a_draft_and_closes(program: Program) -> Shown:
    program.click(kind="_MessageField")
    program.screen.type(DRAFT)
    program.wait_for(
        "the draft is typed", lambda: program.one(kind="_MessageField")["text"] == DRAFT
    )
    program.click(spoken="Close this message")  # it takes room, and is not there the next day
    program.wait_for("the notice is gone", lambda: not notice(program))
    program.click(kind="_MessageField")
    program.picture("before-closing")
    before = Shown(rows=titles(program), tabs=program.tabs(), messages=program.messages())
    program.screen.key("alt+F4")
    program.wait_end()
    return before


def finds_everything_again(program: Program, before: Shown) -> None:
    program.wait_for("the draft", lambda: program.one(kind="_MessageField")["text"] == DRAFT)
    program.wait_for("the messages", lambda: program.messages() == before.messages)
    assert program.tabs() == before.tabs
    program.wait_for("the library", lambda: titles(program) == before.rows)
    assert {"smollm2:135m", DROPPED, "pirate", "llama-talk"} <= set(before.rows)
    program.picture("reopened")


def talks_to_the_model_made_of_the_conversation(program: Program) -> None:
    program.click_row("llama-talk")
    program.screen.key("Return")
    program.wait_for(
        "a chat with the model's own messages",
        lambda: any(LONG_QUESTION in words for words in program.messages()),
    )
    program.ask_model("Thank you.")
    program.wait_for("the answer begins", program.is_busy)
    program.wait_for_end()
    program.wait_for("the figures are there", lambda: "tokens/s" in program.answer())


def takes_pictures_in_light_and_dark(program: Program) -> None:
    program.screen.key("ctrl+n")
    program.wait_for("a new chat", lambda: "New chat" in program.tabs())
    program.ask_model(CODE_QUESTION)
    program.wait_for("the answer begins", program.is_busy)
    program.wait_for_end()
    for choice, name in (("Light", "window"), ("Dark", "window-dark")):
        program.choose("View", "Colours", choice)
        program.wait_for("the menu is closed", lambda: not program.find(kind="QMenu"))
        picture = program.picture(name)
        if os.environ.get("CORRAL_SCREENSHOTS"):
            README_PICTURES.mkdir(exist_ok=True)
            shutil.copyfile(picture, README_PICTURES / picture.name)
