"""What is known of one download or upload, now and after a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from corral.jobs import Progress, Ticket

# What a plugged-in kind of transfer is: called once per run, in the event loop, so it imports
# nothing heavy; what it answers blocks in a thread, reports to its ticket, and goes on from where
# an earlier run of the same request ended.
WorkMaker = Callable[["TransferRequest"], Callable[[Ticket], object]]


class TransferKind(StrEnum):
    """Which way, and by which protocol."""

    PULL = "pull"
    PUSH = "push"
    DOWNLOAD = "download"
    UPLOAD = "upload"


class TransferState(StrEnum):
    """Where a transfer stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens unless somebody asks."""
        return self in {TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """What is to be transferred; all that its work needs. It is written to disk: no secrets.

    Attributes:
        kind: Which way.
        subject: Name of the model, or what else the kind goes by.
        options: What else its work must know.
    """

    kind: TransferKind
    subject: str
    options: Mapping[str, str] = field(default_factory=dict)


_WAITING = Progress(phase="Waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One transfer at one moment.

    Attributes:
        id: Its number.
        request: What it is about.
        state: Where it stands.
        progress: How far it has come.
        bytes_per_s: Its rate, 0 when it does not run or nobody knows yet.
        seconds_left: How long the rest will take, None when that cannot be said.
        error: Why it failed, "" if it did not.
        hint: What to do about that.
        started_at: When it was asked for, in seconds since the epoch.
        ended_at: When it ended, 0 before.
    """

    id: int
    request: TransferRequest
    state: TransferState
    progress: Progress = _WAITING
    bytes_per_s: float = 0.0
    seconds_left: float | None = None
    error: str = ""
    hint: str = ""
    started_at: float = 0.0
    ended_at: float = 0.0

    @property
    def kind(self) -> TransferKind:
        """Which way it goes."""
        return self.request.kind

    @property
    def title(self) -> str:
        """What it is called; a stranger's words perhaps."""
        return self.request.subject

    def to_json(self) -> dict[str, object]:
        """Return what is kept on disk."""
        fields = asdict(self)
        del fields["bytes_per_s"], fields["seconds_left"]
        return fields


def read_transfer(fields: Mapping[str, object]) -> Transfer:
    """Return a kept transfer; one that was under way is paused, because nothing connects unasked.

    Raises:
        ValueError: If it makes no sense.
        TypeError: If it makes no sense.
        KeyError: If something is missing.
    """
    request, progress = _object(fields, "request"), _object(fields, "progress")
    transfer = Transfer(
        id=_whole(fields, "id"),
        request=TransferRequest(
            kind=TransferKind(_text(request, "kind")),
            subject=_text(request, "subject"),
            options={name: str(value) for name, value in _object(request, "options").items()},
        ),
        state=TransferState(_text(fields, "state")),
        progress=Progress(
            phase=_text(progress, "phase"),
            done=_whole(progress, "done"),
            total=None if progress["total"] is None else _whole(progress, "total"),
            unit=_text(progress, "unit"),
        ),
        error=_text(fields, "error"),
        hint=_text(fields, "hint"),
        started_at=_number(fields, "started_at"),
        ended_at=_number(fields, "ended_at"),
    )
    return transfer if transfer.state.has_ended else replace(transfer, state=TransferState.PAUSED)


def _object(fields: Mapping[str, object], name: str) -> dict[str, object]:
    value = fields[name]
    if not isinstance(value, dict):
        raise TypeError(name)
    return value


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int):
        raise TypeError(name)
    return value


def _number(fields: Mapping[str, object], name: str) -> float:
    value = fields[name]
    if not isinstance(value, int | float):
        raise TypeError(name)
    return float(value)
