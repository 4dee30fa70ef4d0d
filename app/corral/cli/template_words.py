"""Which template makes a model's prompts, and why, in words for the terminal."""

from collections.abc import Mapping

from corral.foreign import safe_line
from corral.prompt.choice import ChoiceReason, ChosenTemplate, TemplateSource
from corral.prompt.named_parsers import NAMED_PARSERS

SOURCES = {
    TemplateSource.MODELFILE: "the Modelfile's TEMPLATE",
    TemplateSource.GGUF: "the model file's own template",
    TemplateSource.PLAIN: "none: the model goes on with the text",
}
_REASONS: Mapping[ChoiceReason, str] = {
    ChoiceReason.PARSER: "for the model names an answer reader",
    ChoiceReason.HARMONY: "which writes gpt-oss's messages",
    ChoiceReason.SETTING: "for OLLAMA_GO_TEMPLATE says so",
    ChoiceReason.RETURNS_RESULTS: "which also writes calls and results of tools",
}


def template_words(chosen: ChosenTemplate) -> str:
    """Return which template it is, and why where it might be another."""
    words = [SOURCES[chosen.source]]
    if chosen.stands_in_for:
        words.append(f"in place of Ollama's renderer '{safe_line(chosen.stands_in_for)}'")
    if chosen.reason is ChoiceReason.OFFERS_MORE:
        more = " and ".join(chosen.more)
        words.append(f"which also takes {more}" if more else "which takes more")
    elif reason := _REASONS.get(chosen.reason):
        words.append(reason)
    return ", ".join(words)


def set_aside_words(chosen: ChosenTemplate) -> str:
    """Return how the TEMPLATE can be used that was set aside, "" if none was."""
    if not chosen.sets_aside_modelfile:
        return ""
    return "the Modelfile's TEMPLATE is set aside; --template modelfile uses it"


def parser_words(parser: str) -> str:
    """Return how answers are read where the model names a reader of Ollama, "" if it does not."""
    if not parser:
        return ""
    if parser in NAMED_PARSERS:
        return f"as Ollama's parser '{parser}' does"
    return f"by the template's marks; Ollama's parser '{parser}' is not known here"
