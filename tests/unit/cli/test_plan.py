"""`corral plan` and `corral doctor`."""

import json
from typing import Any

import pytest

from corral.plan.option_specs import LOAD_OPTIONS
from helpers.command_line import CommandLine
from helpers.homes import STARTER

PARTS = ("weights", "mapped", "kv", "compute", "output", "projector", "adapters", "draft")


def plan(corral: CommandLine, *arguments: str) -> Any:
    outcome = corral("plan", STARTER, "--json", *arguments)
    assert outcome.exit_code == 0, outcome.err
    return json.loads(outcome.out)


def test_the_json_has_the_schema_that_was_promised(corral: CommandLine) -> None:
    made = plan(corral, "--ctx", "512")
    assert list(made)[:8] == [
        "schema", "model", "kind", "fits", "total_bytes", "options", "devices", "lines"
    ]  # fmt: skip
    assert (made["schema"], made["model"], made["kind"]) == (1, STARTER, "exact")
    assert made["fits"] is True
    assert made["options"]["context"]["n_ctx"] == 512
    for device in made["devices"]:
        assert list(device) == [
            "name", "kind", "total_bytes", "free_bytes", *(f"{part}_bytes" for part in PARTS)
        ]  # fmt: skip
    for line in made["lines"]:
        assert set(line) == {"device", "part", "size_bytes", "kind"}


def test_the_sums_of_a_plan_agree(corral: CommandLine) -> None:
    made = plan(corral)
    by_device = sum(device[f"{part}_bytes"] for device in made["devices"] for part in PARTS)
    by_line = sum(line["size_bytes"] for line in made["lines"])
    assert made["total_bytes"] == by_device == by_line


def test_the_options_change_the_plan(corral: CommandLine) -> None:
    def kv_bytes(*arguments: str) -> int:
        return sum(device["kv_bytes"] for device in plan(corral, *arguments)["devices"])

    short = kv_bytes("--ctx", "1024")
    assert kv_bytes("--ctx", "2048") == 2 * short
    # 32 numbers take 64 bytes as f16 and 34 as q8_0.
    assert kv_bytes("--ctx", "1024", "--kv-type", "q8_0") == short // 64 * 34


def test_a_plan_that_does_not_fit_says_so(corral: CommandLine) -> None:
    made = plan(corral, "--ctx", "10000000")
    assert made["fits"] is False
    assert made["total_bytes"] > 10**11
    assert "does not fit" in corral("plan", STARTER, "--ctx", "10000000").out


def test_without_json_the_plan_is_a_table(corral: CommandLine) -> None:
    text = corral("plan", STARTER, "--ctx", "512").out
    for words in ("context 512 tokens", "DEVICE", "WEIGHTS", "KV", "CPU", "MiB", "fits", "exact"):
        assert words in text


@pytest.mark.parametrize(
    "arguments", [("--ctx", "0"), ("--kv-type", "q9"), ("--gpu-layers", "-2"), ("--ctx", "many")]
)
def test_values_that_cannot_be_are_exit_2(corral: CommandLine, arguments: tuple[str, str]) -> None:
    assert corral("plan", STARTER, *arguments).exit_code == 2


def test_doctor_tells_versions_devices_and_what_works(corral: CommandLine) -> None:
    outcome = corral("doctor")
    assert outcome.exit_code == 0, outcome.out
    for words in ("llama-cpp-python", "PySide6", "RAM", "works", "abort", STARTER):
        assert words in outcome.out
    assert "fails" not in outcome.out


def test_doctor_is_exit_3_when_something_fails(corral: CommandLine) -> None:
    outcome = corral("doctor", LLAMA_CPP_LIB_PATH="/nowhere")
    assert outcome.exit_code == 3
    assert "llama.cpp cannot be loaded" in outcome.out
    assert "works" in outcome.out  # what does not need it


def test_a_plan_for_a_machine_that_is_not_there(corral: CommandLine) -> None:
    made = plan(corral, "--on", '2x"RTX 3090"+64GB')
    assert [device["name"] for device in made["devices"]] == ["CUDA0", "CUDA1", "CPU"]
    assert made["machine"] == '2x"RTX 3090"+64GB'
    assert all(device["weights_bytes"] for device in made["devices"][:2])
    assert "GeForce RTX 4090" in corral("plan", STARTER, "--on", "RTX 4090").out


def test_a_machine_is_saved_planned_for_and_forgotten(corral: CommandLine) -> None:
    assert corral("plan", "--on", "RTX 4090+128GB", "--save-machine", "box").exit_code == 0
    assert "RTX 4090+128GB" in corral("plan", "--machines").out
    assert plan(corral, "--on", "box")["devices"][0]["total_bytes"] == 24 * 1024**3
    assert corral("plan", "--forget-machine", "box").exit_code == 0
    assert corral("plan", STARTER, "--on", "box").exit_code == 2


def test_a_card_that_nobody_knows_is_refused(corral: CommandLine) -> None:
    outcome = corral("plan", STARTER, "--on", "RTX 12345")
    assert outcome.exit_code == 2
    assert "--cards" in outcome.err
    assert "GeForce RTX 4090" in corral("plan", "--cards").out


def test_without_a_model_the_plan_asks_for_one(corral: CommandLine) -> None:
    assert corral("plan").exit_code == 2


@pytest.mark.parametrize("goal", ["fastest", "context"])
def test_the_best_ways_to_load_are_found(corral: CommandLine, goal: str) -> None:
    found = json.loads(corral("plan", STARTER, "--on", "RTX 4090", "--fit", goal, "--json").out)
    assert [choice["fits"] for choice in found["choices"]] == [True] * len(found["choices"])
    assert {choice["kind"] for choice in found["choices"]} == {"exact"}
    assert "all on the GPU" in corral("plan", STARTER, "--on", "RTX 4090", "--fit", goal).out


def test_what_a_model_needs_is_a_table_of_machines(corral: CommandLine) -> None:
    assert "GTX 1650" in corral("plan", STARTER, "--needs", "--ctx", "2048").out


def test_the_ledger_shows_what_loads_took(corral: CommandLine) -> None:
    assert corral("run", "quick", "Say hello.").exit_code == 0
    shown = corral("plan", "--ledger").out
    assert "quick" in shown
    assert "+0.0%" in shown
    loads = json.loads(corral("plan", "--ledger", "--json").out)["loads"]
    assert loads[0]["model"].startswith("quick")


def test_the_map_names_each_layer_once_and_sums_up_to_the_plan(corral: CommandLine) -> None:
    made = plan(corral, "--map", "--contexts", "--ctx", "4096")
    [cpu] = made["map"]
    assert cpu["total_bytes"] == made["total_bytes"]
    blocks = [layer["block"] for layer in cpu["layers"] if layer["layer"] == "block"]
    assert blocks == list(range(30))
    tensors = [tensor["name"] for layer in cpu["layers"] for tensor in layer["tensors"]]
    assert len(tensors) == len(set(tensors)) == 272
    assert sum(layer["kv_bytes"] for layer in cpu["layers"]) == 90 * 1024**2
    assert [step["n_ctx"] for step in made["contexts"]] == [4096, 8192]
    assert made["contexts"][1]["is_trained"] is True
    assert [step["kind"] for step in made["contexts"]] == ["exact", "exact"]
    assert made["contexts"][0]["total_bytes"] == made["total_bytes"]


def test_the_map_and_other_contexts_are_tables_too(corral: CommandLine) -> None:
    out = corral("plan", STARTER, "--map", "--contexts", "--on", "RTX 4090").out
    assert "0 to 29" in out
    assert "CUDA0" in out
    assert "8192 (trained)" in out


def test_every_load_option_can_be_asked_by_its_name(corral: CommandLine) -> None:
    made = plan(corral, "--option", "n_ubatch=64", "--option", "load_mode=none", "--ctx", "1024")
    context = made["options"]["context"]
    assert (made["options"]["load_mode"], context["n_ubatch"], context["n_ctx"]) == (
        "none", 64, 1024
    )  # fmt: skip
    assert all(device["mapped_bytes"] == 0 for device in made["devices"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", STARTER, "--option", "n_ctx"), "no load option with a value"),
        (("run", STARTER, "Hi", "--option", "n_batch=0"), "n_batch is 0; it can be 1 to 65,536"),
        (("run", STARTER, "Hi", "--option", "devices=CUDA7"), "There is no device 'CUDA7' here"),
        (("bench", STARTER, "--ctx", "10000000000000"), "it can be 1 to 16,777,216"),
    ],
)
def test_an_absurd_load_option_is_exit_2(
    corral: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    outcome = corral(*arguments)
    assert (outcome.exit_code, outcome.out) == (2, "")
    assert said in outcome.err


def test_the_manual_names_every_load_option(corral: CommandLine) -> None:
    page = corral("help", "options").out
    assert all(f"\n{name} <" in page for name in LOAD_OPTIONS)
