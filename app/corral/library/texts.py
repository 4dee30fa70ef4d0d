"""What a new model says beside its files: of the Modelfile, or of the model it is built on."""

from collections.abc import Mapping
from dataclasses import dataclass

from corral.library.go_json import JsonValue
from corral.library.model import ModelConfig, StoredModel
from corral.modelfile.catalogue import ParameterValue
from corral.modelfile.document import Document
from corral.prompt.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Small layers and config of a model.

    Attributes:
        template: Go template; None keeps the base's, "" removes it. So with `system`.
        system: System text.
        parameters: Parameters that are set over the base's.
        messages: Messages; none keep the base's.
        licenses: Licences that are added.
        config: Fields that are set in the config.
    """

    template: str | None
    system: str | None
    parameters: Mapping[str, ParameterValue]
    messages: tuple[Message, ...]
    licenses: tuple[str, ...]
    config: Mapping[str, JsonValue]


def texts_of(document: Document, found: StoredModel | None) -> Texts:
    """Return what a Modelfile says, filled up from a model of another program if it builds on one.

    Raises:
        UserError: If a parameter does not exist or has a wrong value; it tells the place.
    """
    base = found or StoredModel(name="")
    return Texts(
        template=base.template if document.template is None else document.template,
        system=base.system if document.system is None else document.system,
        parameters={**base.parameters, **document.parameters},
        messages=document.messages or base.messages,
        licenses=(*base.licenses, *document.licenses),
        config=_config(document, base.config),
    )


def _config(document: Document, base: ModelConfig) -> dict[str, JsonValue]:
    requires = document.requires and document.requires.removeprefix("v")
    config: dict[str, JsonValue] = {
        "renderer": document.renderer or base.renderer,
        "parser": document.parser or base.parser,
        "requires": requires or base.requires,
    }
    return {name: value for name, value in config.items() if value}
