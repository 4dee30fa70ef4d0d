"""Addresses that strangers hand out, as in redirects: which of them are gone to."""

from urllib.parse import SplitResult, urljoin, urlsplit

from corral.errors import ExternalError
from corral.foreign import safe_line

_PORTS = {"http": 80, "https": 443}


def split_address(url: str) -> SplitResult:
    """Take an address apart.

    Raises:
        ExternalError: If it is no whole http or https address.
    """
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not url.isascii() or not url.isprintable() or " " in url:
        raise ExternalError(
            f"'{safe_line(url, 120)}' is no address that can be gone to.",
            hint="Only whole http and https addresses are.",
        )
    return parts


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: secrets meant for one origin are never shown to another.

    Raises:
        ExternalError: If it is no address.
    """
    parts = split_address(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS[parts.scheme]


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads.

    Args:
        url: The address that was asked.
        location: What it answered.

    Raises:
        ExternalError: If it leads nowhere, or from an encrypted address to a plain one.
    """
    try:
        target = urljoin(url, location)
    except ValueError:
        target = location
    parts = split_address(target)
    if split_address(url).scheme == "https" and parts.scheme != "https":
        raise ExternalError(
            f"{host_of(url)} redirects to {host_of(target)} without encryption.",
            hint="That is refused: anyone in between could read and change it.",
        )
    return target


def host_of(url: str) -> str:
    """Return host and port of an address, for people."""
    return safe_line(urlsplit(url).netloc.rpartition("@")[2], 120)
