"""One model of the library, as everyone else sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from corral.modelfile.catalogue import ParameterValue
from corral.prompt.message import Message


class Capability(StrEnum):
    """What a model can do, by Ollama's words and rules."""

    COMPLETION = "completion"
    TOOLS = "tools"
    INSERT = "insert"
    VISION = "vision"
    EMBEDDING = "embedding"
    THINKING = "thinking"
    AUDIO = "audio"


class HomeKind(StrEnum):
    """Whose a place of models is."""

    OWN = "own"
    OLLAMA = "ollama"
    LM_STUDIO = "lm_studio"
    HUGGING_FACE = "hugging_face"
    LLAMA_CPP = "llama_cpp"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A place where models live.

    Attributes:
        kind: Whose it is.
        label: What people call it, such as "LM Studio".
        folder: Its folder.
    """

    kind: HomeKind = HomeKind.OWN
    label: str = "Corral"
    folder: Path = Path()

    @property
    def is_own(self) -> bool:
        """Whether it is Corral's own store; all others are only read."""
        return self.kind is HomeKind.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """What is told about the weights.

    Attributes:
        model_format: "gguf" for all that Corral can run.
        family: Architecture, such as "llama".
        parameter_size: Number of parameters in words, such as "134.52M".
        quantization: Such as "Q4_K_M".
        renderer: Ollama's built-in prompt writer that the model asks for, "" for none.
        parser: Ollama's built-in answer reader that the model asks for, "" for none.
        requires: Oldest Ollama version that can run it, "" if not told.
        context_length: Tokens the model was trained for, 0 when unknown.
        embedding_length: Length of its embeddings, 0 when unknown.
    """

    model_format: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    context_length: int = 0
    embedding_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model in the library.

    Attributes:
        name: Its short name, tag included.
        digest: 64 hex digits that change with any part of it; 12 of them are its id in lists.
        size_bytes: Sum of its blobs, shared ones included.
        modified_at: Seconds since the epoch.
        weights: The GGUF file; an empty path when `problem` says why there is none.
        shards: All files of weights that are split over several, the first too; () for one file.
        adapters: LoRA adapters, GGUF files.
        projectors: Vision projectors, GGUF files.
        drafts: Draft models, GGUF files.
        template: Its own Go template; None when the one of the GGUF file counts.
        system: Its system text, None for none.
        parameters: The parameters it sets, by Ollama's names.
        messages: Messages that every conversation begins with.
        licenses: Licence texts.
        config: What is told about the weights.
        parent_name: Short name of the model it was made from, None if from a file.
        parameter_count: Number of weights, 0 when unknown.
        active_parameter_count: Number of weights that one token uses: fewer than all in a mixture
            of experts; 0 when unknown.
        capabilities: What it can do, in the order of `Capability`.
        last_used_at: Seconds since the epoch when it was last loaded, 0 for never.
        home: Where it lives; one that is not Corral's own is only read.
        problem: Why it cannot be used, in words; "" when it can.
    """

    name: str
    digest: str = ""
    size_bytes: int = 0
    modified_at: float = 0.0
    weights: Path = Path()
    shards: tuple[Path, ...] = ()
    adapters: tuple[Path, ...] = ()
    projectors: tuple[Path, ...] = ()
    drafts: tuple[Path, ...] = ()
    template: str | None = None
    system: str | None = None
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    licenses: tuple[str, ...] = ()
    config: ModelConfig = ModelConfig()
    parent_name: str | None = None
    parameter_count: int = 0
    active_parameter_count: int = 0
    capabilities: tuple[Capability, ...] = ()
    last_used_at: float = 0.0
    home: Home = Home()
    problem: str = ""
