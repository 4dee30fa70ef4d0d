"""The sign-in of Ollama's registries: a signed question answered with a token.

Source: Ollama ``server/auth.go`` behaviour.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from corral.errors import ExternalError
from corral.hub.addresses import host_of, split_address
from corral.hub.client import Client, NetworkError
from corral.hub.registry.keys import Key

LARGEST_ANSWER = 1 << 16
# Ollama's registry has its tokens from there.
_OLLAMAS_HOSTS = frozenset({"registry.ollama.ai", "ollama.ai", "ollama.com"})

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^",\s]+))', re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a registry wants first.

    Attributes:
        realm: Where a token is to be had.
        service: For whom.
        scope: For what.
    """

    realm: str
    service: str
    scope: str


def parse_challenge(header: str) -> Challenge | None:
    """Read a WWW-Authenticate header, None if it asks for something other than a token."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    fields = {found[1].lower(): found[2] or found[3] or "" for found in _FIELD.finditer(rest)}
    if not fields.get("realm"):
        return None
    return Challenge(
        realm=fields["realm"], service=fields.get("service", ""), scope=fields.get("scope", "")
    )


def get_token(client: Client, challenge: Challenge, registry: str, key: Key) -> str:
    """Return a token.

    Args:
        client: Asks.
        challenge: What the registry wants.
        registry: Its address; no token is asked for anywhere but at its family.
        key: Signs the question.

    Raises:
        CorralError: If it is not to be had.
    """
    _check_realm(challenge.realm, registry)
    url = _signed_url(challenge)
    nothing = base64.b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
    signature = key.sign(f"GET,{url},{nothing}".encode())
    with client.ask("GET", url, headers={"Authorization": signature}) as reply:
        answer = reply.read_small(LARGEST_ANSWER)
        if reply.status != 200:
            raise NetworkError(
                f"{host_of(url)} gives no token: status {reply.status}.",
                hint=key_hint(key),
                is_passing=reply.status >= 500,
                status=reply.status,
            )
    try:
        fields = json.loads(answer)
        token = fields.get("token") or fields["access_token"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        token = None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise NetworkError(f"{host_of(url)} answered with something that is no token.")
    return token


def key_hint(key: Key) -> str:
    """Return what to do when a registry does not know this computer."""
    return f"Add this key to your account there: {key.public_text}"


def _check_realm(realm: str, registry: str) -> None:
    here, there = split_address(registry), split_address(realm)
    family = _family(here.hostname or "")
    if _family(there.hostname or "") != family or (here.scheme, there.scheme) == ("https", "http"):
        raise ExternalError(
            f"{host_of(registry)} wants a sign-in at {host_of(realm)}, which is refused.",
            hint="A registry may send nobody to sign in elsewhere, or without encryption.",
        )


def _family(host: str) -> str:
    """Return what the hosts of one owner have in common."""
    if host.lower() in _OLLAMAS_HOSTS:
        return "ollama.com"
    is_number = host.replace(".", "").isdigit() or ":" in host
    # Owners of hosts below a public suffix of two parts, as "example.co.uk", must name one host.
    labels = host.lower().split(".")
    keep = 3 if len(labels) > 2 and len(labels[-2]) <= 3 else 2
    return host.lower() if is_number else ".".join(labels[-keep:])


def _signed_url(challenge: Challenge) -> str:
    parts = split_address(challenge.realm)
    fields = parse_qsl(parts.query, keep_blank_values=True)
    fields += [("service", challenge.service)]
    fields += [("scope", scope) for scope in challenge.scope.split(" ")]
    fields += [("ts", str(int(time.time()))), ("nonce", secrets.token_urlsafe(16))]
    return urlunsplit(urlsplit(challenge.realm)._replace(query=urlencode(sorted(fields))))
