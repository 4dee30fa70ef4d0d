"""What the GGUF files of a model say that lists show: sizes, and what the model can do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from corral.gguf.header import Header
from corral.library.go_json import JsonValue
from corral.library.model import Capability

# Ollama's built-in answer readers: what the models that ask for them can do.
_THINKS = re.compile(
    r"(harmony|cogito|deepseek3|glm-(?!ocr)|gemma4|qwen3\.|nemotron-3|.*-think(ing)?\b)"
)
_NO_TOOLS = frozenset({"", "passthrough", "glm-ocr"})
_GO_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_JINJA_CODE = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_JINJA_THINKS = re.compile(r"</think>|\b(enable_thinking|reasoning_content)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the header of the weights says.

    Attributes:
        context_length: Tokens the model was trained for, 0 when unknown.
        embedding_length: Length of its embeddings, 0 when unknown.
        parameter_count: Number of weights.
        active_parameter_count: Number of weights that one token uses.
        capabilities: What the file alone makes possible.
    """

    context_length: int = 0
    embedding_length: int = 0
    parameter_count: int = 0
    active_parameter_count: int = 0
    capabilities: frozenset[Capability] = field(default_factory=frozenset)


def figures_of(header: Header) -> Figures:
    """Return what the header of a file of weights says."""
    return Figures(
        context_length=header.context_length,
        embedding_length=header.embedding_length,
        parameter_count=header.parameter_count,
        active_parameter_count=header.active_parameter_count,
        capabilities=frozenset(_of_weights(header)),
    )


def capabilities(
    figures: Figures,
    *,
    template: str | None,
    config: Mapping[str, JsonValue],
    projectors: Iterable[Header],
) -> tuple[Capability, ...]:
    """Return what a model can do.

    Args:
        figures: What its weights say.
        template: Its own Go template.
        config: Its config.
        projectors: Headers of its projectors.
    """
    found = set(figures.capabilities)
    found.update(_of_template(template or ""), _of_config(config))
    for projector in projectors:
        found.update(_of_projector(projector))
    return tuple(capability for capability in Capability if capability in found)


def _of_weights(header: Header) -> Iterable[Capability]:
    pools = header.arch_value("pooling_type", None) is not None
    yield Capability.EMBEDDING if pools else Capability.COMPLETION
    if header.arch_value("vision.block_count", 0):
        yield Capability.VISION
    if header.arch_value("audio.block_count", 0):
        yield Capability.AUDIO
    jinja = header.chat_template or ""
    if any(re.search(r"\btools\b", code) for code in _JINJA_CODE.findall(jinja)):
        yield Capability.TOOLS
    if _JINJA_THINKS.search(jinja) or header.architecture in {"gptoss", "gpt-oss"}:
        yield Capability.THINKING


def _of_template(template: str) -> Iterable[Capability]:
    code = "".join(_GO_ACTION.findall(template))
    for variable, capability in (
        (".Tools", Capability.TOOLS),
        (".Suffix", Capability.INSERT),
        (".Thinking", Capability.THINKING),
    ):
        if re.search(rf"{re.escape(variable)}\b", code):
            yield capability


def _of_config(config: Mapping[str, JsonValue]) -> Iterable[Capability]:
    told = config.get("capabilities")
    if isinstance(told, list):
        yield from (capability for capability in Capability if capability.value in told)
    parser = str(config.get("parser") or "")
    if parser not in _NO_TOOLS:
        yield Capability.TOOLS
    if _THINKS.match(parser):
        yield Capability.THINKING


def _of_projector(header: Header) -> Iterable[Capability]:
    hears = header.value("clip.has_audio_encoder", default=False)
    if hears:
        yield Capability.AUDIO
    if header.value("clip.has_vision_encoder", default=not hears):
        yield Capability.VISION
