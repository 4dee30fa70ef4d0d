"""What the window says of a transfer."""

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from corral.foreign import safe_line
from corral.gui.service_phrases import translated
from corral.units import duration, file_size
from corral.workbench.transfer import Transfer, TransferKind, TransferState

translate = QCoreApplication.translate


def title(transfer: Transfer) -> str:
    """Return what is transferred, and which way."""
    name = safe_line(transfer.title, 200)
    match transfer.kind:
        case TransferKind.PULL | TransferKind.DOWNLOAD:
            return name
        case TransferKind.PUSH | TransferKind.UPLOAD:
            return translate("Transfers", "%1, to the network").replace("%1", name)


def state(transfer: Transfer) -> str:
    """Return where it stands, with figures where there are some."""
    match transfer.state:
        case TransferState.QUEUED:
            return translate("Transfers", "waits for its turn")
        case TransferState.RUNNING:
            return _running(transfer)
        case TransferState.PAUSED:
            return _with_amount(translate("Transfers", "paused"), transfer)
        case TransferState.DONE:
            return _with_time(translate("Transfers", "done"), transfer)
        case TransferState.CANCELLED:
            text = translate("Transfers", "cancelled; what has arrived is kept for a while")
            return _with_time(text, transfer)
        case TransferState.FAILED:
            return " ".join(safe_line(text, 500) for text in (transfer.error, transfer.hint))


def percent(transfer: Transfer) -> int | None:
    """Return how far it is, None when that is not known."""
    progress = transfer.progress
    if transfer.state is TransferState.DONE:
        return 100
    return 100 * progress.done // progress.total if progress.total else None


def summary(transfers: tuple[Transfer, ...]) -> str:
    """Return the running transfers in a few words for the status line, "" for none."""
    running = [each for each in transfers if each.state is TransferState.RUNNING]
    if not running:
        return ""
    rate = sum(each.bytes_per_s for each in running)
    text = translate("Transfers", "transfers: %1").replace("%1", str(len(running)))
    return f"{text} · {_rate(rate)}" if rate else text


def _running(transfer: Transfer) -> str:
    parts = [_with_amount(translated(transfer.progress.phase), transfer)]
    if transfer.bytes_per_s:
        parts.append(_rate(transfer.bytes_per_s))
    if transfer.seconds_left is not None:
        left = translate("Transfers", "%1 left, estimated")
        parts.append(left.replace("%1", duration(transfer.seconds_left)))
    return " · ".join(parts)


def _with_amount(text: str, transfer: Transfer) -> str:
    progress = transfer.progress
    if progress.unit != "bytes" or not progress.total:
        return text
    return f"{text} · {file_size(progress.done)} / {file_size(progress.total)}"


def _with_time(text: str, transfer: Transfer) -> str:
    """Add when it ended: not how long ago, which would be wrong a minute later."""
    if not transfer.ended_at:
        return text
    ended = QDateTime.fromSecsSinceEpoch(int(transfer.ended_at))
    return f"{text} · {QLocale().toString(ended, QLocale.FormatType.ShortFormat)}"


def _rate(bytes_per_s: float) -> str:
    return translate("Transfers", "%1/s").replace("%1", file_size(int(bytes_per_s)))
