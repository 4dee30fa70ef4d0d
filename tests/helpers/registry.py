"""A real registry on loopback: Debian's docker-registry, with or without sign-in."""

import base64
import hashlib
import json
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from helpers.certificates import make_certificate

SERVICE = "test-registry"


class DockerRegistry:
    """One registry with its files in a folder; it may be stopped and started again.

    Args:
        folder: Where its configuration and blobs are.
        realm: Address of a token server, "" for a registry that everyone may use.
        bundle: Certificate of that server's key.
    """

    def __init__(self, folder: Path, realm: str = "", bundle: Path | None = None) -> None:
        program = shutil.which("docker-registry")
        if program is None:
            pytest.skip("docker-registry is not installed")
        self.port = free_port()
        self._command = [program, "serve", str(folder / "registry.json")]
        self._log = folder / "registry.log"
        config = {
            "version": 0.1,
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
            "http": {"addr": f"127.0.0.1:{self.port}"},
        }
        if realm:
            config["auth"] = {
                "token": {
                    "realm": realm,
                    "service": SERVICE,
                    "issuer": SERVICE,
                    "rootcertbundle": str(bundle),
                }
            }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "registry.json").write_text(json.dumps(config))  # JSON is YAML

    @property
    def host(self) -> str:
        """Host and port, as names of models have them."""
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["DockerRegistry"]:
        """Serve within the block."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        try:
            wait_for_port(self.port, self._process)
            yield self
        finally:
            self.kill()

    def kill(self) -> None:
        """Let it die."""
        self._process.kill()
        self._process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/v2/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError("the registry did not start")


class TokenServer:
    """Gives tokens to those whose key it knows, as ollama.com does.

    Attributes:
        known: Public keys that may have tokens.
        asked: Query of each question.
        bundle: Certificate that the registry trusts.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.known: set[str] = set()
        self.asked: list[dict[str, list[str]]] = []
        self.lifetime_s = 60
        self.bundle = folder / "tokens.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        certificate = make_certificate(SERVICE, self._key, SERVICE, self._key, is_ca=True)
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER))]
        handler = type("Handler", (_TokenHandler,), {"tokens": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.realm = f"http://127.0.0.1:{self._server.server_port}/token"

    @contextmanager
    def running(self) -> Iterator["TokenServer"]:
        """Serve within the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def is_signed(self, address: str, authorization: str) -> bool:
        """Tell whether a question is signed by a known key."""
        public, _, signature = authorization.partition(":")
        nothing = base64.b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
        key = serialization.load_ssh_public_key(f"ssh-ed25519 {public}".encode())
        assert isinstance(key, Ed25519PublicKey)
        try:
            key.verify(base64.b64decode(signature), f"GET,{address},{nothing}".encode())
        except InvalidSignature:
            return False
        return f"ssh-ed25519 {public}" in self.known

    def token(self, scopes: list[str]) -> str:
        """Return a token for what is asked for, a JWT."""
        access = [
            {"type": kind, "name": name, "actions": actions.split(",")}
            for kind, name, actions in (scope.split(":") for scope in scopes if scope)
        ]
        now = int(time.time())
        claims = {
            "iss": SERVICE,
            "sub": "tester",
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 5,
            "exp": now + self.lifetime_s,
            "jti": secrets.token_hex(8),
            "access": access,
        }
        header = {"alg": "ES256", "typ": "JWT", "x5c": [each.decode() for each in self._chain]}
        body = f"{_base64(json.dumps(header))}.{_base64(json.dumps(claims))}"
        r, s = decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{body}.{_base64(r.to_bytes(32) + s.to_bytes(32))}"


class _TokenHandler(BaseHTTPRequestHandler):
    tokens: TokenServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.tokens.asked.append(query)
        address = f"http://{self.headers['Host']}{self.path}"
        is_known = self.tokens.is_signed(address, self.headers.get("Authorization", ""))
        scopes = query.get("scope", [])
        body = json.dumps({"token": self.tokens.token(scopes)} if is_known else {}).encode()
        self.send_response(200 if is_known else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _base64(data: str | bytes) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
