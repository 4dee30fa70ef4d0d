"""How the network is reached: proxy, certificates, time limits. Nothing connects by itself."""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from corral.errors import UserError
from corral.settings import Settings

HUB_ENDPOINT = "https://huggingface.co"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What every connection goes by.

    Attributes:
        proxy: Address of a proxy; "" takes the environment's (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
        ca_file: Certificates to trust beside the system's, PEM; None for none.
        hub_endpoint: Where Hugging Face, or a mirror of it, is.
        connect_timeout_s: How long a connection may take to come about.
        timeout_s: How long it may be silent; then it is stalled.
    """

    proxy: str = ""
    ca_file: Path | None = None
    hub_endpoint: str = HUB_ENDPOINT
    connect_timeout_s: float = 10.0
    timeout_s: float = 30.0

    def proxy_for(self, url: str) -> str:
        """Return the proxy for an address, "" for a direct connection.

        This computer, and what the environment exempts, is reached directly.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_this_computer(host) or proxy_bypass(host):
            return ""
        found = getproxies()
        return self.proxy or found.get(parts.scheme) or found.get("all") or ""

    def ssl_context(self) -> ssl.SSLContext:
        """Return the context of encrypted connections: the system's trust, and `ca_file`.

        Raises:
            UserError: If `ca_file` cannot be used.
        """
        import truststore  # lazy: registries on this computer need no certificates

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca_file:
            try:
                context.load_verify_locations(cafile=self.ca_file)
            except OSError as error:  # an ssl.SSLError is one too
                raise UserError(
                    f"The certificates in {self.ca_file} cannot be used: "
                    f"{error.strerror or error.args[0]}.",
                    hint="Choose a file of certificates in PEM form, or none.",
                ) from error
        return context


def network_of(settings: Settings) -> Network:
    """Return the network that the user's settings ask for."""
    return Network(
        proxy=settings.proxy,
        ca_file=Path(settings.ca_file).expanduser() if settings.ca_file else None,
        hub_endpoint=settings.hub_endpoint.rstrip("/") or HUB_ENDPOINT,
    )


def is_this_computer(host: str) -> bool:
    """Tell whether a host name or address always means this computer."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
