"""Model names: ``[scheme://][host/][namespace/]model[:tag]``.

Source: Ollama ``types/model/name.go`` behaviour, checked against its cases.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

from corral.errors import UserError
from corral.foreign import safe_line

DEFAULT_HOST = "registry.ollama.ai"
DEFAULT_NAMESPACE = "library"
DEFAULT_TAG = "latest"
DEFAULT_SCHEME = "https"
LONGEST_PART = 80

_PARTS = {
    "host": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}", re.ASCII),
    "namespace": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}", re.ASCII),
    "model": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII),
    "tag": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A whole and valid model name.

    Attributes:
        host: Where the model comes from.
        namespace: Whose model it is there.
        model: Its name.
        tag: Which variant.
        scheme: How the host is reached.
    """

    model: str
    tag: str = DEFAULT_TAG
    namespace: str = DEFAULT_NAMESPACE
    host: str = DEFAULT_HOST
    scheme: str = DEFAULT_SCHEME

    def __str__(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def short(self) -> str:
        """The name without the parts that are the default; the tag is always there."""
        if self.host.lower() != DEFAULT_HOST:
            return str(self)
        if self.namespace.lower() != DEFAULT_NAMESPACE:
            return f"{self.namespace}/{self.model}:{self.tag}"
        return f"{self.model}:{self.tag}"

    @property
    def path(self) -> PurePosixPath:
        """Where the manifest lies below the manifests folder."""
        return PurePosixPath(self.host, self.namespace, self.model, self.tag)

    @property
    def key(self) -> str:
        """What two names have in common that differ in case only."""
        return str(self).lower()


def is_valid_part(kind: str, text: str) -> bool:
    """Tell whether `text` may stand as the "host", "namespace", "model" or "tag" of a name."""
    return _PARTS[kind].fullmatch(text) is not None


def parse_name(text: str) -> Name:
    """Read a name and fill in the defaults.

    Raises:
        UserError: If it is not a model name.
    """
    body, tag = text, DEFAULT_TAG
    if text.rfind(":") > text.rfind("/"):
        body, _, tag = text.rpartition(":")
    rest, has_more, model = body.rpartition("/")
    namespace, host, scheme = DEFAULT_NAMESPACE, DEFAULT_HOST, ""
    if has_more:
        rest, has_more, namespace = rest.rpartition("/")
    if has_more:
        scheme, _, host = rest.rpartition("://")
    name = Name(
        host=host, namespace=namespace, model=model, tag=tag, scheme=scheme or DEFAULT_SCHEME
    )
    _check(name, text)
    return name


def name_from_path(path: PurePath) -> Name | None:
    """Return the name of the manifest at `path` below the manifests folder, None if it is none."""
    kinds = ("host", "namespace", "model", "tag")
    if len(path.parts) != len(kinds):
        return None
    if not all(map(is_valid_part, kinds, path.parts)):
        return None
    host, namespace, model, tag = path.parts
    return Name(host=host, namespace=namespace, model=model, tag=tag)


def _check(name: Name, text: str) -> None:
    for kind in ("model", "tag", "namespace", "host"):
        part: str = getattr(name, kind)
        if not is_valid_part(kind, part):
            raise UserError(
                f"invalid model name '{safe_line(text)}'",
                detail=f"The {kind} is '{safe_line(part)}'.",
                hint=(
                    "Write it as name:tag; a part begins with a letter, digit or _, goes on with "
                    f"letters, digits, _ . - and has at most {LONGEST_PART} characters."
                ),
            )


def without_latest(name: str) -> str:
    """Return a name as people write it: "latest" is the tag that goes without saying."""
    return name.removesuffix(f":{DEFAULT_TAG}")
