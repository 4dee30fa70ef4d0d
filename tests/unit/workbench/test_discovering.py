"""Models elsewhere, asked by the real client on a small hub of our own."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from corral.errors import ExternalError, UserError
from corral.gguf.errors import GgufError
from corral.hub.huggingface.records import SearchOrder
from corral.hub.huggingface.tokens import TokenHome
from corral.places import find_places
from corral.plan.fit import FitKind
from corral.plan.plan import Verdict
from corral.workbench.workbench import Workbench, open_workbench
from helpers.fake_hub import FakeHub, fake_hub
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_model, tiny_tensors
from helpers.models import smollm2_path
from helpers.splits import split_gguf

TINY = gguf_bytes(tiny_metadata(), tiny_tensors())


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        yield hub
    from huggingface_hub.utils import close_session

    close_session()


@pytest_asyncio.fixture
async def bench(fake: FakeHub, corral_home: Path) -> AsyncIterator[Workbench]:
    async with open_workbench(find_places()) as opened:
        opened.settings.change(hub_endpoint=fake.endpoint)
        yield opened


async def test_a_search_finds_repositories_in_the_order_asked_for(
    fake: FakeHub, bench: Workbench
) -> None:
    fake.add("a/one", {}, tags=["gguf"], downloads=1, likes=5)
    fake.add("a/two", {}, tags=["gguf"], downloads=2, likes=3)
    fake.add("a/three", {}, tags=["gguf"], downloads=0, likes=0)
    found = await bench.discovering.search("a/", limit=2)
    assert [each.repo_id for each in found.repositories] == ["a/two", "a/one"]
    assert found.has_more
    liked = await bench.discovering.search("", order=SearchOrder.LIKES)
    assert liked.repositories[0].repo_id == "a/one"
    assert not liked.has_more


async def test_one_header_gives_a_fit_for_all_and_says_what_is_estimated(
    fake: FakeHub, bench: Workbench
) -> None:
    files = {"t-Q8_0.gguf": TINY + bytes(900), "t-Q4_0.gguf": TINY, "t-F16.gguf": TINY + bytes(9)}
    fake.add("a/tiny", files)
    repository = await bench.discovering.repository("hf.co/a/tiny")
    fits = await bench.discovering.fits(repository)
    kinds = {tag: fit.kind for tag, fit in fits.items()}
    assert kinds == {
        "Q4_0": FitKind.FORMULA, "F16": FitKind.ESTIMATED, "Q8_0": FitKind.ESTIMATED,
    }  # fmt: skip
    assert {fit.verdict for fit in fits.values()} == {Verdict.FITS}
    assert {seen.path.rpartition("/")[2] for seen in fake.asked("GET /storage")} == {"t-Q4_0.gguf"}


async def test_a_model_that_is_too_big_is_told_before_it_is_downloaded(
    fake: FakeHub, bench: Workbench
) -> None:
    repo = fake.add("a/big", {"big-Q4_0.gguf": TINY, "big-F32.gguf": TINY + b"x"})
    told = repo.sibling("big-F32.gguf")
    repo.lies["big-F32.gguf"] = {"lfs": {**told["lfs"], "size": 1 << 48}}
    repository = await bench.discovering.repository("a/big")
    fits = await bench.discovering.fits(repository)
    assert fits["F32"].verdict is Verdict.OVER
    assert fits["F32"].size_bytes > 1 << 47


async def test_the_fit_of_a_chosen_file_is_llama_cpps_own_and_the_plan_of_it_stored(
    fake: FakeHub, bench: Workbench
) -> None:
    path = smollm2_path()
    fake.add("a/smol", {"smol-Q4_1.gguf": path.read_bytes()})
    repository = await bench.discovering.repository("a/smol")
    quant = repository.quants[0]
    fit = await bench.discovering.exact_fit(repository, quant)
    sent = sum(len(seen.headers["range"]) > 0 for seen in fake.asked("GET /storage"))
    assert fit.kind is FitKind.EXACT
    assert 0 < sent < 5
    assert fake.sent_bytes < path.stat().st_size / 5
    model = await bench.modelling.import_file(path, "smol").result()
    stored = await bench.planning.exact_plan(model, fit.plan.options)
    assert stored.lines == fit.plan.lines


async def test_a_split_model_is_planned_exactly_too(
    fake: FakeHub, bench: Workbench, tmp_path: Path
) -> None:
    shards = split_gguf(tiny_model(tmp_path / "tiny-F32.gguf"), tmp_path / "shards")
    fake.add("a/split", {path.name: path.read_bytes() for path in shards})
    repository = await bench.discovering.repository("a/split")
    fit = await bench.discovering.exact_fit(repository, repository.quants[0])
    whole = await bench.modelling.import_file(tmp_path / "tiny-F32.gguf", "whole").result()
    stored = await bench.planning.exact_plan(whole, fit.plan.options)
    assert fit.kind is FitKind.EXACT
    assert fit.size_bytes == stored.total_bytes


async def test_what_is_no_model_has_no_fit(fake: FakeHub, bench: Workbench) -> None:
    fake.add("a/junk", {"junk-Q4_0.gguf": b"PK" + bytes(5000)})
    fake.add("a/none", {"README.md": b"#"})
    junk = await bench.discovering.repository("a/junk")
    with pytest.raises(GgufError, match="Not a GGUF file"):
        await bench.discovering.fits(junk)
    assert await bench.discovering.fits(await bench.discovering.repository("a/none")) == {}


async def test_what_is_here_can_be_marked(fake: FakeHub, bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "t.gguf"
    file.write_bytes(TINY)
    await bench.modelling.import_file(file, "mine").result()
    fake.add("a/tiny", {"t-Q4_0.gguf": TINY, "t-Q8_0.gguf": TINY + b"x"})
    repository = await bench.discovering.repository("a/tiny")
    assert await bench.discovering.tags_here(repository) == {"Q4_0"}


async def test_a_model_that_came_in_shards_is_here_by_its_name(
    fake: FakeHub, bench: Workbench, tmp_path: Path
) -> None:
    shards = split_gguf(tiny_model(tmp_path / "tiny-F32.gguf"), tmp_path / "shards")
    fake.add("a/split", {path.name: path.read_bytes() for path in shards})
    repository = await bench.discovering.repository("a/split")
    assert await bench.discovering.tags_here(repository) == set()
    await bench.modelling.import_file(shards[0], "hf.co/a/split:F32").result()
    assert await bench.discovering.tags_here(repository) == {"F32"}


async def test_the_model_card_is_plain_text(fake: FakeHub, bench: Workbench) -> None:
    fake.add("a/tiny", {"README.md": b"# Hi \x1b[31m<img src=file:///etc/passwd>"})
    repository = await bench.discovering.repository("a/tiny")
    text = await bench.discovering.text(repository, repository.texts[0])
    assert text == "# Hi \\x1b[31m<img src=file:///etc/passwd>"


async def test_a_token_is_checked_before_it_is_kept(fake: FakeHub, bench: Workbench) -> None:
    login = bench.discovering.login
    fake.log_in("hf_good", "ada")
    with pytest.raises(UserError, match="does not accept"):
        await login.log_in("hf_wrong", TokenHome.FILE)
    assert not bench.places.tokens_file.exists()
    told = []
    login.changed.subscribe(lambda: told.append(True))
    assert (await login.log_in(" hf_good\n", TokenHome.FILE)).name == "ada"
    state = await login.state()
    assert state.account
    assert (state.account.name, state.home) == ("ada", TokenHome.FILE)
    assert bench.places.tokens_file.stat().st_mode & 0o777 == 0o600
    assert "hf_good" not in bench.places.settings_file.read_text()
    assert await login.log_out()
    assert (await login.state()).home is None
    assert not bench.places.tokens_file.exists()
    assert len(told) == 2


async def test_without_a_keyring_the_user_is_to_be_asked(fake: FakeHub, bench: Workbench) -> None:
    fake.log_in("hf_good", "ada")
    assert not await bench.discovering.login.has_keyring()
    with pytest.raises(ExternalError, match="keyring"):
        await bench.discovering.login.log_in("hf_good", TokenHome.KEYRING)


async def test_after_a_login_questions_are_asked_with_the_token(
    fake: FakeHub, bench: Workbench
) -> None:
    fake.log_in("hf_good", "ada")
    fake.add("a/gated", {"g-Q4_0.gguf": TINY}).gated = True
    repository = await bench.discovering.repository("a/gated")
    with pytest.raises(UserError, match="gated"):
        await bench.discovering.fits(repository)
    await bench.discovering.login.log_in("hf_good", TokenHome.RUN)
    assert "Q4_0" in await bench.discovering.fits(repository)


async def test_another_hub_in_the_settings_counts_from_the_next_question_on(
    fake: FakeHub, bench: Workbench
) -> None:
    fake.log_in("hf_good", "ada")
    await bench.discovering.login.log_in("hf_good", TokenHome.RUN)
    with fake_hub() as mirror:
        mirror.add("m/mirrored", {}, tags=["gguf"])
        bench.settings.change(hub_endpoint=mirror.endpoint)
        found = await bench.discovering.search("mirrored")
        assert [each.repo_id for each in found.repositories] == ["m/mirrored"]
        assert {seen.token for seen in mirror.seen} == {""}


async def test_a_silent_hub_does_not_hold_up_the_end(fake: FakeHub, corral_home: Path) -> None:
    fake.fail("GET /api/models$", pause_s=60)
    fake.add("a/b", {})
    program = (
        "import asyncio\n"
        "from corral.places import find_places\n"
        "from corral.workbench.workbench import open_workbench\n"
        "async def main():\n"
        "    async with open_workbench(find_places()) as bench:\n"
        f"        bench.settings.change(hub_endpoint='{fake.endpoint}')\n"
        "        await bench.discovering.repository('a/b')\n"  # what is imported is there then
        "        task = asyncio.create_task(bench.discovering.search('x'))\n"
        "        await asyncio.sleep(1)\n"
        "        task.cancel()\n"
        "asyncio.run(main())\n"
    )
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-W", "error", "-c", program)
    assert await process.wait() == 0
    assert time.monotonic() - started < 25  # a question has 30 s
    assert fake.asked("GET /api/models$") != []
