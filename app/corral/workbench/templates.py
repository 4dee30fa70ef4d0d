"""The template that makes a model's prompts, told without loading anything."""

import os
from collections.abc import Mapping

from corral.library.model import StoredModel
from corral.ollama_variables import read_variables
from corral.prompt.choice import ChosenTemplate, OfferedTemplates, TemplateSource


def template_of(
    model: StoredModel,
    gguf_template: str | None,
    wanted: TemplateSource | None = None,
    environment: Mapping[str, str] | None = None,
) -> ChosenTemplate:
    """Return the template that makes a model's prompts.

    Args:
        model: The model.
        gguf_template: The chat template in its file, None for none.
        wanted: What a person chose, None for Ollama's order.
        environment: Where `OLLAMA_GO_TEMPLATE` is looked for, None for the process's own.

    Raises:
        UserError: If it asks for one that the model does not have.
    """
    from corral.prompt.template_order import choose_template  # lazy: reads Go templates

    variables = read_variables(os.environ if environment is None else environment)
    offered = OfferedTemplates(
        modelfile=model.template,
        gguf=gguf_template,
        renderer=model.config.renderer,
        parser=model.config.parser,
        family=model.config.family,
        prefers_go=variables.prefers_go_template,
    )
    return choose_template(offered, wanted)
