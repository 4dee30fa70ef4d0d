"""What an imported file is called, and which model was probably meant."""

import re
from collections.abc import Iterable
from pathlib import Path

from corral.errors import UserError
from corral.gguf.shards import shard_name
from corral.library.names import DEFAULT_TAG, LONGEST_PART, Name, parse_name, without_latest

# What file names end in when they tell the quantization: Q4_K_M, IQ2_XXS, UD-Q5_K_XL, F16, MXFP4 …
_QUANTIZATION = re.compile(
    r"^(?P<model>.+?)[.\-_ ]"
    r"(?P<tag>(?:UD-)?I?Q[1-8](?:_[A-Z0-9]+)*|TQ[12]_0|B?F16|F32|(?:MX|NV)FP4(?:_MOE)?)$",
    re.IGNORECASE,
)
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.-]+")


def default_name(path: Path, quantization: str) -> Name:
    """Return what a file is to be called: its stem in lower case, the quantization as tag.

    Args:
        path: The file.
        quantization: What its header says, used when the file name does not say it.
    """
    stem = path.stem if path.suffix.lower() == ".gguf" else path.name
    if shard := shard_name(path.name):
        stem = shard.prefix
    model, tag = split_quantization(stem)
    tag = tag or quantization
    return Name(model=_part(model) or "model", tag=_part(tag) or DEFAULT_TAG)


def split_quantization(stem: str) -> tuple[str, str]:
    """Return what a file name says of the model and of the quantization, "" if not said."""
    found = _QUANTIZATION.match(stem)
    return (found["model"], found["tag"]) if found else (stem, "")


def numbered(name: Name, number: int) -> Name:
    """Return the name with a number behind the model: "x:q4_0" gives "x-2:q4_0"."""
    ending = f"-{number}"
    model = name.model[: LONGEST_PART - len(ending)] + ending
    return Name(model=model, tag=name.tag, namespace=name.namespace, host=name.host)


def closest(wanted: Name, names: Iterable[Name]) -> list[str]:
    """Return up to three short names like `wanted`, the likeliest first."""
    by_short = {name.short: name for name in names}
    same_model = [
        short for short, name in by_short.items() if name.model.lower() == wanted.model.lower()
    ]
    import difflib  # lazy: only those who mistype need it

    # Without the tag that all have: "my-m:latest" is not like "empty:latest".
    by_said = {without_latest(short): short for short in by_short}
    alike = difflib.get_close_matches(without_latest(wanted.short), by_said, n=3, cutoff=0.5)
    return list(dict.fromkeys([*sorted(same_model), *(by_said[said] for said in alike)]))[:3]


def origin(model_name: str, parent_name: str | None) -> str:
    """Return from which model a saved conversation is said to come: the parent if it has a name.

    Source: Ollama's ``/save``.
    """
    if parent_name is None:
        return model_name
    try:
        parse_name(parent_name)
    except UserError:
        return model_name
    return parent_name


def _part(text: str) -> str:
    return _NOT_ALLOWED.sub("-", text.lower()).strip("-.")[:LONGEST_PART]
