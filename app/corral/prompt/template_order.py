"""Which template makes the prompt, in Ollama's order.

Source: Ollama's behaviour (`server/routes.go`, `server/images.go`), looked up.
"""

from corral.errors import UserError
from corral.prompt.choice import (
    ChoiceReason,
    ChosenTemplate,
    Offer,
    OfferedTemplates,
    TemplateSource,
)
from corral.prompt.template_offers import go_offers, jinja_offers

_HARMONY_FAMILIES = frozenset({"gptoss", "gpt-oss"})
_HARMONY_TAGS = ("<|start|>", "<|end|>")


def choose_template(
    offered: OfferedTemplates, wanted: TemplateSource | None = None
) -> ChosenTemplate:
    """Return the template to use, in Ollama's order unless a person chose one.

    A prompt writer that the model names comes first there. Corral has none of them: the model
    file's own template stands in, which they are written after. Then come TEMPLATEs for named
    answer readers and for gpt-oss, then what the environment prefers, then the TEMPLATE unless
    the model file's own template offers more, then that one, then the plain text.

    Args:
        offered: What there is.
        wanted: What the person chose, None for Ollama's order.

    Raises:
        UserError: If there is no template of the kind that is wanted.
    """
    if wanted:
        return _wanted(offered, wanted)
    if not (offered.modelfile and offered.gguf):
        return _only(offered)
    source, reason = _of_two(offered, offered.modelfile, offered.gguf)
    is_aside = source is TemplateSource.GGUF
    more = jinja_offers(offered.gguf).offers - go_offers(offered.modelfile).offers
    return ChosenTemplate(
        source=source,
        text=offered.gguf if is_aside else offered.modelfile,
        reason=reason,
        sets_aside_modelfile=is_aside,
        more=tuple(offer for offer in Offer if is_aside and offer in more),
        stands_in_for=offered.renderer,
    )


def _wanted(offered: OfferedTemplates, wanted: TemplateSource) -> ChosenTemplate:
    texts = {
        TemplateSource.MODELFILE: (offered.modelfile, "TEMPLATE in its Modelfile"),
        TemplateSource.GGUF: (offered.gguf, "chat template in its file"),
        TemplateSource.PLAIN: ("", ""),
    }
    text, name = texts[wanted]
    if name and not text:
        raise UserError(
            f"The model has no {name}, which this chat asks for.",
            hint="Choose another template for the chat, or let Corral choose.",
        )
    return ChosenTemplate(source=wanted, text=text or "", stands_in_for=offered.renderer)


def _only(offered: OfferedTemplates) -> ChosenTemplate:
    """Return the only template that there is, or none."""
    source = TemplateSource.PLAIN
    if offered.modelfile or offered.gguf:
        source = TemplateSource.MODELFILE if offered.modelfile else TemplateSource.GGUF
    return ChosenTemplate(
        source=source,
        text=offered.modelfile or offered.gguf or "",
        reason=ChoiceReason.ONLY,
        stands_in_for=offered.renderer,
    )


def _of_two(
    offered: OfferedTemplates, modelfile: str, gguf: str
) -> tuple[TemplateSource, ChoiceReason]:
    """Choose between a TEMPLATE and the model file's own template."""
    is_harmony = offered.family in _HARMONY_FAMILIES
    if offered.renderer:
        return TemplateSource.GGUF, ChoiceReason.RENDERER
    if offered.parser:
        return TemplateSource.MODELFILE, ChoiceReason.PARSER
    if is_harmony and all(tag in modelfile for tag in _HARMONY_TAGS):
        return TemplateSource.MODELFILE, ChoiceReason.HARMONY
    if offered.prefers_go is not None:
        source = TemplateSource.MODELFILE if offered.prefers_go else TemplateSource.GGUF
        return source, ChoiceReason.SETTING
    if reason := _preference(modelfile, gguf):
        return TemplateSource.GGUF, reason
    return TemplateSource.MODELFILE, ChoiceReason.TEMPLATE_FIRST


def _preference(modelfile: str, gguf: str) -> ChoiceReason | None:
    """Return why the model file's own template is better than a TEMPLATE; None if it is not."""
    jinja, go = jinja_offers(gguf), go_offers(modelfile)
    if len(jinja.offers) > len(go.offers):
        is_loss = go.returns_results and not jinja.returns_results
        return None if is_loss else ChoiceReason.OFFERS_MORE
    if jinja.offers != go.offers or Offer.TOOLS not in jinja.offers:
        return None
    is_better = jinja.returns_results and not go.returns_results
    return ChoiceReason.RETURNS_RESULTS if is_better else None
