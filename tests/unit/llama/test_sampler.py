from dataclasses import asdict

import pytest

from corral.errors import UserError
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.llama.sampler import Sampler
from corral.llama.sampler_settings import ExtraSettings, SamplerSettings, sampler_settings
from corral.modelfile.catalogue import PARAMETERS


def names(library: LlamaLibrary, model: Model, **settings: object) -> list[str]:
    within = SamplerSettings(**settings).within(512)
    sampler = Sampler(library, within, model.vocabulary)
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
    del settings["extra"], settings["logit_bias"]  # Ollama has no such parameters
    assert {name: defaults[name] for name in settings} == settings


def test_the_default_chain_has_only_what_changes_something(
    library: LlamaLibrary, model: Model
) -> None:
    assert names(library, model) == ["top-k", "top-p", "temp", "dist"]


def test_the_full_chain_is_in_llama_cpps_order(library: LlamaLibrary, model: Model) -> None:
    assert names(library, model, repeat_penalty=1.1, typical_p=0.9, min_p=0.05) == [
        "penalties", "top-k", "typical", "top-p", "min-p", "temp", "dist",
    ]  # fmt: skip


def test_temperature_zero_is_greedy_and_keeps_penalties(
    library: LlamaLibrary, model: Model
) -> None:
    assert names(library, model, temperature=0.0) == ["greedy"]
    assert names(library, model, temperature=0.0, presence_penalty=0.5) == ["penalties", "greedy"]
    assert names(library, model, repeat_penalty=1.1, repeat_last_n=0) == names(library, model)


def test_what_ollama_does_not_have_stands_in_llama_cpps_order(
    library: LlamaLibrary, model: Model
) -> None:
    extra = ExtraSettings(
        dry_multiplier=0.8, top_n_sigma=1.0, xtc_probability=0.5, dynatemp_range=0.3
    )
    found = names(
        library, model, extra=extra, repeat_penalty=1.1, min_p=0.1, logit_bias=((5, 1.0),)
    )
    assert found == [
        "logit-bias", "penalties", "dry", "top-n-sigma", "top-k", "top-p", "min-p", "xtc",
        "temp-ext", "dist",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "name"), [(1, "mirostat"), (2, "mirostat-v2")])
def test_mirostat_takes_the_place_of_the_cuts(
    library: LlamaLibrary, model: Model, version: int, name: str
) -> None:
    assert names(library, model, extra=ExtraSettings(mirostat=version)) == ["temp", name]


def test_nothing_looks_back_beyond_the_context() -> None:
    extra = ExtraSettings(dry_multiplier=1.0)
    settings = SamplerSettings(repeat_last_n=2**40, repeat_penalty=2.0, extra=extra).within(512)
    assert settings.repeat_last_n == settings.extra.dry_penalty_last_n == settings.lookback == 512


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
        ("mirostat", 3),
        ("xtc_threshold", "low"),
        ("top_k", 10**12),
        ("seed", -2),
        ("seed", 2**32),
        ("repeat_last_n", -(10**12)),
        ("dry_allowed_length", -1),
    ],
)
def test_absurd_values_are_refused_by_name(name: str, value: float | str) -> None:
    with pytest.raises(UserError, match=name):
        sampler_settings({name: value})
