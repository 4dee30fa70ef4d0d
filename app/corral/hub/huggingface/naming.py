"""Names: of files in a repository, of quantizations, and of the models they become."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corral.errors import UserError
from corral.foreign import safe_line
from corral.library.names import LONGEST_PART, Name

LIBRARY_HOST = "hf.co"
HOSTS = (LIBRARY_HOST, "huggingface.co", "www.huggingface.co")
# Used when somebody names a repository and no quantization; the first that is there.
PREFERRED = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q5_K_M", "Q8_0")

_REPO_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_LONGEST_PATH = 400
_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_LABEL = re.compile(
    r"(?<![A-Za-z0-9])(?:UD-)?"
    r"(?:I?Q[1-8](?:_[A-Z0-9]+)*|TQ[12]_0|BF16|FP?16|FP?32|(?:MX|NV)FP4(?:_MOE)?)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NOT_IN_NAMESPACE = re.compile(r"[^A-Za-z0-9_-]+")
_NOT_IN_PART = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A model on the hub as people write it.

    Attributes:
        repo_id: "user/repo".
        tag: Quantization or file name, "" when none was given.
    """

    repo_id: str
    tag: str = ""


def is_repo_id(text: str) -> bool:
    """Tell whether a text can be the id of a repository."""
    return _REPO_ID.fullmatch(text) is not None and ".." not in text and "--" not in text


def is_reference(text: str) -> bool:
    """Tell whether a text names something on the hub: "hf.co/user/repo:Q4_K_M", or its address."""
    return _without_scheme(text).partition("/")[0].lower() in HOSTS


def parse_reference(text: str) -> Reference:
    """Read the name of a model on the hub.

    Args:
        text: "hf.co/user/repo:TAG", "user/repo:TAG", or the address of the repository's page.

    Raises:
        UserError: If it is none.
    """
    rest = _without_scheme(text)
    host, _, path = rest.partition("/")
    if host.lower() in HOSTS:
        rest = path
    rest, _, tag = rest.partition(":")
    repo_id = "/".join(rest.rstrip("/").split("/")[:2])
    if not is_repo_id(repo_id):
        raise UserError(
            f"'{safe_line(text, 80)}' is no repository on Hugging Face.",
            hint="Write it as hf.co/user/repo or hf.co/user/repo:Q4_K_M.",
        )
    return Reference(repo_id=repo_id, tag="" if tag.lower() == "latest" else tag)


def _without_scheme(text: str) -> str:
    return text.strip().removeprefix("https://").removeprefix("http://")


def safe_path(path: object) -> str | None:
    """Return the path of a file in a repository if it is one, None if it must not be used."""
    if not isinstance(path, str) or not 0 < len(path) <= _LONGEST_PATH:
        return None
    is_plain = path.isprintable() and "\\" not in path and ":" not in path
    parts = path.split("/")
    return (
        path
        if is_plain and not {"", ".", ".."} & {*parts} and safe_line(path, 999) == path
        else None
    )


def shard_of(path: str) -> tuple[str, int, int] | None:
    """Return stem, number and count of a shard's path, None for a whole file."""
    found = _SHARD.fullmatch(path)
    if not found or not 0 < int(found["number"]) <= int(found["count"]):
        return None
    return found["stem"], int(found["number"]), int(found["count"])


def quantization_of(path: str) -> str:
    """Return the quantization that a path tells in upper case, the file name first; "" if none."""
    for part in reversed(path.split("/")):
        if labels := _LABEL.findall(part):
            return str(labels[-1]).upper().replace("FP16", "F16").replace("FP32", "F32")
    return ""


def is_projector(path: str) -> bool:
    """Tell whether a file is called as vision projectors are."""
    return "mmproj" in path.rpartition("/")[2].lower()


def is_model(path: str) -> bool:
    """Tell whether a file can be a model by its name."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(".gguf") and "imatrix" not in name and not is_projector(path)


def tags_of(stems: Sequence[str]) -> list[str]:
    """Return a tag for each model of a repository.

    Args:
        stems: Paths of the models without ".gguf" and shard numbers.

    Returns:
        The quantization of each, or its file name where another model has the same.
    """
    labels = [quantization_of(stem) for stem in stems]
    tags = [
        label if label and labels.count(label) == 1 else stem.rpartition("/")[2]
        for label, stem in zip(labels, stems, strict=True)
    ]
    tags = [_NOT_IN_PART.sub("-", tag).strip("-.")[-LONGEST_PART:].lstrip("-.") for tag in tags]
    return [tag if tag and tags.count(tag) == 1 else f"file-{i + 1}" for i, tag in enumerate(tags)]


def library_name(repo_id: str, tag: str) -> Name:
    """Return what a model of the hub is called in the library: "hf.co/user/repo:Q4_K_M".

    Characters that a model's name cannot have become "-".
    """
    user, _, repo = repo_id.partition("/")
    return Name(
        host=LIBRARY_HOST,
        namespace=_NOT_IN_NAMESPACE.sub("-", user)[:LONGEST_PART],
        model=_NOT_IN_PART.sub("-", repo)[:LONGEST_PART],
        tag=tag,
    )


def choose(tags: Iterable[str], wanted: str) -> str | None:
    """Return the tag that was meant, None if there is none.

    Args:
        tags: Those that are there, in order of size.
        wanted: Tag or file name, in any case; "" chooses a good quantization.
    """
    known = {tag.lower(): tag for tag in tags}
    if wanted:
        return known.get(wanted.lower().removesuffix(".gguf"))
    preferred = (known.get(label.lower()) for label in PREFERRED)
    return next(filter(None, preferred), next(iter(known.values()), None))
