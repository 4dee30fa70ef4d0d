"""The templates that can make a prompt: the Modelfile's, the model file's own, or none."""

from dataclasses import dataclass
from enum import StrEnum


class Offer(StrEnum):
    """Something that a template can take."""

    TOOLS = "tools"
    INSERT = "insert"
    THINKING = "thinking"


class TemplateLanguage(StrEnum):
    """What a template is written in."""

    GO = "go"
    JINJA = "jinja"


class TemplateSource(StrEnum):
    """Where a template comes from."""

    MODELFILE = "modelfile"
    GGUF = "gguf"
    PLAIN = "plain"


class ChoiceReason(StrEnum):
    """Why a template is used.

    Attributes:
        WANTED: A person chose it.
        RENDERER: It stands in for a prompt writer of Ollama that the model names.
        PARSER: The model names an answer reader of Ollama, whose models go by their TEMPLATE.
        HARMONY: The TEMPLATE writes gpt-oss's messages.
        SETTING: The environment prefers one language (`OLLAMA_GO_TEMPLATE`).
        OFFERS_MORE: The model file's own template takes more than the TEMPLATE.
        RETURNS_RESULTS: It also writes calls and results of tools, which the TEMPLATE does not.
        TEMPLATE_FIRST: There are two, and nothing speaks against the TEMPLATE.
        ONLY: There is no other.
    """

    WANTED = "wanted"
    RENDERER = "renderer"
    PARSER = "parser"
    HARMONY = "harmony"
    SETTING = "setting"
    OFFERS_MORE = "offers_more"
    RETURNS_RESULTS = "returns_results"
    TEMPLATE_FIRST = "template_first"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTemplates:
    """What there is to choose from, and what the model says of it.

    Attributes:
        modelfile: The Modelfile's TEMPLATE, None or empty for none.
        gguf: The template in the model file, None or empty for none.
        renderer: The prompt writer of Ollama that the model names, "" for none.
        parser: The answer reader of Ollama that it names, "" for none.
        family: Its architecture.
        prefers_go: What the environment says of TEMPLATEs, None for nothing.
    """

    modelfile: str | None = None
    gguf: str | None = None
    renderer: str = ""
    parser: str = ""
    family: str = ""
    prefers_go: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTemplate:
    """The template that is used.

    Attributes:
        source: Where it comes from; `PLAIN` goes on with the text of the conversation.
        text: The template, "" for `PLAIN`.
        reason: Why it is this one.
        sets_aside_modelfile: Whether the Modelfile's TEMPLATE is not used though nobody said so.
        more: What it offers that the TEMPLATE it sets aside does not.
        stands_in_for: The prompt writer of Ollama that it stands in for, "" for none.
    """

    source: TemplateSource
    text: str = ""
    reason: ChoiceReason = ChoiceReason.WANTED
    sets_aside_modelfile: bool = False
    more: tuple[Offer, ...] = ()
    stands_in_for: str = ""

    @property
    def language(self) -> TemplateLanguage:
        """What it is written in."""
        is_go = self.source is TemplateSource.MODELFILE
        return TemplateLanguage.GO if is_go else TemplateLanguage.JINJA
