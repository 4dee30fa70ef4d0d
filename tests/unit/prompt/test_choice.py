import pytest

from corral.errors import UserError
from corral.prompt.choice import (
    ChosenTemplate,
    TemplateLanguage,
    TemplateSource,
    choose_template,
)

GO = ChosenTemplate(source=TemplateSource.MODELFILE, text="{{ .Prompt }}")
JINJA = ChosenTemplate(source=TemplateSource.GGUF, text="{{ messages }}")
PLAIN = ChosenTemplate(source=TemplateSource.PLAIN)


@pytest.mark.parametrize(
    ("modelfile", "gguf", "has_renderer", "chosen"),
    [
        (GO.text, JINJA.text, False, GO),
        (None, JINJA.text, False, JINJA),
        ("", JINJA.text, False, JINJA),
        (GO.text, None, False, GO),
        (None, None, False, PLAIN),
        (GO.text, JINJA.text, True, JINJA),
        (GO.text, None, True, GO),
    ],
)
def test_ollamas_order_holds_where_nothing_is_chosen(
    modelfile: str | None, gguf: str | None, has_renderer: bool, chosen: ChosenTemplate
) -> None:
    assert choose_template(modelfile, gguf, has_renderer=has_renderer) == chosen


@pytest.mark.parametrize("chosen", [GO, JINJA, PLAIN])
def test_what_the_person_chose_is_used(chosen: ChosenTemplate) -> None:
    assert choose_template(GO.text, JINJA.text, chosen.source) == chosen


@pytest.mark.parametrize(
    ("wanted", "words"), [(TemplateSource.GGUF, "in its file"), (TemplateSource.MODELFILE, "TEMPL")]
)
def test_what_is_not_there_cannot_be_chosen(wanted: TemplateSource, words: str) -> None:
    with pytest.raises(UserError, match=words):
        choose_template(None, None, wanted)


def test_a_modelfile_has_go_templates_and_a_model_file_jinja() -> None:
    assert GO.language is TemplateLanguage.GO
    assert JINJA.language is TemplateLanguage.JINJA
