"""Bytes, counts and durations as people read them.

Files are shown in decimal units as Ollama shows them; memory in KiB, MiB and GiB.
Source: Ollama ``format/bytes.go`` and ``format/format.go`` behaviour, checked against its cases.
"""

from enum import StrEnum

GIB = 1024**3
MIB = 1024**2


def file_size(size_bytes: int) -> str:
    """Return a file's size in decimal units, as Ollama shows it: "4.9 GB"."""
    value, unit = float(size_bytes), "B"
    for step in ("KB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, step
    is_whole = value >= 10 or value == int(value)
    return f"{int(value)} {unit}" if is_whole else f"{value:.1f} {unit}"


def memory_size(size_bytes: int) -> str:
    """Return an amount of memory in binary units: "4.30 GiB", "108 MiB"."""
    if abs(size_bytes) >= GIB:
        return f"{size_bytes / GIB:.2f} GiB"
    if abs(size_bytes) >= 100 * MIB:
        return f"{size_bytes / MIB:.0f} MiB"
    if abs(size_bytes) >= MIB:
        return f"{size_bytes / MIB:.1f} MiB"
    return f"{size_bytes / 1024:.0f} KiB"


def log_size(size_bytes: int) -> str:
    """Return an amount of memory as logs have it, Ollama's too: "4.3 GiB", "1023 B"."""
    value, unit = float(size_bytes), "B"
    for step in ("KiB", "MiB", "GiB"):
        if value < 1024:
            break
        value, unit = value / 1024, step
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def parameter_count(count: int) -> str:
    """Return a number of parameters as Ollama shows it: "134.52M", "8.0B"."""
    for limit, unit, digits in ((10**9, "B", 1), (10**6, "M", 2), (10**3, "K", 0)):
        if count >= limit:
            value = count / limit
            return f"{value:.{0 if value == int(value) else digits}f}{unit}"
    return str(count)


def count(number: int) -> str:
    """Return a whole number with thin groups: "8 192"."""
    return f"{number:,}".replace(",", "\u202f")


def context_size(tokens: int) -> str:
    """Return a context length in short: "8k", "128k", "512"."""
    return f"{tokens // 1024}k" if tokens >= 1024 else str(tokens)


class TimeUnit(StrEnum):
    """What the past is counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def past(seconds: float) -> tuple[int, TimeUnit]:
    """Return a past moment as a number of units; 0 minutes is just now."""
    minutes = max(0, int(seconds // 60))
    hours, days = minutes // 60, minutes // 1440
    if hours < 1:
        return minutes, TimeUnit.MINUTE
    if days < 1:
        return hours, TimeUnit.HOUR
    if days < 14:
        return days, TimeUnit.DAY
    return (days // 7, TimeUnit.WEEK) if days < 60 else (days // 30, TimeUnit.MONTH)


def ago(seconds: float) -> str:
    """Return a past moment in words: "just now", "5 minutes ago", "yesterday"."""
    match past(seconds):
        case 0, _:
            return "just now"
        case 1, TimeUnit.DAY:
            return "yesterday"
        case 1, unit:
            return f"1 {unit} ago"
        case number, unit:
            return f"{number} {unit}s ago"


def duration(seconds: float) -> str:
    """Return how long something takes: "45 s", "3 min", "1 h 20 min"."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
