"""Which template makes a model's prompts, by what the model and the environment say."""

import pytest

from corral.library.model import ModelConfig, StoredModel
from corral.prompt.choice import ChoiceReason, TemplateSource
from corral.workbench.templates import template_of

JINJA = "{{ tools }}"


def model(**config: str) -> StoredModel:
    return StoredModel(name="m", template="{{ .Prompt }}", config=ModelConfig(**config))


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("", TemplateSource.GGUF),
        ("1", TemplateSource.MODELFILE),
        (' "true" ', TemplateSource.MODELFILE),
        ("perhaps", TemplateSource.MODELFILE),
        ("0", TemplateSource.GGUF),
        ("false", TemplateSource.GGUF),
    ],
)
def test_the_environment_prefers_a_language(value: str, source: TemplateSource) -> None:
    chosen = template_of(model(), JINJA, environment={"OLLAMA_GO_TEMPLATE": value})
    assert chosen.source is source
    assert (chosen.reason is ChoiceReason.SETTING) is bool(value)


def test_a_named_renderer_and_parser_are_heeded() -> None:
    chosen = template_of(model(renderer="qwen3-coder", parser="qwen3-coder"), JINJA, environment={})
    assert chosen.stands_in_for == "qwen3-coder"
    assert chosen.source is TemplateSource.GGUF
    assert template_of(model(parser="qwen3"), JINJA, environment={}).source is (
        TemplateSource.MODELFILE
    )
