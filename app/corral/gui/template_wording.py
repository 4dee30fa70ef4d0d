"""Which template makes a prompt, and why, in the window's language."""

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.prompt.choice import ChoiceReason, ChosenTemplate, Offer, TemplateSource
from corral.prompt.named_parsers import NAMED_PARSERS


def template_words(chosen: ChosenTemplate) -> str:
    """Return whose template it is, and why where it might be another one."""
    translate = QCoreApplication.translate
    words = [_source(chosen.source), _reason(chosen)]
    if chosen.stands_in_for:
        name = safe_line(chosen.stands_in_for)
        text = translate("TemplateWording", "in place of Ollama's renderer %1")
        words.append(text.replace("%1", name))
    return ", ".join(filter(None, words))


def parser_words(parser: str) -> str:
    """Return that a model names an answer reader that is not known here; "" if it does not."""
    if not parser or parser in NAMED_PARSERS:
        return ""
    text = QCoreApplication.translate(
        "TemplateWording", "answers read by the template's marks: Ollama's parser %1 is not known"
    )
    return text.replace("%1", safe_line(parser))


def _source(source: TemplateSource) -> str:
    translate = QCoreApplication.translate
    match source:
        case TemplateSource.MODELFILE:
            return translate("TemplateWording", "prompt by the Modelfile's TEMPLATE")
        case TemplateSource.GGUF:
            return translate("TemplateWording", "prompt by the GGUF's own chat template")
        case TemplateSource.PLAIN:
            return translate("TemplateWording", "no chat template: the model goes on with the text")


def _reason(chosen: ChosenTemplate) -> str:
    translate = QCoreApplication.translate
    match chosen.reason:
        case ChoiceReason.OFFERS_MORE if Offer.TOOLS in chosen.more:
            return translate("TemplateWording", "which takes tools and the TEMPLATE does not")
        case ChoiceReason.OFFERS_MORE:
            return translate("TemplateWording", "which takes more than the TEMPLATE")
        case ChoiceReason.RETURNS_RESULTS:
            return translate("TemplateWording", "which also writes the results of tools")
        case ChoiceReason.SETTING:
            return translate("TemplateWording", "for OLLAMA_GO_TEMPLATE says so")
        case _:
            return ""
