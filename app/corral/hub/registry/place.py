"""Where a model is at its registry."""

from dataclasses import dataclass

from corral.errors import UserError
from corral.library.manifest import canonical_digest
from corral.library.names import Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The addresses of one model.

    Attributes:
        base: Scheme and host.
        repository: Namespace and model.
        tag: Which variant.
    """

    base: str
    repository: str
    tag: str

    @property
    def manifest_url(self) -> str:
        """Address of the manifest."""
        return f"{self.base}/v2/{self.repository}/manifests/{self.tag}"

    @property
    def uploads_url(self) -> str:
        """Address at which uploads begin."""
        return f"{self.base}/v2/{self.repository}/blobs/uploads/"

    def blob_url(self, digest: str) -> str:
        """Return the address of a blob."""
        return f"{self.base}/v2/{self.repository}/blobs/{canonical_digest(digest)}"


def place_of(name: Name, *, insecure: bool) -> Place:
    """Return where a model is.

    Args:
        name: Its name.
        insecure: Whether it may be asked for without encryption; it then is, as Ollama does it.

    Raises:
        UserError: If the name asks for an unencrypted connection that nobody allowed.
    """
    if name.scheme not in {"http", "https"}:
        raise UserError(f"'{name.scheme}' is no way to a registry.", hint="Use https.")
    if name.scheme == "http" and not insecure:
        raise UserError(
            "insecure protocol http",
            hint="Anyone in between can read and change what comes: allow it with --insecure.",
        )
    return Place(
        base=f"{'http' if insecure else 'https'}://{name.host}",
        repository=f"{name.namespace}/{name.model}",
        tag=name.tag,
    )
