"""llama.cpp's account is believed only after it was right about a known model."""

import time

import pytest

from corral.errors import ExternalError
from corral.llama import build, device_structs, self_test
from corral.llama.breakdown import breakdown_lines
from corral.llama.library import LlamaLibrary
from corral.llama.self_test import SelfTest
from corral.plan.plan import Line
from helpers.headers import make_machine

CARDS = make_machine(64, 24).gpus


def test_the_account_of_this_build_is_right(library: LlamaLibrary) -> None:
    started = time.perf_counter()
    test = SelfTest(library)
    test.check(CARDS)
    print(f"asked in {(time.perf_counter() - started) * 1e3:.0f} ms")
    assert (test.fault, test.cards_fault) == ("", "")


def test_a_release_that_is_not_known_is_not_believed(
    library: LlamaLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_test, "engine_release", lambda: "0.4.0")
    with pytest.raises(ExternalError, match=r"llama-cpp-python 0\.4\.0 is installed.* 0\.3\.36"):
        SelfTest(library).check()


def test_wrong_figures_are_noticed(library: LlamaLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(*arguments: object) -> tuple[Line, ...]:
        first, *others = breakdown_lines(*arguments)  # type: ignore[arg-type]
        return (first, *others[1:])

    monkeypatch.setattr(self_test, "breakdown_lines", swapped)
    with pytest.raises(ExternalError, match="of a known model it tells"):
        SelfTest(library).check()


def test_other_records_of_devices_cost_only_the_cards_that_are_not_there(
    library: LlamaLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_structs, "API_VERSION", 3)
    test = SelfTest(library)
    test.check()
    with pytest.raises(ExternalError, match="another version"):
        test.check(CARDS)


def test_the_release_that_is_installed_is_one_of_them() -> None:
    assert build.engine_release() in build.KNOWN_RELEASES
