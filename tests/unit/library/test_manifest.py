import pytest

from corral.errors import ExternalError
from corral.library.manifest import (
    Layer,
    LayerType,
    Manifest,
    canonical_digest,
    parse_manifest,
)

DIGEST = "sha256:" + "a1" * 32

# As Ollama writes it: compact, in this order, with a line feed at the end.
TEXT = (
    '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
    '"config":{"mediaType":"application/vnd.docker.container.image.v1+json",'
    f'"digest":"{DIGEST}","size":3}},"layers":[{{"mediaType":"application/vnd.ollama.image.model",'
    f'"digest":"{DIGEST}","size":40,"from":"base:latest"}}]}}\n'
)


def test_a_manifest_reads_and_writes_back_to_the_same_bytes() -> None:
    manifest = parse_manifest(TEXT.encode())
    assert manifest.to_bytes() == TEXT.encode()
    assert manifest.size_bytes == 43
    assert manifest.of_type(LayerType.MODEL)[0].source == "base:latest"


def test_a_manifest_without_layers_may_have_null_for_them() -> None:
    config = Layer(media_type="x", digest=DIGEST, size_bytes=1)
    empty = Manifest(config=config, layers=()).to_bytes()
    assert parse_manifest(empty.replace(b"[]", b"null")).layers == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "[" * 100_000,
        TEXT.replace(DIGEST, "sha256:../../../../etc/passwd"),
        TEXT.replace('"size":40', '"size":"40"'),
        TEXT.replace('"size":40', '"size":-1'),
        TEXT.replace('"layers":[', '"layers":[7,'),
    ],
)
def test_what_is_no_manifest_is_damage_with_a_name(text: str) -> None:
    with pytest.raises(ExternalError, match="damaged"):
        parse_manifest(text.encode())


def test_digests_have_one_form() -> None:
    assert canonical_digest("SHA256-" + "A1" * 32) == DIGEST
    with pytest.raises(ValueError, match="digest"):
        canonical_digest("sha256:" + "g1" * 32)
