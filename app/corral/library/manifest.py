"""The manifest of a model: which blobs it is made of.

Source: Ollama's store, ``manifests/<host>/<namespace>/<model>/<tag>``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from corral.errors import ExternalError
from corral.library.go_json import JsonValue, go_json

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"

_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


class LayerType(StrEnum):
    """What a layer holds, as its media type says."""

    MODEL = "application/vnd.ollama.image.model"
    PROJECTOR = "application/vnd.ollama.image.projector"
    ADAPTER = "application/vnd.ollama.image.adapter"
    DRAFT = "application/vnd.ollama.image.draft"
    TEMPLATE = "application/vnd.ollama.image.template"
    SYSTEM = "application/vnd.ollama.image.system"
    PARAMS = "application/vnd.ollama.image.params"
    MESSAGES = "application/vnd.ollama.image.messages"
    LICENSE = "application/vnd.ollama.image.license"
    # Of old stores: a template by its former name, and embeddings, which nothing reads any more.
    PROMPT = "application/vnd.ollama.image.prompt"
    EMBED = "application/vnd.ollama.image.embed"
    # Of safetensors models: one layer per tensor, and their JSON files.
    TENSOR = "application/vnd.ollama.image.tensor"
    JSON = "application/vnd.ollama.image.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One blob and what it is for.

    Attributes:
        media_type: A `LayerType`, or a type that Corral does not know.
        digest: "sha256:" and 64 hex digits.
        size_bytes: Size of the blob.
        source: Short name of the model the layer was taken over from, "" if from none.
        title: Name of a tensor or file, for layers that have one.
    """

    media_type: str
    digest: str
    size_bytes: int
    source: str = ""
    title: str = ""

    def fields(self) -> dict[str, JsonValue]:
        """The layer as it is written."""
        fields: dict[str, JsonValue] = {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size_bytes,
        }
        if self.source:
            fields["from"] = self.source
        if self.title:
            fields["name"] = self.title
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All blobs of one model.

    Attributes:
        config: The config blob.
        layers: The other blobs.
    """

    config: Layer
    layers: tuple[Layer, ...]

    @property
    def size_bytes(self) -> int:
        """Sum of all blobs."""
        return self.config.size_bytes + sum(layer.size_bytes for layer in self.layers)

    @property
    def digests(self) -> frozenset[str]:
        """Digests of all blobs, the config's included."""
        return frozenset({self.config.digest, *(layer.digest for layer in self.layers)})

    def of_type(self, *media_types: LayerType) -> tuple[Layer, ...]:
        """Return the layers of one type or several, in order."""
        return tuple(layer for layer in self.layers if layer.media_type in media_types)

    def to_bytes(self) -> bytes:
        """Return the manifest file's content."""
        fields: dict[str, JsonValue] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": self.config.fields(),
            "layers": [layer.fields() for layer in self.layers],
        }
        return go_json(fields, sort_keys=False)


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest file's content.

    Raises:
        ExternalError: If it is not a manifest that Corral knows.
    """
    try:
        fields = json.loads(data)
        layers = fields["layers"] or []
        return Manifest(config=_layer(fields["config"]), layers=tuple(map(_layer, layers)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExternalError(
            "Its manifest is damaged or of a kind that Corral does not know.",
            detail=f"{type(error).__name__}: {error}",
        ) from error


def canonical_digest(digest: str) -> str:
    """Return a digest in the form that manifests use.

    Raises:
        ValueError: If it is none; file names are made of digests, so nothing else may pass.
    """
    found = _DIGEST.fullmatch(digest)
    if not found:
        raise ValueError(f"not a SHA-256 digest: {digest[:80]!r}")
    return f"sha256:{found[1].lower()}"


def _layer(fields: Mapping[str, object]) -> Layer:
    size = fields["size"]
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"size of a layer is {size!r}")
    return Layer(
        media_type=str(fields["mediaType"]),
        digest=canonical_digest(str(fields["digest"])),
        size_bytes=size,
        source=str(fields.get("from") or ""),
        title=str(fields.get("name") or ""),
    )
