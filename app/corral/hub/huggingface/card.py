"""The model card of an upload, made from what the library knows."""

import re

from corral.foreign import safe_line
from corral.library.model import StoredModel
from corral.modelfile.catalogue import ParameterValue
from corral.units import count, file_size

# What the hub knows as names of licences; anything else is "other" with a name.
_LICENCES = {
    "apache license": "apache-2.0",
    "mit license": "mit",
    "llama 3.1 community": "llama3.1",
    "llama 3.2 community": "llama3.2",
    "llama 3.3 community": "llama3.3",
    "gemma terms": "gemma",
}


def model_card(model: StoredModel, repo_id: str, file_name: str) -> str:
    """Return the README.md of an uploaded model.

    It tells what the library knows and claims nothing else; paths and names of this computer are
    not in it. huggingface_hub's own writer makes the head, so that the hub reads it as meant.

    Args:
        model: The model.
        repo_id: Where it goes.
        file_name: What its GGUF file is called there.
    """
    # lazy: comes with huggingface_hub
    from huggingface_hub import ModelCard, ModelCardData

    data = ModelCardData(
        library_name="gguf",
        tags=["gguf"],
        license=licence_of(model),
        model_name=_title(repo_id),
    )
    return str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{_body(model, repo_id, file_name)}"))


def licence_of(model: StoredModel) -> str | None:
    """Return the hub's name for a model's licence, None if it has no licence text."""
    text = "\n".join(model.licenses).lower()[:4000]
    if not text.strip():
        return None
    return next((name for words, name in _LICENCES.items() if words in text), "other")


def _title(repo_id: str) -> str:
    return repo_id.partition("/")[2]


def _body(model: StoredModel, repo_id: str, file_name: str) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in _facts(model))
    parts = [
        f"# {_title(repo_id)}",
        f"| | |\n|---|---|\n{rows}",
        f"The model is in `{file_name}`, for llama.cpp and programs that use it:",
        f"```\ncorral pull hf.co/{repo_id}\n```",
    ]
    if model.system:
        parts += ["## System text", _quoted(model.system)]
    if model.parameters:
        lines = [f"- `{name}`: {_value(value)}" for name, value in model.parameters.items()]
        parts += ["## Parameters", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _facts(model: StoredModel) -> list[tuple[str, str]]:
    config = model.config
    facts = [
        ("Architecture", config.family),
        ("Parameters", config.parameter_size),
        ("Quantization", config.quantization),
        (
            "Context length",
            f"{count(config.context_length)} tokens" if config.context_length else "",
        ),
        ("Size", file_size(model.size_bytes)),
    ]
    return [(name, _cell(value)) for name, value in facts if value]


def _cell(text: str) -> str:
    return safe_line(text).replace("|", "\\|").replace("<", "&lt;")


def _value(value: ParameterValue) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(_code(str(each)) for each in values)


def _code(text: str) -> str:
    line = safe_line(text)
    return f"`` {line} ``" if "`" in line else f"`{line}`"


def _quoted(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
