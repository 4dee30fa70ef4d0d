"""Ollama's order of templates, rule by rule."""

import pytest

from corral.errors import UserError
from corral.prompt.choice import (
    ChoiceReason,
    Offer,
    OfferedTemplates,
    TemplateLanguage,
    TemplateSource,
)
from corral.prompt.template_offers import go_offers, jinja_offers
from corral.prompt.template_order import choose_template
from helpers.vectors import vectors

MODELFILE, GGUF, PLAIN = TemplateSource.MODELFILE, TemplateSource.GGUF, TemplateSource.PLAIN

GO = "{{ .Prompt }}"
GO_TOOLS = "{{ .Tools }}{{ range .Messages }}{{ .Content }}{{ end }}"
GO_TRIP = (
    "{{ .Tools }}{{ range .Messages }}{{ .ToolCalls }}"
    '{{ if eq .Role "tool" }}{{ .Content }}{{ end }}{{ end }}'
)
GO_THINKING = (
    "{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ end }}"
)
GO_HARMONY = "<|start|>user{{ .Prompt }}<|end|>"
JINJA = "{{ messages[0].content }}"
JINJA_TOOLS = "{{ tools }}{{ messages[0].content }}"
JINJA_TRIP = "{{ tools }}{{ m.tool_calls }}{% if m['role'] == 'tool' %}{{ m.content }}{% endif %}"
JINJA_THINKING = "{{ tools }}<think></think>"


@pytest.mark.parametrize(
    ("go", "jinja", "given", "source", "reason"),
    [
        # one or none
        (GO, None, {}, MODELFILE, ChoiceReason.ONLY),
        (None, JINJA, {}, GGUF, ChoiceReason.ONLY),
        ("", JINJA, {}, GGUF, ChoiceReason.ONLY),
        (None, None, {}, PLAIN, ChoiceReason.ONLY),
        (GO, None, {"renderer": "qwen3-coder"}, MODELFILE, ChoiceReason.ONLY),
        # a named prompt writer is first, whatever else there is
        (GO_TRIP, JINJA, {"renderer": "x", "prefers_go": True}, GGUF, ChoiceReason.RENDERER),
        # a named answer reader alone goes with the TEMPLATE
        (GO, JINJA_TRIP, {"parser": "x", "prefers_go": False}, MODELFILE, ChoiceReason.PARSER),
        # gpt-oss by its TEMPLATE, only in its family and with its tags
        (GO_HARMONY, JINJA_TRIP, {"family": "gptoss"}, MODELFILE, ChoiceReason.HARMONY),
        (GO_HARMONY, JINJA_TRIP, {"family": "gpt-oss"}, MODELFILE, ChoiceReason.HARMONY),
        (GO_HARMONY, JINJA_TRIP, {"family": "llama"}, GGUF, ChoiceReason.OFFERS_MORE),
        (GO, JINJA_TRIP, {"family": "gptoss"}, GGUF, ChoiceReason.OFFERS_MORE),
        # the environment
        (GO, JINJA_TRIP, {"prefers_go": True}, MODELFILE, ChoiceReason.SETTING),
        (GO_TRIP, JINJA, {"prefers_go": False}, GGUF, ChoiceReason.SETTING),
        # what the two offer
        (GO, JINJA, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        (GO, JINJA_TOOLS, {}, GGUF, ChoiceReason.OFFERS_MORE),
        (GO_TOOLS, JINJA_TOOLS, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        (GO_TOOLS, JINJA_TRIP, {}, GGUF, ChoiceReason.RETURNS_RESULTS),
        (GO_TRIP, JINJA_TRIP, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        (GO_TRIP, JINJA_TOOLS, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        (GO_TOOLS, JINJA_THINKING, {}, GGUF, ChoiceReason.OFFERS_MORE),
        # more, but results of tools would be lost
        (GO_TRIP, JINJA_THINKING, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        # as many, but others
        (GO_THINKING, JINJA_TRIP, {}, MODELFILE, ChoiceReason.TEMPLATE_FIRST),
        # a TEMPLATE that cannot be read offers nothing
        ("{{ if }}", JINJA_TOOLS, {}, GGUF, ChoiceReason.OFFERS_MORE),
    ],
)
def test_each_rule_of_ollamas_order_holds(
    go: str | None,
    jinja: str | None,
    given: dict[str, object],
    source: TemplateSource,
    reason: ChoiceReason,
) -> None:
    offered = OfferedTemplates(modelfile=go, gguf=jinja, **given)  # type: ignore[arg-type]
    chosen = choose_template(offered)
    assert (chosen.source, chosen.reason) == (source, reason)
    assert chosen.text == {MODELFILE: go, GGUF: jinja, PLAIN: ""}[source]
    assert chosen.sets_aside_modelfile is (source is GGUF and bool(go))
    assert chosen.stands_in_for == given.get("renderer", "")


def test_what_is_set_aside_is_told_with_what_is_won() -> None:
    chosen = choose_template(OfferedTemplates(modelfile=GO, gguf=JINJA_THINKING))
    assert chosen.more == (Offer.TOOLS, Offer.THINKING)


@pytest.mark.parametrize(("wanted", "text"), [(MODELFILE, GO), (GGUF, JINJA_TRIP), (PLAIN, "")])
def test_what_the_person_chose_is_used(wanted: TemplateSource, text: str) -> None:
    offered = OfferedTemplates(modelfile=GO, gguf=JINJA_TRIP, prefers_go=True, parser="qwen3")
    chosen = choose_template(offered, wanted)
    assert (chosen.source, chosen.text, chosen.reason) == (wanted, text, ChoiceReason.WANTED)
    assert not chosen.sets_aside_modelfile


@pytest.mark.parametrize(("wanted", "words"), [(GGUF, "in its file"), (MODELFILE, "TEMPL")])
def test_what_is_not_there_cannot_be_chosen(wanted: TemplateSource, words: str) -> None:
    with pytest.raises(UserError, match=words):
        choose_template(OfferedTemplates(), wanted)


def test_a_modelfile_has_go_templates_and_a_model_file_jinja() -> None:
    offered = OfferedTemplates(modelfile=GO, gguf=JINJA)
    assert choose_template(offered, MODELFILE).language is TemplateLanguage.GO
    assert choose_template(offered, GGUF).language is TemplateLanguage.JINJA


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("{{ tool_call }}", {Offer.TOOLS}),
        ("<think>{{ x }}</think>", {Offer.THINKING}),
        ("{% set c = content.split('</think>')[-1] %}", {Offer.THINKING}),
        ('{% set c = content.split("</think>")[-1] %}', {Offer.THINKING}),
        ("{% set c = content.split('</think>')[-1] %}{{ reasoning_content }}", set()),
        ("{% set c = content.split('</think>')[-1] %}<SPECIAL_12>", set()),
        ("<think>", set()),
    ],
)
def test_signs_of_what_a_jinja_template_offers(text: str, offers: set[Offer]) -> None:
    assert jinja_offers(text).offers == offers


def test_signs_of_what_a_go_template_offers() -> None:
    assert go_offers("{{ .Prompt }}{{ .Suffix }}").offers == {Offer.INSERT}
    assert go_offers(GO_THINKING).offers == {Offer.THINKING}
    assert go_offers("<think>{{ .Prompt }}</think>").offers == set()
    assert go_offers(GO_TRIP).returns_results
    assert not go_offers(GO_TOOLS).returns_results


def test_ollamas_own_templates_keep_their_place_unless_the_other_offers_more() -> None:
    """The templates that detection leads to, with the texts they are detected by."""
    found = vectors("template_detect")
    chosen = {}
    for entry in found["index"]:
        go = found["builtin"][entry["name"]]["gotmpl"]
        made = choose_template(OfferedTemplates(modelfile=go, gguf=entry["template"]))
        chosen.setdefault(entry["name"], set()).add(made.source)
    print(f"\ntemplate_detect: {len(found['index'])} pairs of templates chosen from")
    aside = {name for name, sources in chosen.items() if GGUF in sources}
    assert aside == {
        name
        for name in chosen
        if any(
            "tools" in entry["template"] or "tool_call" in entry["template"]
            for entry in found["index"]
            if entry["name"] == name
        )
        and ".Tools" not in found["builtin"][name]["gotmpl"]
    }
