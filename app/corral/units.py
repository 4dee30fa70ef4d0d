"""Bytes, counts and durations as people read them.

Files are shown in decimal units as Ollama shows them; memory in KiB, MiB and GiB.
Source: Ollama ``format/bytes.go`` and ``format/format.go`` behaviour, checked against its cases.
"""

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


def ago(seconds: float) -> str:
    """Return a past moment in words: "just now", "5 minutes ago", "yesterday"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
    hours = minutes // 60
    if hours < 24:
        return "1 hour ago" if hours == 1 else f"{hours} hours ago"
    days = hours // 24
    if days < 14:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 60 else f"{days // 30} months ago"
