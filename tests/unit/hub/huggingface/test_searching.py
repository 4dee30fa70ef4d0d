import logging
import time

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.huggingface.records import SearchOrder
from helpers.fake_hub import FakeHub
from unit.hub.huggingface.conftest import Ask

GGUF = b"GGUF" + bytes(96)


def test_repositories_with_gguf_files_are_found(fake: FakeHub, ask: Ask) -> None:
    fake.add(
        "user/Tiny-GGUF",
        {"tiny-Q4_0.gguf": GGUF},
        downloads=7,
        likes=3,
        lastModified="2026-05-01T10:00:00.000Z",
        tags=["gguf", "license:apache-2.0", "text-generation"],
        gguf={"total": 1_500_000, "architecture": "llama"},
    )
    fake.add("user/Tiny", {"model.safetensors": b"x"}, tags=["safetensors"])
    (found,) = ask().search("tiny")
    assert found.repo_id == "user/Tiny-GGUF"
    assert (found.downloads, found.likes, found.is_gated) == (7, 3, False)
    assert found.updated_at == 1777629600.0
    assert found.licence == "apache-2.0"
    assert (found.parameter_count, found.architecture) == (1_500_000, "llama")
    assert "text-generation" in found.tags


def test_the_order_is_the_hubs(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/one", {}, downloads=1, likes=9, tags=["gguf"])
    fake.add("a/two", {}, downloads=5, likes=2, tags=["gguf"])
    by_downloads = [found.repo_id for found in ask().search("")]
    by_likes = [found.repo_id for found in ask().search("", order=SearchOrder.LIKES)]
    assert (by_downloads, by_likes) == (["a/two", "a/one"], ["a/one", "a/two"])


def test_pages_are_followed_up_to_the_limit(fake: FakeHub, ask: Ask) -> None:
    fake.page_size = 10
    for number in range(35):
        fake.add(f"a/model-{number}", {}, downloads=number, tags=["gguf"])
    found = ask().search("model", limit=25)
    assert [each.downloads for each in found] == list(range(34, 9, -1))
    assert len(fake.asked("GET /api/models$")) == 3


def test_what_strangers_wrote_is_harmless_and_nonsense_is_left_out(fake: FakeHub, ask: Ask) -> None:
    fake.add("../../etc", {}, tags=["gguf"])
    fake.add("a/good", {}, tags=["gguf", "x\x1b[2Jy", 7, "y" * 5000], downloads=-4, likes="many")
    (found,) = ask().search("")
    assert found.repo_id == "a/good"
    assert found.tags[1] == "x\\x1b[2Jy"
    assert max(map(len, found.tags)) <= 100
    assert (found.downloads, found.likes) == (0, 0)


def test_a_gated_repository_is_marked(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/gated", {}, tags=["gguf"]).gated = True
    assert ask().search("gated")[0].is_gated


def test_a_hub_that_was_asked_too_often_says_when_to_come_back(fake: FakeHub, ask: Ask) -> None:
    fake.fail("GET /api/models", status=429, headers={"Retry-After": "290"})
    with pytest.raises(ExternalError, match="too often") as error:
        ask().search("x")
    assert "290 seconds" in error.value.hint
    assert len(fake.seen) == 1  # it did not wait, nor ask again


def test_an_error_of_the_hub_comes_at_once(fake: FakeHub, ask: Ask) -> None:
    fake.fail("GET /api/models", status=503)
    with pytest.raises(ExternalError, match="503"):
        ask().search("x")
    assert len(fake.seen) == 1


def test_an_answer_that_makes_no_sense_is_told(fake: FakeHub, ask: Ask) -> None:
    fake.fail("GET /api/models", status=200, body=b"<html>log in to the hotel's network</html>")
    with pytest.raises(ExternalError, match="makes no sense"):
        ask().search("x")


def test_a_hub_that_is_not_there_is_told_at_once(ask: Ask) -> None:
    from corral.hub.huggingface.hub import HuggingFace
    from corral.hub.network import Network

    hub = HuggingFace(Network(hub_endpoint="http://127.0.0.1:1"))
    started = time.monotonic()
    with pytest.raises(ExternalError, match=r"127\.0\.0\.1:1 cannot be reached"):
        hub.search("x")
    assert time.monotonic() - started < 5  # and not after half a minute of tries


def test_an_answer_that_was_cut_is_asked_for_again(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/b", {}, tags=["gguf"])
    fake.fail("GET /api/models", cut_after=10)
    assert len(ask().search("")) == 1
    assert len(fake.seen) == 2


def test_a_silent_hub_ends_the_question(fake: FakeHub, ask: Ask) -> None:
    fake.fail("GET /api/models", pause_s=1.5)
    with pytest.raises(ExternalError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        ask(timeout_s=0.2).search("x")


def test_a_token_goes_to_the_hub_and_into_no_log(
    fake: FakeHub, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    fake.log_in("hf_verysecret", "ada")
    caplog.set_level(logging.DEBUG)
    hub = ask("hf_verysecret")
    hub.search("x")
    logging.getLogger("huggingface_hub").setLevel(logging.DEBUG)
    assert hub.whoami().name == "ada"
    hub.search("x")
    assert {seen.token for seen in fake.seen} == {"hf_verysecret"}
    assert caplog.records
    assert "verysecret" not in caplog.text
    assert "verysecret" not in repr(hub.__dict__)


def test_without_a_token_none_is_sent_whatever_lies_around(
    fake: FakeHub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_program")
    ask().search("x")
    assert "authorization" not in fake.seen[0].headers


def test_whoami_tells_the_account(fake: FakeHub, ask: Ask) -> None:
    fake.log_in("hf_read", "ada", role="read")
    account = ask("hf_read").whoami()
    assert (account.name, account.can_write) == ("ada", False)
    assert account.organizations == ("some-lab",)


def test_a_wrong_token_is_told(fake: FakeHub, ask: Ask) -> None:
    with pytest.raises(UserError, match="does not accept the token"):
        ask("hf_wrong").whoami()
    with pytest.raises(UserError, match="does not accept the token"):
        ask("hf_wrong").repository("a/b")


def test_nobody_is_nobody(ask: Ask) -> None:
    with pytest.raises(UserError, match="not logged in"):
        ask().whoami()


def test_questions_go_through_the_proxy_that_is_set(
    fake: FakeHub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corral.hub.network import Network

    # This computer is never reached through a proxy; the fake hub is one only by its address.
    monkeypatch.setattr(Network, "proxy_for", lambda self, url: self.proxy)
    fake.add("a/proxied", {}, tags=["gguf"])
    way = Network(hub_endpoint="http://hub.invalid", proxy=fake.endpoint)
    from corral.hub.huggingface.hub import HuggingFace

    (found,) = HuggingFace(way).search("proxied")
    assert found.repo_id == "a/proxied"
    assert fake.seen[0].host == "hub.invalid"
