"""The family of a template is found by its marks, in all of Ollama's cases."""

from typing import Any

import pytest

from corral.prompt.family import FAMILIES, family_stops, template_family
from helpers.vectors import vectors

VECTORS = vectors("template_detect")
INDEX = [{"jinja": case["template"], "expect": case["name"]} for case in VECTORS["index"]]
CASES = [*VECTORS["cases"], *INDEX]
# Written otherwise on purpose: Ollama gives a Mistral model the stop texts of ChatML.
BETTER = {"mistral-instruct", "falcon-instruct"}


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    sizes = {key: len(value) for key, value in VECTORS.items() if isinstance(value, list)}
    print(f"\ntemplate_detect: {sizes}; improved upon: stop texts of {sorted(BETTER)}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["expect"]))
def test_a_template_belongs_to_the_family_that_ollama_finds(case: dict[str, Any]) -> None:
    family = template_family(case["jinja"])
    assert (family.name if family else None) == case["expect"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_stops_where_ollama_does(family: Any) -> None:
    wanted = VECTORS["builtin"][family.name]["params_layer"]["stop"]
    if family.name in BETTER:
        assert set(family.stops) != set(wanted)
    else:
        assert set(family.stops) == set(wanted) - {"<|begin_of_text|>"}


def test_special_tokens_of_the_model_are_no_stop_texts() -> None:
    assert family_stops("<|im_start|>", ["<|im_start|>", "<|im_end|>"]) == ()
    assert family_stops("<|im_start|>", ["<|im_start|>"]) == ("<|im_end|>",)
    assert family_stops("{{ messages }}", []) == ()
