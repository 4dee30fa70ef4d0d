"""Which template makes the prompt: the Modelfile's, the model file's own, or none."""

from dataclasses import dataclass
from enum import StrEnum

from corral.errors import UserError


class TemplateLanguage(StrEnum):
    """What a template is written in."""

    GO = "go"
    JINJA = "jinja"


class TemplateSource(StrEnum):
    """Where a template comes from."""

    MODELFILE = "modelfile"
    GGUF = "gguf"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTemplate:
    """The template that is used.

    Attributes:
        source: Where it comes from; `PLAIN` goes on with the text of the conversation.
        text: The template, "" for `PLAIN`.
    """

    source: TemplateSource
    text: str = ""

    @property
    def language(self) -> TemplateLanguage:
        """What it is written in."""
        is_go = self.source is TemplateSource.MODELFILE
        return TemplateLanguage.GO if is_go else TemplateLanguage.JINJA


def choose_template(
    modelfile: str | None,
    gguf: str | None,
    wanted: TemplateSource | None = None,
    *,
    has_renderer: bool = False,
) -> ChosenTemplate:
    """Return the template to use, in Ollama's order.

    A prompt writer that is named in the model's config comes first there; what it writes is what
    the model file's own template writes. Then comes the Modelfile's TEMPLATE, then the model
    file's own, then the plain text.

    Args:
        modelfile: The Modelfile's TEMPLATE, None or empty for none.
        gguf: The template in the model file, None or empty for none.
        wanted: What the person chose, None for Ollama's order.
        has_renderer: Whether the model's config names a prompt writer of Ollama.

    Raises:
        UserError: If there is no template of the kind that is wanted.
    """
    own = ChosenTemplate(source=TemplateSource.GGUF, text=gguf) if gguf else None
    go = ChosenTemplate(source=TemplateSource.MODELFILE, text=modelfile) if modelfile else None
    plain = ChosenTemplate(source=TemplateSource.PLAIN)
    match wanted:
        case None:
            return (own if has_renderer else None) or go or own or plain
        case TemplateSource.PLAIN:
            return plain
        case TemplateSource.GGUF:
            found, name = own, "chat template in its file"
        case TemplateSource.MODELFILE:
            found, name = go, "TEMPLATE in its Modelfile"
    if found is None:
        raise UserError(
            f"The model has no {name}, which this chat asks for.",
            hint="Choose another template for the chat, or let Corral choose.",
        )
    return found
