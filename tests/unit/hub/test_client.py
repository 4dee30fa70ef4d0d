import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.hub.client import Client, NetworkError
from corral.hub.network import Network
from helpers.certificates import make_server_context
from helpers.file_server import Fault, FileServer
from helpers.registry import free_port


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(Network(timeout_s=0.3, connect_timeout_s=2))
    yield client
    client.close()


def get(client: Client, url: str, **headers: str) -> bytes:
    with client.ask("GET", url, headers=headers) as reply:
        assert reply.status == 200
        return reply.read_small(1000)


def test_a_small_answer_is_read(client: Client, server: FileServer) -> None:
    server.files["/a"] = b"hello"
    assert get(client, f"{server.url}/a") == b"hello"
    assert server.requests[0].headers["user-agent"].startswith("corral/")


def test_an_answer_larger_than_expected_is_refused(client: Client, server: FileServer) -> None:
    server.files["/a"] = bytes(1001)
    with pytest.raises(NetworkError, match=r"1,001 bytes of an answer that may have 1,000"):
        get(client, f"{server.url}/a")


def test_silence_ends_in_an_error_that_may_pass(client: Client, server: FileServer) -> None:
    server.files["/a"] = b"hello"
    server.misbehave = lambda _: Fault(stall_after=2)
    with pytest.raises(NetworkError, match="silent") as caught:
        get(client, f"{server.url}/a")
    assert caught.value.is_passing


def test_nobody_there_is_told_in_words(client: Client) -> None:
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:9 cannot be reached"):
        get(client, "http://127.0.0.1:9/a")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "/a", "http://", "http://a b/", "http://[::1/", "a\nb", ""],
)
def test_only_whole_web_addresses_are_gone_to(client: Client, url: str) -> None:
    with pytest.raises(ExternalError, match="no address that can be gone to"):
        get(client, url)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "//[", "http://@/"]
)
def test_redirects_lead_to_web_addresses_only(
    client: Client, server: FileServer, location: str
) -> None:
    server.misbehave = lambda _: Fault(status=302, headers={"Location": location})
    with pytest.raises(ExternalError, match="no address that can be gone to"):
        get(client, f"{server.url}/a")


def test_redirects_in_a_circle_end(client: Client, server: FileServer) -> None:
    server.misbehave = lambda _: Fault(status=302, headers={"Location": "/a"})
    with pytest.raises(NetworkError, match="in a circle"):
        get(client, f"{server.url}/a")
    assert len(server.requests) == 6


def test_a_redirect_within_the_host_keeps_the_secret_and_to_another_port_does_not(
    client: Client, server: FileServer
) -> None:
    with FileServer().running() as other:
        server.files["/b"] = other.files["/c"] = b"x"
        hops = {"/a": "/b", "/b": f"{other.url}/c"}
        server.misbehave = lambda r: Fault(status=307, headers={"Location": hops[r.path]})
        get(client, f"{server.url}/a", Authorization="Bearer secret")
        assert [r.headers.get("authorization") for r in server.requests] == ["Bearer secret"] * 2
        assert "authorization" not in other.requests[0].headers


def test_redirects_of_uploads_are_left_to_the_caller(client: Client, server: FileServer) -> None:
    server.misbehave = lambda _: Fault(status=307, headers={"Location": "/b"})
    with client.ask("PUT", f"{server.url}/a", body=b"data") as reply:
        assert reply.status == 307
    assert [request.path for request in server.requests] == ["/a"]


def test_encrypted_answers_need_a_trusted_certificate(server: FileServer, tmp_path: Path) -> None:
    context, ca_file = make_server_context(tmp_path)
    server.encrypt(context)
    server.files["/a"] = b"hello"
    stranger, friend = Client(Network()), Client(Network(ca_file=ca_file))
    with pytest.raises(NetworkError, match="no certificate that this computer trusts"):
        get(stranger, f"{server.url}/a")
    assert get(friend, f"{server.url}/a") == b"hello"
    server.misbehave = lambda _: Fault(status=302, headers={"Location": "http://127.0.0.1:9/"})
    with pytest.raises(ExternalError, match="without encryption"):
        get(friend, f"{server.url}/a")
    friend.close()


def test_a_server_without_encryption_is_not_taken_for_one_with_a_bad_certificate(
    client: Client, server: FileServer
) -> None:
    with pytest.raises(NetworkError, match="does not speak HTTPS") as caught:
        get(client, f"{server.url.replace('http:', 'https:')}/a")
    assert "--insecure" in caught.value.hint


def test_a_refused_connection_is_told_in_the_systems_words(client: Client) -> None:
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        get(client, f"http://127.0.0.1:{free_port()}/a")
    assert caught.value.detail == f"[Errno {errno.ECONNREFUSED}] Connection refused"


def test_a_proxy_is_gone_through_with_its_password(server: FileServer) -> None:
    server.files["/a"] = b"by way of the proxy"
    proxy = server.url.replace("//", "//user:pass%20word@")
    client = Client(Network(proxy=proxy))
    assert get(client, "http://registry.example/a") == b"by way of the proxy"
    assert server.requests[0].headers["host"] == "registry.example"
    assert server.requests[0].headers["proxy-authorization"].startswith("Basic ")
    client.close()
