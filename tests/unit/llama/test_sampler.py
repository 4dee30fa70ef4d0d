from dataclasses import asdict

import pytest

from corral.errors import UserError
from corral.llama.library import LlamaLibrary
from corral.llama.sampler import Sampler, SamplerSettings, sampler_settings
from corral.modelfile.catalogue import PARAMETERS


def names(library: LlamaLibrary, **settings: float) -> list[str]:
    sampler = Sampler(library, SamplerSettings(**settings), n_vocab=100)
    api = library.api
    parts = [
        api.llama_sampler_chain_get(sampler.chain, index)
        for index in range(api.llama_sampler_chain_n(sampler.chain))
    ]
    found = [api.llama_sampler_name(part).decode() for part in parts]
    sampler.close()
    return found


def test_the_defaults_are_those_of_the_catalogue() -> None:
    defaults = {spec.name: spec.default for spec in PARAMETERS.values()}
    settings = asdict(SamplerSettings())
    assert {name: defaults[name] for name in settings} == settings


def test_the_default_chain_has_only_what_changes_something(library: LlamaLibrary) -> None:
    assert names(library) == ["top-k", "top-p", "temp", "dist"]


def test_the_full_chain_is_in_llama_cpps_order(library: LlamaLibrary) -> None:
    assert names(library, repeat_penalty=1.1, typical_p=0.9, min_p=0.05) == [
        "penalties", "top-k", "typical", "top-p", "min-p", "temp", "dist",
    ]  # fmt: skip


def test_temperature_zero_is_greedy_and_keeps_penalties(library: LlamaLibrary) -> None:
    assert names(library, temperature=0.0) == ["greedy"]
    assert names(library, temperature=0.0, presence_penalty=0.5) == ["penalties", "greedy"]
    assert names(library, repeat_penalty=1.1, repeat_last_n=0) == names(library)


def test_other_parameters_are_passed_over_and_numbers_become_their_kind() -> None:
    settings = sampler_settings({"num_ctx": 5, "stop": ("x",), "top_k": 3.0, "temperature": 1})
    assert settings == SamplerSettings(top_k=3, temperature=1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", float("inf")),
        ("top_p", float("nan")),
        ("seed", "random"),
        ("repeat_penalty", -1.0),
    ],
)
def test_absurd_values_are_refused_by_name(name: str, value: float | str) -> None:
    with pytest.raises(UserError, match=name):
        sampler_settings({name: value})
