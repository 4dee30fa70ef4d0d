"""Writes a models folder as Ollama does, byte for byte from what is known, by none of our code."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

IMAGE = "application/vnd.ollama.image."
CONFIG = "application/vnd.docker.container.image.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
GGUF_CONFIG = {
    "model_format": "gguf",
    "model_family": "llama",
    "model_families": ["llama"],
    "model_type": "93.2K",
    "file_type": "F32",
}
END = {"architecture": "amd64", "os": "linux"}


class OllamaStore:
    """One models folder of Ollama's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        self.blobs.mkdir(parents=True)

    def blob(self, content: bytes, *, has_old_name: bool = False) -> tuple[str, int]:
        """Write a blob; return digest and size."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.blobs / f"sha256{':' if has_old_name else '-'}{digest}"
        path.write_bytes(content)
        return f"sha256:{digest}", len(content)

    def model(
        self,
        name: str,
        layers: Sequence[tuple[str, bytes]],
        config: Mapping[str, object] = GGUF_CONFIG,
        *,
        have_old_names: bool = False,
    ) -> Path:
        """Write a model of the given layers; `name` is host/namespace/model/tag."""
        config_bytes = _go({**config, **END}) + b"\n"
        digest, size = self.blob(config_bytes, has_old_name=have_old_names)
        fields = []
        for kind, content in layers:
            layer_digest, layer_size = self.blob(content, has_old_name=have_old_names)
            fields.append({"mediaType": IMAGE + kind, "digest": layer_digest, "size": layer_size})
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest, "size": size},
            "layers": fields or None,
        }
        path = self.root / "manifests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_go(manifest) + b"\n")
        return path


def _go(fields: Mapping[str, object]) -> bytes:
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
