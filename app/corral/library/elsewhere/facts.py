"""What lists show of a GGUF file, remembered so that each file is read once and never again."""

import json
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import inf
from pathlib import Path

from corral import __version__
from corral.errors import CorralError, ExternalError
from corral.foreign import safe_line
from corral.gguf.cache import HeaderCache
from corral.gguf.errors import GgufError
from corral.gguf.header import Header
from corral.gguf.shards import join_headers
from corral.library.elsewhere.walking import FoundFile
from corral.library.figures import Figures, capabilities, figures_of
from corral.library.model import Capability
from corral.settings import write_atomically

logger = logging.getLogger(__name__)
_SCHEMA = 1
# What could not be opened is tried again after this time.
_RETRIED_AFTER_S = 5.0
# Files that were not seen for long make room beyond this number.
_KEPT = 20_000


class Role(StrEnum):
    """What a GGUF file is for."""

    MODEL = "model"
    PROJECTOR = "projector"
    ADAPTER = "adapter"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the header of a file says, or of the files of a split model together.

    Attributes:
        role: What it is for.
        problem: Why it cannot be used, "" when it can as far as its header tells.
        architecture: Such as "llama".
        quantization: Such as "Q4_K_M".
        split_count: Of how many files it is one.
        projection_length: Of a projector: the length of what it gives to the model, 0 if unknown.
        context_length: As in `Figures`, so with those below.
        embedding_length: See there.
        parameter_count: See there.
        active_parameter_count: See there.
        capabilities: What it makes possible.
    """

    role: Role
    problem: str = ""
    architecture: str = ""
    quantization: str = ""
    split_count: int = 1
    projection_length: int = 0
    context_length: int = 0
    embedding_length: int = 0
    parameter_count: int = 0
    active_parameter_count: int = 0
    capabilities: tuple[Capability, ...] = ()


class NotReadYet(Exception):  # noqa: N818 (a way out, not an error)
    """There is no time to read a file now."""


class FactsMemory:
    """The facts of all files that were seen, by their identity: one small file on disk.

    Args:
        file: Where they are kept; it can be lost.
        headers: Where the headers of GGUF files are read from.

    Thread: any.
    """

    def __init__(self, file: Path, headers: HeaderCache) -> None:
        self._file = file
        self._headers = headers
        self._read_until = inf
        self._has_read = False
        self._refused: dict[str, tuple[float, Facts]] = {}
        self._lock = threading.Lock()
        self._known: dict[str, Facts] | None = None
        self._is_changed = False

    def begin(self, patience_s: float) -> None:
        """Read new files for so long from now on, but at least one."""
        self._read_until, self._has_read = time.monotonic() + patience_s, False

    def facts(self, files: Sequence[FoundFile]) -> Facts:
        """Return the facts of a file, or of all files of a split model in their order.

        Raises:
            NotReadYet: If they are not known and it is too late to read.
        """
        key = " ".join("-".join(format(n, "x") for n in file.identity) for file in files)
        if facts := self._remembered(key):
            return facts
        if self._has_read and time.monotonic() >= self._read_until:
            raise NotReadYet
        self._has_read = True
        facts, is_lasting = _read(self._headers, files)
        if not is_lasting:
            self._refused[key] = time.monotonic(), facts
            return facts
        with self._lock:
            self._loaded()[key] = facts
            self._is_changed = True
        return facts

    def _remembered(self, key: str) -> Facts | None:
        with self._lock:
            known = self._loaded()
            if facts := known.pop(key, None):
                known[key] = facts  # the last seen are the last to go
                return facts
        refused_at, facts = self._refused.get(key, (-inf, None))
        return facts if time.monotonic() < refused_at + _RETRIED_AFTER_S else None

    def _loaded(self) -> dict[str, Facts]:
        if self._known is None:
            self._known = _load(self._file)
        return self._known

    def keep(self) -> None:
        """Write what is new to disk."""
        with self._lock:
            if not self._is_changed or self._known is None:
                return
            self._is_changed = False
            kept = dict(list(self._known.items())[-_KEPT:])
        record = {
            "schema": _SCHEMA,
            "version": __version__,
            "files": {key: asdict(facts) for key, facts in kept.items()},
        }
        try:
            write_atomically(self._file, json.dumps(record, separators=(",", ":")))
        except ExternalError as error:  # a full disk costs time at the next start, no more
            logger.warning("What was found of models elsewhere could not be kept: %s", error)


def _load(file: Path) -> dict[str, Facts]:
    try:
        record = json.loads(file.read_bytes())
        if (record["schema"], record["version"]) != (_SCHEMA, __version__):  # it may read more now
            return {}
        return {key: _facts_from_json(fields) for key, fields in record["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _facts_from_json(fields: dict[str, object]) -> Facts:
    told = fields["capabilities"]
    if not isinstance(told, list):
        raise TypeError
    return Facts(
        role=Role(_text(fields["role"])),
        problem=_text(fields["problem"]),
        architecture=_text(fields["architecture"]),
        quantization=_text(fields["quantization"]),
        split_count=_whole(fields["split_count"]),
        projection_length=_whole(fields["projection_length"]),
        context_length=_whole(fields["context_length"]),
        embedding_length=_whole(fields["embedding_length"]),
        parameter_count=_whole(fields["parameter_count"]),
        active_parameter_count=_whole(fields["active_parameter_count"]),
        capabilities=tuple(map(Capability, told)),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _read(headers: HeaderCache, files: Sequence[FoundFile]) -> tuple[Facts, bool]:
    """Return the facts, and whether they hold as long as the files stay as they are."""
    try:
        return _facts_of([headers.read(file.path) for file in files]), True
    except CorralError as error:
        problem = safe_line(str(error))
        return Facts(role=Role.OTHER, problem=problem), isinstance(error, GgufError)


def _facts_of(read: Sequence[Header]) -> Facts:
    first = read[0]
    _check_layouts(read)
    if first.is_projector:
        return _projector(first)
    if first.is_adapter:
        problem = "It is a LoRA adapter: a part that a Modelfile adds to a model."
        return _facts(first, Role.ADAPTER, problem)
    if len(read) > 1:
        return _facts(join_headers(read), Role.MODEL)
    return _facts(first, Role.MODEL, _obstacle(first))


def _check_layouts(headers: Sequence[Header]) -> None:
    from corral.gguf.check import check_tensors  # lazy: each file is looked at once, ever

    for header in headers:
        if header.tensors or header.split_count == 1:  # one of several may hold metadata alone
            check_tensors(header)


def _obstacle(header: Header) -> str:
    if header.value("general.type", "model") not in {"", "model"}:
        kind = safe_line(header.value("general.type", ""), 40)
        return f"It holds no model: its type is '{kind}'."
    if not header.architecture:
        return "It does not say its architecture."
    return ""


def _facts(header: Header, role: Role, problem: str = "") -> Facts:
    figures = figures_of(header)
    return Facts(
        role=role,
        problem=problem,
        architecture=safe_line(header.architecture, 40),
        quantization=header.quantization,
        split_count=header.split_count,
        context_length=figures.context_length,
        embedding_length=figures.embedding_length,
        parameter_count=figures.parameter_count,
        active_parameter_count=figures.active_parameter_count,
        capabilities=capabilities(figures, template=None, config={}, projectors=()),
    )


def _projector(header: Header) -> Facts:
    lengths = (header.value(f"clip.{kind}.projection_dim", 0) for kind in ("vision", "audio"))
    return Facts(
        role=Role.PROJECTOR,
        problem="It is a projector, the eyes or ears of a model, and none here fits it.",
        architecture=safe_line(header.architecture, 40),
        quantization=header.quantization,
        projection_length=next(filter(None, lengths), 0),
        capabilities=capabilities(Figures(), template=None, config={}, projectors=[header]),
    )
