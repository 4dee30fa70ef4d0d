"""Why a template is used, in words."""

import pytest

from corral.gui.template_wording import parser_words, template_words
from corral.prompt.choice import ChoiceReason, ChosenTemplate, Offer, TemplateSource

GGUF, MODELFILE, PLAIN = TemplateSource.GGUF, TemplateSource.MODELFILE, TemplateSource.PLAIN


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (ChosenTemplate(source=MODELFILE), "prompt by the Modelfile's TEMPLATE"),
        (ChosenTemplate(source=PLAIN), "no chat template: the model goes on with the text"),
        (
            ChosenTemplate(source=GGUF, reason=ChoiceReason.OFFERS_MORE, more=(Offer.TOOLS,)),
            "prompt by the GGUF's own chat template, which takes tools and the TEMPLATE does not",
        ),
        (
            ChosenTemplate(source=GGUF, reason=ChoiceReason.OFFERS_MORE, more=(Offer.THINKING,)),
            "prompt by the GGUF's own chat template, which takes more than the TEMPLATE",
        ),
        (
            ChosenTemplate(source=GGUF, reason=ChoiceReason.RENDERER, stands_in_for="a\nb"),
            "prompt by the GGUF's own chat template, in place of Ollama's renderer a b",
        ),
    ],
)
def test_a_choice_is_told_with_its_reason(chosen: ChosenTemplate, words: str) -> None:
    assert template_words(chosen) == words


def test_a_parser_that_is_not_known_is_told() -> None:
    assert parser_words("olmo3").endswith("Ollama's parser olmo3 is not known")
    assert parser_words("qwen3") == parser_words("") == ""
