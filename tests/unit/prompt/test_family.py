"""The family of a template is the nearest known one's, by Ollama's rule."""

import json
import random
import runpy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.places import resource_path
from corral.prompt.family import (
    FAMILIES,
    LIMIT,
    Family,
    changes_between,
    family_stops,
    figures_of,
    template_family,
)
from corral.workbench.template_families import TABLE, family_of, read_known_templates
from helpers.vectors import vectors

ROOT = Path(__file__).resolve().parents[3]
VECTORS = vectors("template_detect")
INDEX = [{"jinja": case["template"], "expect": case["name"]} for case in VECTORS["index"]]
CASES = [*VECTORS["cases"], *INDEX]
# Written otherwise on purpose: Ollama gives a Mistral model the stop texts of ChatML.
BETTER = {"mistral-instruct", "falcon-instruct"}
LETTERS = "abcxyz {}%'\"\n<|>_[]"
SEED = 20261122


def name(family: Family | None) -> str | None:
    return family.name if family else None


def ollamas(jinja: str) -> tuple[str | None, int]:
    """Ollama's rule, on the texts themselves."""
    count, found = min(
        (
            (changes_between(entry["jinja"], jinja), entry["expect"])
            for entry in INDEX
            if abs(len(entry["jinja"]) - len(jinja)) < 2 * LIMIT
        ),
        default=(2 * LIMIT, ""),
        key=lambda near: near[0],
    )
    return (found if count < LIMIT else None), count


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    sizes = {key: len(value) for key, value in VECTORS.items() if isinstance(value, list)}
    print(f"\ntemplate_detect: {sizes}; improved upon: stop texts of {sorted(BETTER)}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["expect"]))
def test_a_template_belongs_to_the_family_that_ollama_finds(case: dict[str, Any]) -> None:
    assert name(family_of(case["jinja"])) == case["expect"]


def test_the_figures_are_those_of_the_index() -> None:
    made = runpy.run_path(str(ROOT / "packaging" / "template_families.py"))["table"](VECTORS)
    assert resource_path(TABLE).read_text("utf-8") == made
    table = json.loads(made)
    assert table["origin"].startswith("github.com/ollama/ollama")
    assert not any(entry["jinja"][:20] in made for entry in INDEX)


@given(st.text("abcd", max_size=12), st.text("abcd", max_size=12))
def test_changes_are_counted_as_by_the_plain_table(one: str, other: str) -> None:
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row = row, [number]
        for place, with_letter in enumerate(other, 1):
            row.append(
                min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != with_letter))
            )
    assert changes_between(one, other) == row[-1]
    assert changes_between(figures_of(one), figures_of(other)) <= row[-1]


def edits(rng: random.Random, text: str, count: int) -> str:
    letters = list(text)
    for _ in range(count):
        place = rng.randrange(len(letters) + 1)
        match rng.randrange(3):
            case 0:
                letters.insert(place, rng.choice(LETTERS))
            case 1:
                del letters[place : place + 1]
            case _:
                letters[place : place + 1] = rng.choice(LETTERS)
    return "".join(letters)


def changed(rng: random.Random, text: str) -> Iterator[str]:
    """A text with changes here and there, and with a block put in or cut out."""
    for count in (1, 10, 40, 99, 140):
        yield edits(rng, text, count)
    place = rng.randrange(len(text))
    yield text[:place] + "".join(rng.choices(LETTERS, k=90)) + text[place:]
    yield text[:place] + text[place + 60 :]


@pytest.mark.parametrize(
    "part", [slice(None, None, 6), pytest.param(slice(None), marks=pytest.mark.slow)]
)
def test_changed_templates_are_told_as_by_ollamas_rule(part: slice) -> None:
    known = read_known_templates()
    rng = random.Random(SEED)
    inside, alike, near, far = 0, 0, 0, 0
    for text in [text for entry in INDEX[part] for text in changed(rng, entry["jinja"])]:
        expected, count = ollamas(text)
        found = name(template_family(text, known))
        if count < LIMIT:
            inside += 1
            alike += found == expected
            assert found, "a template that Ollama knows is known"
        elif found:
            near += 1
            assert count < LIMIT * 1.2, "figures never tell a text nearer than this"
        else:
            far += 1
    print(
        f"\ntemplate_detect: of {inside} changed texts inside the limit {alike} are told alike; "
        f"of {near + far} beyond it {far} are of no family, and {near} just beyond it still are"
    )
    # Two families may be about equally near: of all 37 texts, one that lost a block.
    assert alike >= inside - 1 > 20


FOREIGN = {
    "plain": "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}",
    "tags": "{% for m in messages %}<turn who='{{ m.role }}'>{{ m.content | trim }}</turn>"
    "{% endfor %}{% if add_generation_prompt %}<turn who='model'>{% endif %}",
    "channels": "{%- macro say(name, text) -%}<|start|>{{ name }}<|message|>{{ text }}<|end|>"
    "{%- endmacro -%}{%- for m in messages -%}{{ say(m.role, m.content) }}{%- endfor -%}",
}


def test_foreign_templates_are_of_no_family() -> None:
    rng = random.Random(SEED)
    shuffled = []
    for entry in INDEX:
        words = entry["jinja"].split(" ")
        rng.shuffle(words)
        shuffled.append(" ".join(words))
    noise = ["".join(rng.choices(LETTERS, k=length)) for length in range(150, 1900, 50)]
    foreign = [text for text in (*FOREIGN.values(), *shuffled, *noise) if not ollamas(text)[0]]
    told = [text for text in foreign if family_of(text)]
    assert len(foreign) > 60
    assert not told


def test_a_huge_template_is_told_at_once() -> None:
    started = time.thread_time()
    assert family_of("{{ x }}" * 70_000) is None
    assert time.thread_time() - started < 0.1  # it is no nearer than its length


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_stops_where_ollama_does(family: Any) -> None:
    wanted = VECTORS["builtin"][family.name]["params_layer"]["stop"]
    if family.name in BETTER:
        assert set(family.stops) != set(wanted)
    else:
        assert set(family.stops) == set(wanted) - {"<|begin_of_text|>"}


def test_every_known_template_has_a_family() -> None:
    assert {each.family for each in read_known_templates()} == {each.name for each in FAMILIES}


def test_special_tokens_of_the_model_are_no_stop_texts() -> None:
    chatml = next(family for family in FAMILIES if family.name == "chatml")
    assert family_stops(chatml, ["<|im_start|>", "<|im_end|>"]) == ()
    assert family_stops(chatml, ["<|im_start|>"]) == ("<|im_end|>",)
    assert family_stops(None, []) == ()
