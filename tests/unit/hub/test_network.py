from pathlib import Path

import pytest

from corral.errors import UserError
from corral.hub.network import HUB_ENDPOINT, Network, is_this_computer, network_of
from corral.settings import Settings


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_a_proxy_connections_are_direct() -> None:
    assert Network().proxy_for("https://registry.ollama.ai/v2/") == ""


def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("NO_PROXY", "intern.example")
    network = Network()
    assert network.proxy_for("https://registry.ollama.ai/v2/") == "http://proxy:1"
    assert network.proxy_for("http://registry.ollama.ai/v2/") == ""
    assert network.proxy_for("https://intern.example/") == ""


def test_the_users_proxy_comes_before_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    assert Network(proxy="http://mine:2").proxy_for("https://a.example/") == "http://mine:2"


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1", "[::1]:80", "x.localhost"])
def test_this_computer_is_reached_without_a_proxy(host: str) -> None:
    assert Network(proxy="http://mine:2").proxy_for(f"http://{host}/") == ""


def test_other_computers_are_not_this_one() -> None:
    assert not is_this_computer("localhost.example.org")
    assert not is_this_computer("10.0.0.1")


def test_settings_make_the_network() -> None:
    settings = Settings(proxy="http://p:1", ca_file="/ca.pem", hub_endpoint="https://mirror/")
    network = network_of(settings)
    assert (network.proxy, network.ca_file) == ("http://p:1", Path("/ca.pem"))
    assert network.hub_endpoint == "https://mirror"
    assert network_of(Settings()).hub_endpoint == HUB_ENDPOINT


def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for path in (wrong, tmp_path / "absent.pem"):
        with pytest.raises(UserError, match="cannot be used"):
            Network(ca_file=path).ssl_context()
